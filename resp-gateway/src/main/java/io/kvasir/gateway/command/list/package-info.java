/** The commands over lists. */
@NullMarked
package io.kvasir.gateway.command.list;

import org.jspecify.annotations.NullMarked;
