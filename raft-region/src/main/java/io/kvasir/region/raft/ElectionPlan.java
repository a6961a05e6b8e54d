package io.kvasir.region.raft;

/**
 * When a replica should try to become leader. Survivors of a dead leader try one after the other, lowest store first, so
 * that they do not split the vote; a failed attempt is repeated soon. Before it disturbs anybody, a replica asks the other
 * voters whether they too miss the leader.
 *
 * <p>Pure: the caller brings the time. Confined to the clock thread.
 */
final class ElectionPlan {

    /** What to do now. */
    enum Step {
        WAIT,
        /** Ask the voters whether they miss a leader too; if a quorum does, stand. */
        POLL,
        /** Stand without asking. */
        STAND
    }

    /** Between the attempts of one survivor and the next. */
    static final long STAGGER_NANOS = 300_000_000L;

    /** Between two attempts of one replica; longer than an election takes. */
    static final long RETRY_NANOS = 700_000_000L;

    /** How long a replica waits for an unknown leader to make itself known. */
    static final long GRACE_NANOS = 1_000_000_000L;

    private boolean leaderless;
    private boolean called;
    private long nextAt;

    /** This replica shall stand as soon as it may, without asking, until there is a leader. */
    void call(long now) {
        called = true;
        leaderless = true;
        nextAt = now;
    }

    /** Others follow a living leader: it will make itself known here too. */
    void postpone(long now) {
        nextAt = now + GRACE_NANOS;
    }

    /**
     * Decides; to be called again and again.
     *
     * @param led whether this replica leads, or follows a leader that is not silent
     * @param dead whether it follows one that is silent
     * @param forbidden whether a promise keeps it from standing
     * @param rank how many other surviving voters go first
     */
    Step next(long now, boolean led, boolean dead, boolean forbidden, int rank) {
        if (led) {
            leaderless = false;
            called = false;
            return Step.WAIT;
        }
        if (!leaderless) {
            leaderless = true;
            nextAt = now + rank * STAGGER_NANOS + (dead ? 0 : GRACE_NANOS);
        }
        if (forbidden || now - nextAt < 0) {
            return Step.WAIT;
        }
        nextAt = now + RETRY_NANOS + rank * STAGGER_NANOS;
        return called ? Step.STAND : Step.POLL;
    }
}
