package io.kvasir.region.raft;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One replica of a raft group, as its range or the placement driver sees it. Two implementations: on SOFAJRaft and in
 * simulation. Safe for any thread; no method waits.
 */
public interface RaftGroup extends AutoCloseable {

    /** Longest entry, in bytes (rule K11). */
    int ENTRY_BYTES_MAX = 4 << 20;

    RegionId id();

    /**
     * Hands {@code entry} to the group's log, to be appended in {@code expectedTerm} or not at all.
     *
     * @return whether it was accepted. False: it surely will never be applied. True: it may be applied, or may be lost;
     *     only the state machine will tell, by applying it or by applying an entry of a newer term (rule K22)
     */
    boolean propose(byte[] entry, long expectedTerm);

    /** Returns the term in which this replica leads, 0 if it does not. */
    long leaderTerm();

    /**
     * Returns whether this replica leads or has just been elected: {@link #leaderTerm} follows when it has applied all
     * that came before, unless it loses the lead again.
     */
    boolean isElected();

    /** Returns the store believed to lead. */
    Optional<StoreId> leader();

    /**
     * Returns whether no other replica can lead now: this one leads in {@code term}, has applied an entry of it, and
     * its lease covers this instant (rules K3, K15, K37). Two volatile reads and a clock read.
     */
    boolean holdsLease(long term);

    /**
     * Asks a quorum whether {@code term} is still the newest; {@code whenDone} gets true if it was at some instant
     * after this call, false if that could not be shown. Called on any thread, exactly once, within a bounded time.
     */
    void confirmLeadership(long term, Consumer<Boolean> whenDone);

    /**
     * Gives leadership to the replica on {@code store}: waits until that has the whole log, ends this one's lease for
     * good and asks the other to stand (rule K15). What is proposed meanwhile may be lost; a range proposes nothing.
     *
     * @param whenDone called exactly once, on any thread, within a bounded time. True: another replica is known to lead
     *     in a newer term. False: either nothing has changed, because this one does not lead, or that one cannot be
     *     reached or lacks too much; or that one was asked in vain, and this one has stopped leading and stands again
     */
    void transferLeadership(StoreId store, Consumer<Boolean> whenDone);

    /**
     * Returns how many entries of this leader's log the voter on {@code store} is not known to have;
     * {@link Long#MAX_VALUE} if this one does not lead, that one is no voter, or nothing has been heard of it.
     * Followers of an idle group are known to have all there is.
     */
    long lag(StoreId store);

    /**
     * Forbids ({@code true}) or permits renewing the lease, as from proposing a split or merge until it is applied
     * (rule K3).
     */
    void holdLeaseRenewal(boolean held);

    @Override
    void close();
}
