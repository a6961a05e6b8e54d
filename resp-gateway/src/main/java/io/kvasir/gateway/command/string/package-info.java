/** The commands over string values, one a file. */
@NullMarked
package io.kvasir.gateway.command.string;

import org.jspecify.annotations.NullMarked;
