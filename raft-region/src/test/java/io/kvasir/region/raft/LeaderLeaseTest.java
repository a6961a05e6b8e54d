package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The schedules of rules K3, K15, K37 and K38, and the five ways in which SOFAJRaft's own lease is unsafe. */
final class LeaderLeaseTest {

    private static final ReplicaId A = replica(1);
    private static final ReplicaId B = replica(2);
    private static final ReplicaId C = replica(3);
    private static final ReplicaId D = replica(4);
    private static final ReplicaId E = replica(5);
    private static final long MS = 1_000_000L;

    private static final long LEASE_NANOS = 1_500_000_000L;
    private final LeaderLease lease = new LeaderLease(A, Membership.initial(Set.of(A, B, C)), LEASE_NANOS);

    /** Close to where the clock wraps around, so that comparisons must be by difference. */
    private long now = Long.MAX_VALUE - 1_000 * MS;

    @Test
    void lastsFromSendingNotFromTheAnswer() {
        lease.lead(5);
        long sent = ask();
        now += 900 * MS;
        lease.confirmed(B, 5, lease.renewable(), sent);
        assertTrue(lease.holds(5, sent + 1_499 * MS));
        assertFalse(lease.holds(5, sent + 1_500 * MS));
    }

    @Test
    void needsAQuorumWithItself() {
        lease.lead(5);
        long generation = lease.renewable();
        lease.confirmed(B, 5, generation, now);
        assertFalse(lease.holds(5, now), "the leader has not promised itself");
        lease.confirmed(A, 5, generation, now);
        assertTrue(lease.holds(5, now));
    }

    @Test
    void countsTheOlderOfTheInstantsThatMakeAQuorum() {
        lease.lead(5);
        long first = ask();
        lease.confirmed(B, 5, lease.renewable(), first);
        now += 1_000 * MS;
        ask();
        now += 400 * MS;
        // Only the leader has promised again: B's older promise decides.
        assertTrue(lease.holds(5, first + 1_499 * MS));
        assertFalse(lease.holds(5, first + 1_500 * MS));
    }

    @Test
    void isOfOneTermOnly() {
        lease.lead(5);
        confirmAll();
        assertFalse(lease.holds(4, now));
        assertFalse(lease.holds(6, now));
        assertFalse(lease.holds(0, now));
        lease.stop();
        assertFalse(lease.holds(5, now));
        lease.lead(7);
        assertFalse(lease.holds(7, now), "an older term's promises count for nothing");
    }

    @Test
    void leadingTwiceInOneTermChangesNothing() {
        lease.lead(5);
        confirmAll();
        lease.lead(5);
        assertTrue(lease.holds(5, now));
    }

    @Test
    void timeoutNowBurnsTheLeaseOfItsTermForEver() {
        lease.lead(5);
        confirmAll();
        lease.burn(5);
        assertFalse(lease.holds(5, now));
        assertEquals(-1, lease.renewable());
        // The transfer failed, and SOFAJRaft says that the same term goes on.
        lease.stop();
        lease.lead(5);
        assertEquals(-1, lease.renewable());
        lease.confirmed(A, 5, 0, now);
        lease.confirmed(B, 5, 0, now);
        assertFalse(lease.holds(5, now));
        lease.stop();
        lease.lead(6);
        confirmAll();
        assertTrue(lease.holds(6, now));
    }

    @Test
    void anAnswerAskedForBeforeTheBurnDoesNotBringTheLeaseBack() {
        lease.lead(5);
        long generation = lease.renewable();
        lease.burn(5);
        lease.confirmed(A, 5, generation, now);
        lease.confirmed(B, 5, generation, now);
        assertFalse(lease.holds(5, now));
    }

    @Test
    void burningTheOnlyVotersLeaseHoldsToo() {
        LeaderLease only = new LeaderLease(A, Membership.initial(Set.of(A)), LEASE_NANOS);
        only.lead(5);
        only.burn(5);
        only.configure(new Membership(9, Set.of(A, B), Set.of(A)));
        only.configure(new Membership(10, Set.of(A), Set.of()));
        assertFalse(only.holds(5, now));
    }

    @Test
    void aJointConfigurationNeedsAQuorumOfBothSets() {
        lease.lead(5);
        lease.configure(new Membership(9, Set.of(A, D, E), Set.of(A, B, C)));
        long generation = lease.renewable();
        lease.confirmed(A, 5, generation, now);
        lease.confirmed(D, 5, generation, now);
        lease.confirmed(E, 5, generation, now);
        assertFalse(lease.holds(5, now), "the old majority could elect another leader");
        lease.confirmed(B, 5, generation, now);
        assertTrue(lease.holds(5, now));
    }

    @Test
    void newVotersEndTheLeaseAtOnce() {
        lease.lead(5);
        long generation = lease.renewable();
        confirmAll();
        lease.configure(new Membership(9, Set.of(A, D, E), Set.of(A, B, C)));
        assertFalse(lease.holds(5, now));
        lease.confirmed(B, 5, generation, now);
        lease.confirmed(C, 5, generation, now);
        assertFalse(lease.holds(5, now), "these were asked as the old quorum");
    }

    @Test
    void aLeaderThatIsNoVoterHasNone() {
        lease.lead(5);
        lease.configure(new Membership(9, Set.of(B, C), Set.of()));
        assertEquals(-1, lease.renewable());
        assertFalse(lease.holds(5, now));
    }

    @Test
    void theOnlyVoterNeedsNoPromiseUntilThereIsAnother() {
        LeaderLease only = new LeaderLease(A, Membership.initial(Set.of(A)), LEASE_NANOS);
        assertFalse(only.holds(5, now));
        only.lead(5);
        assertTrue(only.holds(5, now + 3_600_000 * MS));
        only.configure(new Membership(9, Set.of(A, B), Set.of(A)));
        assertFalse(only.holds(5, now));
    }

    @Test
    void isNotRenewedWhileASplitIsUnderWay() {
        lease.lead(5);
        long before = lease.renewable();
        long sent = ask();
        lease.confirmed(B, 5, before, sent);
        lease.holdRenewal(true);
        assertEquals(-1, lease.renewable());
        assertTrue(lease.holds(5, sent + 1_499 * MS), "what was confirmed runs out by itself");
        now += 400 * MS;
        lease.confirmed(A, 5, before, now);
        lease.confirmed(C, 5, before, now);
        assertFalse(lease.holds(5, sent + 1_500 * MS));
        lease.holdRenewal(false);
        lease.confirmed(A, 5, before, now);
        lease.confirmed(C, 5, before, now);
        assertFalse(lease.holds(5, sent + 1_500 * MS), "asked for before the hold");
        confirmAll();
        assertTrue(lease.holds(5, now + 1_499 * MS));
    }

    @Test
    void aClockThatJumpedVoidsWhatWasMeasuredWithIt() {
        lease.lead(5);
        long generation = lease.renewable();
        confirmAll();
        lease.clockJumped();
        assertFalse(lease.holds(5, now));
        lease.confirmed(A, 5, generation, now);
        lease.confirmed(B, 5, generation, now);
        assertFalse(lease.holds(5, now));
        confirmAll();
        assertTrue(lease.holds(5, now));
    }

    private long ask() {
        long generation = lease.renewable();
        assertTrue(generation >= 0);
        lease.confirmed(A, 5, generation, now);
        return now;
    }

    private void confirmAll() {
        long generation = lease.renewable();
        for (long term = 5; term <= 7; term++) {
            lease.confirmed(A, term, generation, now);
            lease.confirmed(B, term, generation, now);
            lease.confirmed(C, term, generation, now);
        }
    }

    private static ReplicaId replica(long store) {
        return new ReplicaId(new StoreId(store), 1);
    }
}
