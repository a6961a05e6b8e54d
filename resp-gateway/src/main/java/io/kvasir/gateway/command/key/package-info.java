/** The commands over keys of any type: existence, expiry, names, iteration. */
@NullMarked
package io.kvasir.gateway.command.key;

import org.jspecify.annotations.NullMarked;
