package io.kvasir.region.raft;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Requests for votes of replicas that are not here yet: a split makes them at each store when that store applies it,
 * and the first candidate stands as soon as its own is there. To answer that there is no such replica would cost the
 * election, so the requests wait a little. Safe for any thread.
 */
final class UnbornGroups {

    /** Requests held at once. */
    static final int HELD_MAX = 4_096;

    /** How long one is held, in ns: less than its sender waits for an answer. */
    static final long HELD_NANOS = TimeUnit.MILLISECONDS.toNanos(600);

    private static final int POLL_MILLIS = 5;

    private final RaftHost host;
    private final AtomicInteger held = new AtomicInteger();

    UnbornGroups(RaftHost host) {
        this.host = host;
    }

    /**
     * Has {@code again} run a little later, on the clock thread.
     *
     * @param since when the request came
     * @return false if it has waited long enough, or too many do
     */
    boolean hold(long since, Runnable again) {
        if (host.now() - since > HELD_NANOS) {
            return false;
        }
        if (held.incrementAndGet() > HELD_MAX) {
            held.decrementAndGet();
            return false;
        }
        host.after(POLL_MILLIS, () -> {
            held.decrementAndGet();
            again.run();
        });
        return true;
    }
}
