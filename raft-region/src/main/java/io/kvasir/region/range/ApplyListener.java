package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;

/**
 * Hears of every entry as it is applied, in order: blocking commands, keyspace events, client tracking and change
 * capture hang on this one stream. Called by the applying thread of the range, which it must not hold up.
 */
@FunctionalInterface
public interface ApplyListener {

    /** {@code entry}, at raft index {@code index}, is visible in the engine. */
    void applied(RegionId region, long index, Entry entry);

    /** The replica of {@code region} was replaced by a later state: some entries before it will not be heard of. */
    default void skipped(RegionId region) {}
}
