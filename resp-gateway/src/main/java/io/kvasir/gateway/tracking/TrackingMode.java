package io.kvasir.gateway.tracking;

import java.util.List;

/**
 * How a client is told of changes ("Redis client-side caching"). Options that exclude each other are refused by the
 * command.
 *
 * @param broadcast whether it hears of all keys with its prefixes, rather than of those it has read
 * @param optIn whether only reads after CLIENT CACHING YES count
 * @param optOut whether reads after CLIENT CACHING NO do not count
 * @param noLoop whether it does not hear of what it changes itself
 * @param redirect the client that hears of it in its place, 0 for none
 * @param prefixes of the keys it hears of if it is broadcast to, one char a byte; none of them begins with another
 */
public record TrackingMode(
        boolean broadcast, boolean optIn, boolean optOut, boolean noLoop, long redirect, List<String> prefixes) {

    public TrackingMode {
        prefixes = List.copyOf(prefixes);
    }
}
