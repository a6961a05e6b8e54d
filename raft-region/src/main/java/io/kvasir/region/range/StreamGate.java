package io.kvasir.region.range;

import java.util.concurrent.ConcurrentHashMap;

/** Which generations of which streams a range has refused, see {@link StreamPlace}. Safe for any thread. */
final class StreamGate {

    /** By gateway: the newest refused generation. As many entries as gateways ever met a refusal here. */
    private final ConcurrentHashMap<Long, Long> refused = new ConcurrentHashMap<>();

    void refuse(StreamPlace place) {
        if (place.generation() > 0) {
            refused.merge(place.gateway(), place.generation(), Math::max);
        }
    }

    boolean isRefused(StreamPlace place) {
        if (refused.isEmpty() || place.generation() == 0) {
            return false;
        }
        Long generation = refused.get(place.gateway());
        return generation != null && place.generation() <= generation;
    }
}
