package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.StoreId;
import org.junit.jupiter.api.Test;

final class ElectionPlanTest {

    private static final long MS = 1_000_000L;
    private static final long NOW = Long.MAX_VALUE - 1_000 * MS;

    private final ElectionPlan plan = new ElectionPlan();

    @Test
    void nobodyStandsWhileThereIsALeader() {
        for (long at = 0; at < 60_000; at += 100) {
            assertFalse(plan.shouldAsk(NOW + at * MS, true, false, false, 0));
        }
    }

    @Test
    void survivorsOfADeadLeaderStandInTheOrderOfTheirRank() {
        assertEquals(0, firstAsk(new ElectionPlan(), true, 0));
        assertEquals(300, firstAsk(new ElectionPlan(), true, 1));
        assertEquals(600, firstAsk(new ElectionPlan(), true, 2));
    }

    @Test
    void anUnknownLeaderIsGivenTimeToMakeItselfKnown() {
        assertEquals(1_000, firstAsk(new ElectionPlan(), false, 0));
        assertEquals(1_300, firstAsk(new ElectionPlan(), false, 1));
    }

    @Test
    void aPromiseKeepsFromStandingAndTheOrderSurvivesIt() {
        for (long at = 0; at < 2_000; at += 100) {
            assertFalse(plan.shouldAsk(NOW + at * MS, false, true, true, 1));
        }
        assertFalse(plan.shouldAsk(NOW + 2_000 * MS, false, true, false, 1));
        assertTrue(plan.shouldAsk(NOW + 2_200 * MS, false, true, false, 1));
    }

    @Test
    void aFailedElectionIsRepeatedSoonAndNotByTheBackStop() {
        assertTrue(plan.shouldAsk(NOW, false, true, false, 0));
        plan.standing(NOW, 0);
        assertFalse(plan.shouldAsk(NOW + 600 * MS, false, true, false, 0));
        assertTrue(plan.shouldAsk(NOW + 700 * MS, false, true, false, 0));
        plan.standing(NOW + 700 * MS, 0);
        assertFalse(plan.shouldAsk(NOW + 2_000 * MS, false, true, false, 0), "each time it waits longer");
        assertTrue(plan.shouldAsk(NOW + 2_100 * MS, false, true, false, 0));
        for (int i = 0; i < 10; i++) {
            plan.standing(NOW, 0);
        }
        assertTrue(plan.shouldAsk(NOW + 2_800 * MS, false, true, false, 0), "up to a bound");
    }

    @Test
    void whoIsToldOfALeaderWaitsForIt() {
        assertTrue(plan.shouldAsk(NOW, false, true, false, 0));
        plan.postpone(NOW);
        assertFalse(plan.shouldAsk(NOW + 900 * MS, false, true, false, 0));
        assertTrue(plan.shouldAsk(NOW + 1_000 * MS, false, true, false, 0));
    }

    @Test
    void whoIsCalledStandsBeforeAllOthersUntilThereIsALeader() {
        plan.call(NOW);
        assertTrue(plan.shouldAsk(NOW, false, false, false, 2));
        assertFalse(plan.shouldAsk(NOW + 100 * MS, false, false, true, 2));
        assertTrue(plan.shouldAsk(NOW + 200 * MS, false, false, false, 2));
        assertFalse(plan.shouldAsk(NOW + 300 * MS, true, false, false, 2));
        assertFalse(plan.shouldAsk(NOW + 400 * MS, false, false, false, 2));
    }

    @Test
    void aStoreIsSilentTwoSecondsAfterItsLastFrame() {
        FailureDetector detector = new FailureDetector();
        StoreId store = new StoreId(9);
        assertFalse(detector.silent(store, NOW), "never heard of, never asked about");
        assertFalse(detector.silent(store, NOW + 1_999 * MS));
        assertTrue(detector.silent(store, NOW + 2_000 * MS));
        detector.heard(store, NOW + 2_000 * MS);
        assertFalse(detector.silent(store, NOW + 3_999 * MS));
        assertTrue(detector.silent(store, NOW + 4_000 * MS));
    }

    private static long firstAsk(ElectionPlan plan, boolean dead, int rank) {
        for (long at = 0; at < 10_000; at += 100) {
            if (plan.shouldAsk(NOW + at * MS, false, dead, false, rank)) {
                return at;
            }
        }
        throw new AssertionError("never asks");
    }
}
