package io.kvasir.placement.oracle;

import java.util.Arrays;
import java.util.OptionalLong;

/** What several wall clocks agree on. Stateless. */
public final class WallTime {

    /** Clocks that differ by no more than this agree, in ms. */
    public static final int SPREAD_MILLIS_MAX = 1_000;

    private WallTime() {}

    /**
     * Returns the offset that a majority of {@code replicas} clocks agrees on: the middle of the closest majority;
     * empty if none lies within {@link #SPREAD_MILLIS_MAX}.
     *
     * @param offsetsMillis offsets of the clocks that were read, at most one a replica
     */
    public static OptionalLong agreedOffset(long[] offsetsMillis, int replicas) {
        int majority = replicas / 2 + 1;
        long[] sorted = offsetsMillis.clone();
        Arrays.sort(sorted);
        int best = -1;
        for (int from = 0; from + majority <= sorted.length; from++) {
            if (spread(sorted, from, majority) <= (best < 0 ? SPREAD_MILLIS_MAX : spread(sorted, best, majority) - 1)) {
                best = from;
            }
        }
        return best < 0 ? OptionalLong.empty() : OptionalLong.of(sorted[best + majority / 2]);
    }

    private static long spread(long[] sorted, int from, int count) {
        return sorted[from + count - 1] - sorted[from];
    }
}
