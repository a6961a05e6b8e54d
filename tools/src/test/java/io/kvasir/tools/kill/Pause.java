package io.kvasir.tools.kill;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for other processes, always with a bound. */
final class Pause {

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private Pause() {}

    /** Lets {@code millis} pass, for faults and load to last that long. */
    static void millis(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        until(millis, () -> System.nanoTime() - until >= 0);
    }

    /** Waits until {@code condition} holds, for {@code millisMax} at most; returns whether it does. */
    static boolean until(long millisMax, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millisMax);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }
}
