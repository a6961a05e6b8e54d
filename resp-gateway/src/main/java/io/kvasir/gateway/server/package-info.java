/**
 * The sockets of a gateway: connections, the order of their replies, and their limits. Netty's only home beside the
 * encoder.
 */
@NullMarked
package io.kvasir.gateway.server;

import org.jspecify.annotations.NullMarked;
