/** The commands over the bits of string values, one a file. */
@NullMarked
package io.kvasir.gateway.command.bitmap;

import org.jspecify.annotations.NullMarked;
