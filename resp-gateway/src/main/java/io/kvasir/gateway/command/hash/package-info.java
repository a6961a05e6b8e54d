/** The commands over hashes. */
@NullMarked
package io.kvasir.gateway.command.hash;

import org.jspecify.annotations.NullMarked;
