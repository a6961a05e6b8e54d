package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The ranges that have a replica in this store. Safe for any thread. */
public final class RangeTable {

    private final ConcurrentHashMap<RegionId, Range> ranges = new ConcurrentHashMap<>();

    /**
     * Adds a replica.
     *
     * @throws IllegalStateException if its region has one already
     */
    public void add(Range range) {
        if (ranges.putIfAbsent(range.descriptor().id(), range) != null) {
            throw new IllegalStateException(
                    "two replicas of " + range.descriptor().id() + " in one store");
        }
    }

    public Optional<Range> find(RegionId region) {
        return Optional.ofNullable(ranges.get(region));
    }

    /** Returns all replicas, in no order. */
    public Collection<Range> all() {
        return ranges.values();
    }
}
