package io.kvasir.region.raft;

import io.kvasir.proto.id.ReplicaId;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A leader's question to its voters whether its term is still the newest. Answered "yes" by a quorum, it was the newest
 * at the moment of asking: whoever leads in a newer term was voted for by one of them, and not before it answered here.
 *
 * <p>Guarded by this; {@code whenDone} is called once, outside the lock.
 */
final class Confirmation {

    private final JRaftGroup group;
    private final long term;
    private final Membership membership;
    private final Consumer<Boolean> whenDone;
    private final long deadline;
    private final Set<ReplicaId> confirmed = new HashSet<>();
    private final Set<ReplicaId> failed = new HashSet<>();
    private boolean done;

    Confirmation(JRaftGroup group, long term, Membership membership, Consumer<Boolean> whenDone, long deadline) {
        this.group = group;
        this.term = term;
        this.membership = membership;
        this.whenDone = whenDone;
        this.deadline = deadline;
    }

    JRaftGroup group() {
        return group;
    }

    long term() {
        return term;
    }

    boolean isOverdue(long now) {
        return now - deadline >= 0;
    }

    synchronized boolean isDone() {
        return done;
    }

    /** {@code replica} has answered, or surely will not. */
    void answered(ReplicaId replica, boolean yes) {
        boolean result;
        synchronized (this) {
            if (done) {
                return;
            }
            (yes ? confirmed : failed).add(replica);
            if (membership.quorum(confirmed::contains)) {
                result = true;
            } else if (!membership.quorum(voter -> !failed.contains(voter))) {
                result = false;
            } else {
                return;
            }
            done = true;
        }
        // The voters asked must still be those that decide.
        whenDone.accept(result
                && group.leaderTerm() == term
                && group.lease().membership().equals(membership));
    }

    /** Ends the question without a result. */
    void giveUp() {
        synchronized (this) {
            if (done) {
                return;
            }
            done = true;
        }
        whenDone.accept(false);
    }
}
