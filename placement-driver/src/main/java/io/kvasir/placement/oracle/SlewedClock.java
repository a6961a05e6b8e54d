package io.kvasir.placement.oracle;

/**
 * The oracle's physical time: it runs with a monotonic clock, faster or slower by a bounded rate, and never goes back.
 *
 * <p>Immutable: a change of rate makes a new clock that goes on where the old one stands.
 *
 * @param anchorNanos the monotonic instant of the anchor
 * @param anchorPhysicalNanos physical time at the anchor, in ns since the Unix epoch
 * @param ratePpm by how many millionths it runs faster than the monotonic clock
 */
record SlewedClock(long anchorNanos, long anchorPhysicalNanos, int ratePpm) {

    /** The most by which the clock runs faster or slower than the monotonic one, in millionths. */
    static final int RATE_PPM_MAX = 100_000;

    /** An offset is to be gone after so long, if the rate permits. */
    static final int CORRECTION_MILLIS = 10_000;

    static final long NANOS_PER_MILLI = 1_000_000;

    SlewedClock {
        if (Math.abs(ratePpm) > RATE_PPM_MAX || anchorPhysicalNanos < 0) {
            throw new IllegalArgumentException("impossible clock: " + anchorPhysicalNanos + " at " + ratePpm + " ppm");
        }
    }

    static SlewedClock startingAt(long millis, long nowNanos) {
        return new SlewedClock(nowNanos, Math.multiplyExact(millis, NANOS_PER_MILLI), 0);
    }

    /** Returns milliseconds since the Unix epoch at the monotonic instant {@code nowNanos}, rounded down. */
    long millis(long nowNanos) {
        return physicalNanos(nowNanos) / NANOS_PER_MILLI;
    }

    /** Returns this clock, from {@code nowNanos} on approaching what it shows plus {@code offsetMillis}. */
    SlewedClock slewedBy(long offsetMillis, long nowNanos) {
        long wanted = Math.clamp(offsetMillis, -CORRECTION_MILLIS, CORRECTION_MILLIS) * 1_000_000L / CORRECTION_MILLIS;
        return new SlewedClock(nowNanos, physicalNanos(nowNanos), Math.clamp(wanted, -RATE_PPM_MAX, RATE_PPM_MAX));
    }

    /** Returns this clock, from {@code nowNanos} on ahead of what it shows by {@code millis}. */
    SlewedClock advancedBy(long millis, long nowNanos) {
        assert millis >= 0 : millis;
        return new SlewedClock(nowNanos, physicalNanos(nowNanos) + millis * NANOS_PER_MILLI, 0);
    }

    private long physicalNanos(long nowNanos) {
        long elapsed = Math.max(0, nowNanos - anchorNanos);
        return anchorPhysicalNanos + elapsed + elapsed / 1_000_000 * ratePpm;
    }
}
