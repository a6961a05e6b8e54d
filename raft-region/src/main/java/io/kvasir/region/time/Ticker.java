package io.kvasir.region.time;

/**
 * The local monotonic clock. It decides nothing but waiting and leases. Production and simulation each have one.
 *
 * <p>Safe for any thread.
 */
@FunctionalInterface
public interface Ticker {

    /** Returns nanoseconds from an arbitrary origin; never goes back. */
    long nanoTime();
}
