package io.kvasir.proto.time;

/**
 * A timestamp of the oracle in 64 bits: milliseconds since the Unix epoch in the upper 46, a counter in the lower 18.
 *
 * <p>On hot paths it travels as a bare {@code long}, because an object per command and per record would be the largest
 * allocation there; the static methods take that form. Timestamps are positive and compare as signed numbers.
 */
public record Timestamp(long value) implements Comparable<Timestamp> {

    /** Bits of the counter within one millisecond. */
    public static final int LOGICAL_BITS = 18;

    /** Before every issued timestamp. */
    public static final long ZERO = 0;

    public Timestamp {
        if (value < 0) {
            throw new IllegalArgumentException("negative timestamp " + value);
        }
    }

    /** Returns the timestamp with physical part {@code millis} and counter {@code logical}, 0 to 2^18 - 1. */
    public static long of(long millis, int logical) {
        assert millis >= 0 && millis < 1L << 45 : millis;
        assert logical >= 0 && logical < 1 << LOGICAL_BITS : logical;
        return millis << LOGICAL_BITS | logical;
    }

    /** Returns the milliseconds since the Unix epoch in {@code timestamp}. */
    public static long millis(long timestamp) {
        return timestamp >>> LOGICAL_BITS;
    }

    /** Returns the counter within the millisecond of {@code timestamp}. */
    public static int logical(long timestamp) {
        return (int) timestamp & (1 << LOGICAL_BITS) - 1;
    }

    @Override
    public int compareTo(Timestamp other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return millis(value) + "." + logical(value);
    }
}
