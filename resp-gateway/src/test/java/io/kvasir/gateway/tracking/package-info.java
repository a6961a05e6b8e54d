@NullMarked
package io.kvasir.gateway.tracking;

import org.jspecify.annotations.NullMarked;
