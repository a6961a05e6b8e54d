@NullMarked
package io.kvasir.gateway.hyperloglog;

import org.jspecify.annotations.NullMarked;
