package io.kvasir.region.raft;

/**
 * Whether the wall clock and the monotonic clock of this process go on together (rule K38): the monotonic one stands
 * still while a virtual machine does, and a lease measured with it then lasts for too long.
 *
 * <p>Pure: the caller brings the times. Confined to the clock thread.
 */
final class ClockWatch {

    /** Disagreement between two looks that counts, nanoseconds. */
    static final long GAP_NANOS = 100_000_000L;

    private long offset;

    ClockWatch(long wallMillis, long monotonicNanos) {
        offset = offset(wallMillis, monotonicNanos);
    }

    /** Returns by how much the clocks have come to disagree since the last look; 0 if it is little. */
    long gapMillis(long wallMillis, long monotonicNanos) {
        long before = offset;
        offset = offset(wallMillis, monotonicNanos);
        return Math.abs(offset - before) > GAP_NANOS ? (offset - before) / 1_000_000 : 0;
    }

    private static long offset(long wallMillis, long monotonicNanos) {
        return wallMillis * 1_000_000L - monotonicNanos;
    }
}
