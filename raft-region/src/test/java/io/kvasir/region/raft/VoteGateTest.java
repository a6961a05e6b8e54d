package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.StoreId;
import org.junit.jupiter.api.Test;

final class VoteGateTest {

    private static final long MS = 1_000_000L;
    private static final StoreId ONE = new StoreId(1);
    private static final StoreId TWO = new StoreId(2);
    private static final StoreId THREE = new StoreId(3);
    private static final long NOW = Long.MAX_VALUE - 1_000 * MS;

    private final VoteGate gate = new VoteGate(2_000 * MS);

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
        assertTrue(gate.favours(ONE, THREE, NOW));
        assertFalse(gate.favours(TWO, THREE, NOW + 399 * MS));
        assertTrue(gate.favours(ONE, THREE, NOW + 399 * MS));
        assertTrue(gate.favours(TWO, THREE, NOW + 400 * MS), "asking again does not prolong it");
    }

    @Test
    void yieldsOnesOwnWishToALowerStoreButNotToAHigherOne() {
        assertTrue(gate.favours(TWO, TWO, NOW));
        assertFalse(gate.favours(THREE, TWO, NOW));
        assertTrue(gate.favours(ONE, TWO, NOW));
        assertFalse(gate.favours(TWO, TWO, NOW + 399 * MS));
    }
}
