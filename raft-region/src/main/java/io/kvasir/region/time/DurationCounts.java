package io.kvasir.region.time;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often something took how long, in buckets each of which reaches twice as far as the one before: the first to 1
 * us, the last but one to 8.4 s, the last without end. Safe for any thread; adding waits for nobody.
 */
public final class DurationCounts {

    /** Number of buckets. */
    public static final int BUCKETS = 25;

    private static final int FIRST_BITS = 10;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
    private final LongAdder nanos = new LongAdder();

    /** Counts one of {@code tookNanos} ns; a clock that went back counts as 0. */
    public void add(long tookNanos) {
        long took = Math.max(0, tookNanos);
        counts.getAndIncrement(bucketOf(took));
        nanos.add(took);
    }

    /** Adds the counts to {@code sums}, of {@link #BUCKETS} elements. */
    public void addTo(long[] sums) {
        for (int i = 0; i < BUCKETS; i++) {
            sums[i] += counts.get(i);
        }
    }

    /** Returns the sum of all, in ns. */
    public long nanos() {
        return nanos.sum();
    }

    /** Returns what is below the end of {@code bucket}, in ns; {@link Long#MAX_VALUE} for the last. */
    public static long endNanos(int bucket) {
        return bucket == BUCKETS - 1 ? Long.MAX_VALUE : 1L << FIRST_BITS + bucket;
    }

    private static int bucketOf(long nanos) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(nanos >>> FIRST_BITS);
        return Math.min(bits, BUCKETS - 1);
    }
}
