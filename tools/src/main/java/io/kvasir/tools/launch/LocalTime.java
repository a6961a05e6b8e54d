package io.kvasir.tools.launch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The launcher's only clock and its only way to wait: polls of other processes, each with a bound. */
final class LocalTime {

    private LocalTime() {}

    /** Returns nanoseconds from an arbitrary origin. */
    static long nanos() {
        return System.nanoTime();
    }

    /** Returns seconds since {@code beginNanos} with one decimal, as {@code 1.5 s}. */
    static String since(long beginNanos) {
        long tenths = (nanos() - beginNanos) / 100_000_000;
        return tenths / 10 + "." + tenths % 10 + " s";
    }

    /** Waits about {@code millis}. */
    static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
