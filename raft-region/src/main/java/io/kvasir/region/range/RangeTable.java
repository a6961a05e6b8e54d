package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The ranges that have a replica in this store. Safe for any thread. */
public final class RangeTable {

    private final ConcurrentHashMap<RegionId, Range> ranges = new ConcurrentHashMap<>();
    private final LockWatch locks = new LockWatch();

    /** Sets who hears of the locks that commands wait for, in all ranges of this store. */
    public void resolveLocksBy(LockWatch.Resolver resolver) {
        locks.resolveBy(resolver);
    }

    /**
     * Adds a replica.
     *
     * @throws IllegalStateException if its region has one already
     */
    public void add(Range range) {
        range.lockWatch().resolveBy(locks::met);
        if (ranges.putIfAbsent(range.descriptor().id(), range) != null) {
            throw new IllegalStateException(
                    "two replicas of " + range.descriptor().id() + " in one store");
        }
    }

    /** Takes {@code range} out; nobody finds it any more. */
    public void remove(Range range) {
        ranges.remove(range.descriptor().id(), range);
    }

    public Optional<Range> find(RegionId region) {
        return Optional.ofNullable(ranges.get(region));
    }

    /** Returns all replicas, in no order. */
    public Collection<Range> all() {
        return ranges.values();
    }

    /** Returns how many reads the replicas have answered. */
    public long readsAnswered() {
        long sum = 0;
        for (Range range : ranges.values()) {
            sum += range.readsAnswered();
        }
        return sum;
    }
}
