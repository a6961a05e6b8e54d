package io.kvasir.region.raft;

import io.kvasir.store.log.LogSettings;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits of tests, each with an end. */
final class Await {

    /** Small segments, so that a test does not allocate much. */
    static final LogSettings LOG = new LogSettings(1 << 20, 1 << 20, 16 << 20, 16 << 20, 8 << 20, 1, 4);

    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private Await() {}

    static long leader(RaftGroup group) {
        until(() -> group.leaderTerm() != 0, "group leads");
        return group.leaderTerm();
    }

    static void until(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not in time: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
