package io.kvasir.region.raft;

import io.kvasir.proto.id.ReplicaId;
import java.util.HashMap;
import java.util.Map;

/**
 * The lease of a leader: until when surely no other replica of its group leads (rules K3, K15, K37, K38).
 *
 * <p>A lease lasts a set time ({@link LeaseSettings}) from the moment at which a request was <em>sent</em> that a
 * quorum then confirmed, each with a promise (see {@link VoteGate}) that outlasts it; the leader counts itself, having
 * promised too. It ends early, at once, when the voters change (another quorum decides then), when the clocks disagree,
 * and for ever in a term in which the leader has asked another replica to stand. What was sent before such an end
 * confirms nothing: answers carry the generation in which they were asked for.
 *
 * <p>Pure: the caller brings the time. Changes are guarded by this; {@link #holds} reads two volatile fields.
 */
final class LeaderLease {

    /** A lease in {@code term}; {@code endless} if no other replica votes. */
    private record Held(long term, long until, boolean endless) {

        static final Held NONE = new Held(0, 0, false);
    }

    private final ReplicaId self;
    private final long leaseNanos;
    private final Map<ReplicaId, Long> confirmedAt = new HashMap<>();
    private Membership membership;
    private long term;
    private long burnedTerm;
    private long generation;
    private boolean renewalHeld;
    private volatile Held held = Held.NONE;

    /** @param leaseNanos length of a lease, from sending */
    LeaderLease(ReplicaId self, Membership membership, long leaseNanos) {
        this.self = self;
        this.leaseNanos = leaseNanos;
        this.membership = membership;
    }

    /** This replica leads in {@code term} from now on; harmless if told twice. */
    synchronized void lead(long term) {
        if (this.term != term) {
            drop();
            this.term = term;
            settle();
        }
    }

    /** This replica leads no more. */
    synchronized void stop() {
        term = 0;
        drop();
    }

    /** The voters are {@code newest} from now on; must be called before any other replica can learn of it. */
    synchronized void configure(Membership newest) {
        if (newest.equals(membership)) {
            return;
        }
        membership = newest;
        drop();
        settle();
    }

    synchronized Membership membership() {
        return membership;
    }

    /** No lease in {@code term} or before it, ever: another replica is about to be asked to stand (rule K15). */
    synchronized void burn(long term) {
        burnedTerm = Math.max(burnedTerm, term);
        drop();
        settle();
    }

    /** Returns whether {@code term} can have no lease any more. */
    synchronized boolean isBurned(long term) {
        return term <= burnedTerm;
    }

    /** Forbids or permits renewal (rule K3). A lease that was already confirmed runs out by itself. */
    synchronized void holdRenewal(boolean hold) {
        if (hold && !renewalHeld) {
            generation++;
            confirmedAt.clear();
        }
        renewalHeld = hold;
    }

    /** The clocks disagree: what was measured with them is void (rule K38). */
    synchronized void clockJumped() {
        drop();
        settle();
    }

    /** Returns the generation to send with a request for renewal, or -1 if none may be sent. */
    synchronized long renewable() {
        boolean permitted = term != 0 && term > burnedTerm && !renewalHeld && membership.votesInAll(self);
        return permitted && !membership.isOnly(self) ? generation : -1;
    }

    /** {@code replica} has promised, upon a request sent at {@code sentAt} in {@code generation} and {@code term}. */
    synchronized void confirmed(ReplicaId replica, long term, long generation, long sentAt) {
        if (term != this.term || generation != this.generation || renewalHeld || term <= burnedTerm) {
            return;
        }
        confirmedAt.merge(replica, sentAt, (left, right) -> right - left > 0 ? right : left);
        Long from = membership.quorumInstant(confirmedAt);
        if (from != null && confirmedAt.containsKey(self)) {
            held = new Held(term, from + leaseNanos, false);
        }
    }

    /** Returns whether surely nobody else leads at {@code now}. */
    boolean holds(long term, long now) {
        Held lease = held;
        return lease.term == term && term != 0 && (lease.endless || now - lease.until < 0);
    }

    private void drop() {
        generation++;
        confirmedAt.clear();
        held = Held.NONE;
    }

    /** Who is the only voter needs nobody's promise. */
    private void settle() {
        if (term != 0 && term > burnedTerm && membership.isOnly(self)) {
            held = new Held(term, 0, true);
        }
    }
}
