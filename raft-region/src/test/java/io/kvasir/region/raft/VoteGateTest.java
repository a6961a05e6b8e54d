package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.StoreId;
import org.junit.jupiter.api.Test;

final class VoteGateTest {

    private static final long MS = 1_000_000L;
    private static final long NOW = Long.MAX_VALUE - 1_000 * MS;

    private final VoteGate gate = new VoteGate();

    @Test
    void aPromiseForbidsElectionsForItsTime() {
        assertTrue(gate.promise(5, NOW));
        assertFalse(gate.admit(6, false, NOW + 1_999 * MS));
        assertTrue(gate.forbids(NOW + 1_999 * MS));
        assertFalse(gate.forbids(NOW + 2_000 * MS));
        assertTrue(gate.admit(6, false, NOW + 2_000 * MS));
    }

    @Test
    void aLaterPromiseNeverShortensAnEarlierOne() {
        gate.promise(5, NOW);
        gate.promise(5, NOW - 500 * MS);
        assertTrue(gate.forbids(NOW + 1_999 * MS));
    }

    /** A vote on its way to the disk must not be overtaken by a promise to the leader that it is meant to replace. */
    @Test
    void afterAdmittingAnElectionNoOlderLeaderGetsAPromise() {
        assertTrue(gate.admit(6, false, NOW));
        assertFalse(gate.promise(5, NOW));
        assertTrue(gate.promise(6, NOW), "the winner of that election does");
    }

    @Test
    void anElectionThatTheLeaderAskedForPasses() {
        gate.promise(5, NOW);
        assertTrue(gate.admit(6, true, NOW));
        assertFalse(gate.promise(5, NOW));
    }

    @Test
    void onlyTheTermAfterTheOneThatAskedIsATransfer() {
        gate.askedToStand(5);
        assertTrue(gate.isTransfer(6));
        assertFalse(gate.isTransfer(7), "a delayed TimeoutNow excuses one election, not the next");
        assertFalse(gate.isTransfer(5));
        gate.askedToStand(3);
        assertTrue(gate.isTransfer(6));
    }

    @Test
    void aReplicaThatStartsIsBoundLikeOneThatHasPromised() {
        gate.promiseAtStart(NOW);
        assertFalse(gate.admit(1, false, NOW + 1_999 * MS));
        assertTrue(gate.admit(1, true, NOW));
    }

    @Test
    void favoursOneOfSeveralCandidatesForTheTimeOfAnElection() {
        StoreId one = new StoreId(1);
        StoreId two = new StoreId(2);
        assertTrue(gate.favours(one, NOW));
        assertFalse(gate.favours(two, NOW + 399 * MS));
        assertTrue(gate.favours(one, NOW + 399 * MS));
        assertTrue(gate.favours(two, NOW + 800 * MS));
    }
}
