/** The commands over streams. */
@NullMarked
package io.kvasir.gateway.command.stream;

import org.jspecify.annotations.NullMarked;
