package io.kvasir.region.raft;

import java.util.List;
import java.util.Optional;

/**
 * What a raft group replicates to. All methods but {@link #snapshot}, {@link #objection} and {@link #leaderStopped} are
 * called by one thread at a time, in log order. An exception out of any of them halts the process, because applying
 * again or skipping would both be wrong (SOFAJRaft issue 1246).
 */
public interface StateMachine {

    /** A committed entry. {@code data} must not be changed. */
    record Committed(long index, long term, byte[] data) {}

    /** Where the state on disk stands: restart replays what comes after it. */
    record AppliedState(long index, long term) {

        public static final AppliedState NONE = new AppliedState(0, 0);
    }

    /** Returns the position of the state at process start; called before any other method but {@link #wipe}. */
    AppliedState appliedAtStart();

    /** Returns the index up to which the applied state would survive a power cut; the log before it may be dropped. */
    long flushedIndex();

    /** Applies {@code entries}, in order, at least one; durable or not, but visible when this returns. */
    void apply(List<Committed> entries);

    /**
     * This replica leads in {@code term}; all entries of earlier terms are applied. May be called twice in one term
     * (rule K15).
     */
    void leaderStarted(long term);

    /**
     * This replica no longer leads. Entries it proposed may still be applied, or not (rule K22). Called by any thread,
     * also while entries are applied: a leader whose disk stalls is told by another one.
     */
    void leaderStopped();

    /**
     * Takes a snapshot of the state as it is, for a follower that is behind the log. On any thread, under locks of the
     * group: it must cost little. The caller closes it.
     */
    StateSnapshot snapshot();

    /**
     * Returns why a snapshot with this {@link StateSnapshot#summary} must not be installed here now, if so. On any
     * thread.
     */
    Optional<String> objection(byte[] summary);

    /**
     * Replaces the state by that of a snapshot, whose files are this method's to use up; durable and visible when it
     * returns. The log engine bears a mark meanwhile (rule K10), so that this may stop anywhere.
     *
     * @param at the place of the snapshot's state
     * @param summary what {@link StateSnapshot#summary} was
     */
    void install(AppliedState at, byte[] summary, List<StateSnapshot.Part> parts);

    /**
     * Empties a state that an install has left in pieces; durable when it returns. Called before any other method, if
     * at all; the state is at {@link AppliedState#NONE} then.
     */
    void wipe();
}
