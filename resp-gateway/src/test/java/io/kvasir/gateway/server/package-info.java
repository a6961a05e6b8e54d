/** A gateway behind real sockets, over records in memory. */
@NullMarked
package io.kvasir.gateway.server;

import org.jspecify.annotations.NullMarked;
