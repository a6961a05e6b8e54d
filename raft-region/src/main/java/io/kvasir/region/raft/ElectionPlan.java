package io.kvasir.region.raft;

/**
 * When a replica should try to become leader. Survivors of a dead leader try one after the other, lowest store first,
 * so that they do not split the vote; a failed attempt is repeated soon. Before it disturbs anybody, a replica asks the
 * other voters whether they too miss a leader; this class says when to ask.
 *
 * <p>Pure: the caller brings the time. Confined to the clock thread.
 */
final class ElectionPlan {

    /** Between the attempts of one survivor and the next. */
    static final long STAGGER_NANOS = 300_000_000L;

    /** Between two times that a replica asks around. */
    static final long POLL_NANOS = 100_000_000L;

    /**
     * Between two times that a replica stands; longer than an election takes. It doubles with each time, up to the
     * longest.
     */
    static final long RETRY_NANOS = 700_000_000L;

    /** Longest time between two times that a replica stands. */
    static final long RETRY_NANOS_MAX = 4 * RETRY_NANOS;

    /** How long a replica waits for an unknown leader to make itself known. */
    static final long GRACE_NANOS = 1_000_000_000L;

    private boolean leaderless;
    private boolean called;
    private long retry = RETRY_NANOS;
    private long nextAt;

    /** This replica shall try as soon as it may, before all others, until there is a leader. */
    void call(long now) {
        called = true;
        leaderless = true;
        nextAt = now;
    }

    /** There is a living leader, or will be: it will make itself known here too. */
    void postpone(long now) {
        nextAt = now + GRACE_NANOS;
    }

    /** This replica stands. */
    void standing(long now, int rank) {
        nextAt = now + retry + (called ? 0 : rank * STAGGER_NANOS);
        retry = Math.min(2 * retry, RETRY_NANOS_MAX);
    }

    /**
     * Returns whether to ask the other voters now, and to stand if a quorum misses a leader; to be called again and
     * again.
     *
     * @param led whether this replica leads, or follows a leader that is not silent
     * @param dead whether it follows one that is silent
     * @param forbidden whether a promise keeps it from standing
     * @param rank how many other surviving voters go first
     */
    boolean shouldAsk(long now, boolean led, boolean dead, boolean forbidden, int rank) {
        if (led) {
            leaderless = false;
            called = false;
            retry = RETRY_NANOS;
            return false;
        }
        if (!leaderless) {
            leaderless = true;
            nextAt = now + rank * STAGGER_NANOS + (dead ? 0 : GRACE_NANOS);
        }
        if (forbidden) {
            // The others are bound as well, until about now: keep the order of standing.
            long afterwards = now + (called ? 0 : rank * STAGGER_NANOS);
            nextAt = afterwards - nextAt > 0 ? afterwards : nextAt;
            return false;
        }
        if (now - nextAt < 0) {
            return false;
        }
        nextAt = now + POLL_NANOS;
        return true;
    }
}
