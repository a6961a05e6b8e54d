@NullMarked
package io.kvasir.gateway.command.hyperloglog;

import org.jspecify.annotations.NullMarked;
