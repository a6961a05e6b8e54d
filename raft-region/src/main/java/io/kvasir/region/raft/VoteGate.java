package io.kvasir.region.raft;

import io.kvasir.proto.id.StoreId;
import org.jspecify.annotations.Nullable;

/**
 * Whether a replica may take part in an election now. Having confirmed a leader's lease it promises not to, for longer
 * than that lease can last (rule K37); only an election that the leader itself asked for passes, because asking has
 * ended its lease for good (rule K15).
 *
 * <p>A promise and an admission exclude each other, whichever comes first: a promise forbids elections for its time,
 * and once an election in some term was admitted, no leader of an older term gets a promise any more. So no vote slips
 * in between the check and the moment at which the vote is durable, and no lock needs to be held so long.
 *
 * <p>Pure: the caller brings the time. Guarded by this.
 */
final class VoteGate {

    /** How long one candidate is favoured over others: the time of an election. */
    static final long FAVOUR_NANOS = 400_000_000L;

    private final long guardNanos;
    private boolean promised;
    private long promisedUntil;
    private long admittedTerm;
    private long transferTerm;
    private @Nullable StoreId favoured;
    private long favouredAt;

    /** @param guardNanos how long a promise lasts, from the receipt of the leader's frame; longer than any lease */
    VoteGate(long guardNanos) {
        this.guardNanos = guardNanos;
    }

    /**
     * Promises the leader of {@code term} to take part in no election for one guard time from {@code now}, except one
     * that it asks for itself.
     *
     * @return false if an election in a newer term was admitted before; nothing is promised then
     */
    synchronized boolean promise(long term, long now) {
        if (term < admittedTerm) {
            return false;
        }
        extend(now);
        return true;
    }

    /** Takes part in no election for one guard time: nobody knows here what this replica promised before its start. */
    synchronized void promiseAtStart(long now) {
        extend(now);
    }

    /** Returns whether a promise still holds. */
    synchronized boolean forbids(long now) {
        if (promised && now - promisedUntil >= 0) {
            promised = false;
        }
        return promised;
    }

    /**
     * Admits this replica to the election in {@code term}, as candidate or as voter, unless a promise forbids it.
     *
     * @param transfer whether the leader of the term before asked for this election
     */
    synchronized boolean admit(long term, boolean transfer, long now) {
        if (!transfer && forbids(now)) {
            return false;
        }
        admittedTerm = Math.max(admittedTerm, term);
        return true;
    }

    /** The leader of {@code term} has asked this replica to stand; that leader has no lease any more. */
    synchronized void askedToStand(long term) {
        transferTerm = Math.max(transferTerm, term + 1);
    }

    /** Returns whether standing in {@code term} is what the leader of the term before asked for. */
    synchronized boolean isTransfer(long term) {
        return term == transferTerm;
    }

    /**
     * Returns whether this replica would vote for {@code candidate}, which misses a leader, rather than for another
     * that said so a moment ago; so that of several candidates one gets the votes. If it wishes to stand itself it
     * yields to a lower store, or candidates that each favour themselves would never end.
     *
     * @param self the store of this replica
     */
    synchronized boolean favours(StoreId candidate, StoreId self, long now) {
        boolean yields = self.equals(favoured) && candidate.compareTo(self) < 0;
        if (favoured == null || now - favouredAt >= FAVOUR_NANOS || yields) {
            favoured = candidate;
            favouredAt = now;
        }
        return candidate.equals(favoured);
    }

    private void extend(long now) {
        long until = now + guardNanos;
        if (!promised || until - promisedUntil > 0) {
            promised = true;
            promisedUntil = until;
        }
    }
}
