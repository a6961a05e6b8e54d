package io.kvasir.region.range;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the commands that left their owners may take of a store's memory, together: a number of them at a time, each up
 * to a number of bytes. Those that wait for a place are bounded by admission to their ranges. Safe for any thread.
 */
public final class LargeCommandBudget {

    private final long bytesMax;
    private final int runsMax;
    private final AtomicInteger running = new AtomicInteger();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /**
     * Makes a budget.
     *
     * @param bytesMax bytes of records that one command may read, and again that it may write
     * @param runsMax commands at a time
     */
    public LargeCommandBudget(long bytesMax, int runsMax) {
        if (bytesMax < 1 || runsMax < 1) {
            throw new IllegalArgumentException("a budget for nothing: " + bytesMax + " bytes, " + runsMax + " runs");
        }
        this.bytesMax = bytesMax;
        this.runsMax = runsMax;
    }

    long bytesMax() {
        return bytesMax;
    }

    /** Calls {@code start} when there is a place: at once, or in the thread that gives one back. */
    void take(Runnable start) {
        waiting.add(start);
        startWaiting();
    }

    /** Gives a place back. */
    void giveBack() {
        int left = running.decrementAndGet();
        assert left >= 0 : left;
        startWaiting();
    }

    private void startWaiting() {
        while (!waiting.isEmpty()) {
            int now = running.get();
            if (now >= runsMax) {
                return;
            }
            if (!running.compareAndSet(now, now + 1)) {
                continue;
            }
            Runnable start = waiting.poll();
            if (start == null) {
                running.decrementAndGet();
            } else {
                start.run();
            }
        }
    }
}
