package io.kvasir.region.raft;

import io.kvasir.proto.id.StoreId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which stores have fallen silent. Every store sends each of its peers a frame at least every
 * {@link LeaseExchange#BEAT_MILLIS}; any frame counts as a sign of life.
 *
 * <p>Pure: the caller brings the time. Safe for any thread.
 */
final class FailureDetector {

    /** A store that was not heard for so long is taken for dead. It may be wrong; elections are safe without it. */
    static final long SILENCE_NANOS = 2_000_000_000L;

    private final Map<StoreId, Long> heardAt = new ConcurrentHashMap<>();

    /** A frame of {@code store} has arrived. */
    void heard(StoreId store, long now) {
        heardAt.put(store, now);
    }

    /** Returns whether {@code store} is silent; one never heard of is so a silence after it was first asked about. */
    boolean silent(StoreId store, long now) {
        Long heard = heardAt.putIfAbsent(store, now);
        return heard != null && now - heard >= SILENCE_NANOS;
    }
}
