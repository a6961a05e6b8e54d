package io.kvasir.region.time;

/** Runs things later. Production and simulation each have one. Safe for any thread. */
@FunctionalInterface
public interface Timer {

    /** Runs {@code task} once, {@code delayMillis} ms from now or later, on any thread, which it must not hold up. */
    void after(long delayMillis, Runnable task);
}
