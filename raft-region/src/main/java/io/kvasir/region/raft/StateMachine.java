package io.kvasir.region.raft;

import java.util.List;

/**
 * What a raft group replicates to. All methods are called by one thread at a time, in log order. An exception out of
 * any of them halts the process, because applying again or skipping would both be wrong (SOFAJRaft issue 1246).
 */
public interface StateMachine {

    /** A committed entry. {@code data} must not be changed. */
    record Committed(long index, long term, byte[] data) {}

    /** Where the state on disk stands: restart replays what comes after it. */
    record AppliedState(long index, long term) {

        public static final AppliedState NONE = new AppliedState(0, 0);
    }

    /** Returns the position of the state at process start; called once, before any other method. */
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

    /** This replica no longer leads. Entries it proposed may still be applied, or not (rule K22). */
    void leaderStopped();
}
