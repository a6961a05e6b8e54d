package io.kvasir.gateway.session;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often commands took how long, in buckets that are at most an eighth of their value wide: 0 ns to 2^41 ns, longer
 * ones counted in the last bucket. One thread adds; any thread may read, a little late.
 */
final class LatencyCounts {

    private static final int SUB_BITS = 3;
    private static final int SUB = 1 << SUB_BITS;
    private static final int BUCKETS = (41 - SUB_BITS + 1) * SUB;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

    /** Counts one command of {@code nanos}; by the one thread that adds. */
    void add(long nanos) {
        int bucket = bucketOf(nanos);
        counts.setOpaque(bucket, counts.getPlain(bucket) + 1);
    }

    /** Adds these counts to {@code sums}, of {@link #newSums}. */
    void addTo(long[] sums) {
        for (int i = 0; i < BUCKETS; i++) {
            sums[i] += counts.getOpaque(i);
        }
    }

    /** Sets every count to zero; a command counted meanwhile may survive. */
    void clear() {
        for (int i = 0; i < BUCKETS; i++) {
            counts.setOpaque(i, 0);
        }
    }

    static long[] newSums() {
        return new long[BUCKETS];
    }

    /**
     * Returns the upper bound, in ns, of the bucket in which {@code percent} percent of all counts are reached; 0 if
     * none.
     */
    static long percentile(long[] sums, double percent) {
        long total = 0;
        for (long sum : sums) {
            total += sum;
        }
        long wanted = Math.max(1, (long) Math.ceil(total * percent / 100));
        long seen = 0;
        for (int i = 0; i < sums.length; i++) {
            seen += sums[i];
            if (seen >= wanted) {
                return upperBound(i);
            }
        }
        return 0;
    }

    static int bucketOf(long nanos) {
        if (nanos < SUB) {
            return (int) Math.max(0, nanos);
        }
        int exponent = 63 - Long.numberOfLeadingZeros(nanos);
        int bucket = (exponent - SUB_BITS + 1) * SUB + (int) (nanos >>> exponent - SUB_BITS & SUB - 1);
        return Math.min(bucket, BUCKETS - 1);
    }

    /** Returns the largest value of {@code bucket}. */
    static long upperBound(int bucket) {
        if (bucket < SUB) {
            return bucket;
        }
        int exponent = bucket / SUB + SUB_BITS - 1;
        return ((long) (SUB + bucket % SUB + 1) << exponent - SUB_BITS) - 1;
    }
}
