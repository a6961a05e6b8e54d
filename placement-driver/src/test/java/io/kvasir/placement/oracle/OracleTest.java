package io.kvasir.placement.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.control.TimestampGrant;
import io.kvasir.proto.control.TimestampQuestion;
import io.kvasir.proto.time.Timestamp;
import org.junit.jupiter.api.Test;

final class OracleTest {

    private static final long MILLI = 1_000_000;
    private static final long START = 1_700_000_000_000L;

    private final Oracle oracle = new Oracle();
    private long nowNanos = 77 * MILLI;

    @Test
    void issuesNothingUnlessItLeads() {
        assertEquals(Oracle.Refused.NOT_LEADING, oracle.issue(1, nowNanos));
        leadFresh();
        oracle.stop();
        assertEquals(Oracle.Refused.NOT_LEADING, oracle.issue(1, nowNanos));
    }

    @Test
    void theFirstLeaderWaitsForAnAgreedTimeAndAWindow() {
        oracle.lead(1, 0, nowNanos);
        assertEquals(0, oracle.wantedWindowMillis(nowNanos));
        assertEquals(Oracle.Refused.NOT_YET, oracle.issue(1, nowNanos));
        oracle.wallTimeAgreed(START, 3, nowNanos);
        assertEquals(Oracle.Refused.WINDOW_USED_UP, oracle.issue(1, nowNanos));
        assertEquals(START + Oracle.WINDOW_MILLIS, oracle.wantedWindowMillis(nowNanos));
        oracle.windowApplied(1, START + Oracle.WINDOW_MILLIS);
        assertEquals(Timestamp.of(START, 0), issue(1).first());
    }

    @Test
    void aSuccessorWaitsOutTheHoldTimeAndStartsAtTheWindowsEnd() {
        oracle.lead(2, START, nowNanos);
        long windowMillis = oracle.wantedWindowMillis(nowNanos);
        oracle.windowApplied(2, windowMillis);
        passMillis(Oracle.HOLD_MILLIS - 1);
        assertEquals(Oracle.Refused.NOT_YET, oracle.issue(1, nowNanos));
        passMillis(1);
        assertEquals(Timestamp.of(START + Oracle.HOLD_MILLIS, 0), issue(1).first());
    }

    @Test
    void aWindowOfAnotherTermIsNoWindow() {
        oracle.lead(2, START, nowNanos);
        oracle.windowApplied(1, START + 60_000);
        passMillis(Oracle.HOLD_MILLIS);
        assertEquals(Oracle.Refused.WINDOW_USED_UP, oracle.issue(1, nowNanos));
    }

    @Test
    void timestampsIncreaseWithinAMillisecondAndAcrossABatch() {
        leadFresh();
        TimestampGrant one = issue(3);
        TimestampGrant two = issue(1);
        assertEquals(one.first() + 3, two.first());
        passMillis(1);
        assertEquals(Timestamp.of(START + 1, 0), issue(1).first());
    }

    @Test
    void aFullMillisecondAdvancesTheClockALittleAndNoFurther() {
        leadFresh();
        int perMilli = (1 << Timestamp.LOGICAL_BITS) / TimestampQuestion.COUNT_MAX;
        long last = 0;
        for (int i = 0; i < perMilli * (Oracle.OVERFLOW_MILLIS + 1); i++) {
            TimestampGrant grant = issue(TimestampQuestion.COUNT_MAX);
            assertTrue(grant.first() > last);
            assertTrue(grant.last() < grant.bound());
            last = grant.last();
        }
        assertEquals(START + Oracle.OVERFLOW_MILLIS, Timestamp.millis(last));
        assertEquals(Oracle.Refused.TOO_FAST, oracle.issue(TimestampQuestion.COUNT_MAX, nowNanos));
        passMillis(1);
        assertTrue(issue(1).first() > last);
    }

    @Test
    void nothingIsIssuedBeyondTheWindow() {
        leadFresh();
        passMillis(Oracle.WINDOW_MILLIS - 1);
        issue(1);
        passMillis(1);
        assertEquals(Oracle.Refused.WINDOW_USED_UP, oracle.issue(1, nowNanos));
    }

    @Test
    void theWindowIsExtendedWhileInUseAndLapsesWhenIdle() {
        leadFresh();
        assertEquals(0, oracle.wantedWindowMillis(nowNanos));
        passMillis(Oracle.WINDOW_MILLIS - Oracle.WINDOW_LOW_MILLIS);
        assertEquals(START + 1_500 + Oracle.WINDOW_MILLIS, oracle.wantedWindowMillis(nowNanos));
        passMillis(Oracle.IDLE_MILLIS);
        assertEquals(0, oracle.wantedWindowMillis(nowNanos));
        assertEquals(Oracle.Refused.WINDOW_USED_UP, oracle.issue(1, nowNanos));
        assertTrue(oracle.wantedWindowMillis(nowNanos) > 0);
    }

    @Test
    void theBoundHoldsForTheHoldTimeAtTheFastestTheClockRuns() {
        leadFresh();
        oracle.wallTimeAgreed(START + 9_000, 3, nowNanos);
        TimestampGrant promised = issue(1);
        passMillis(Oracle.HOLD_MILLIS);
        TimestampGrant later = issue(1);
        assertTrue(later.last() < promised.bound(), later + " reaches " + promised);
        assertTrue(Timestamp.millis(later.first()) >= START + Oracle.HOLD_MILLIS * 109 / 100);
    }

    @Test
    void anOffsetIsSlewedWithinTheRateAndNeverGoesBack() {
        leadFresh();
        oracle.wallTimeAgreed(START - 3_600_000, 3, nowNanos);
        passMillis(1_000);
        assertEquals(START + 900, oracle.clockMillis(nowNanos));
        oracle.wallTimeAgreed(START + 900 + 100, 3, nowNanos);
        passMillis(1_000);
        assertEquals(START + 900 + 1_010, oracle.clockMillis(nowNanos));
        oracle.wallTimeDisputed(nowNanos);
        passMillis(1_000);
        assertEquals(START + 900 + 2_010, oracle.clockMillis(nowNanos));
    }

    @Test
    void aMajorityThatJumpedIsFollowedOnceNoBoundIsPromised() {
        leadFresh();
        long hour = 3_600_000;
        TimestampGrant before = issue(1);
        oracle.wallTimeAgreed(START + hour, 3, nowNanos);
        assertEquals(0, issue(1).bound());
        passMillis(Oracle.HOLD_MILLIS - 1);
        TimestampGrant still = issue(1);
        assertTrue(still.last() < before.bound());
        passMillis(1);
        assertEquals(Oracle.Refused.WINDOW_USED_UP, oracle.issue(1, nowNanos));
        oracle.windowApplied(1, oracle.wantedWindowMillis(nowNanos));
        TimestampGrant after = issue(1);
        assertEquals(START + hour + Oracle.HOLD_MILLIS, Timestamp.millis(after.first()));
        assertTrue(after.bound() > after.last());
    }

    @Test
    void aReplicaAloneSlewsAndNeverJumps() {
        leadFresh();
        oracle.wallTimeAgreed(START + 3_600_000, 1, nowNanos);
        assertTrue(issue(1).bound() > 0);
        passMillis(1_000);
        assertEquals(START + 1_100, oracle.clockMillis(nowNanos));
    }

    @Test
    void aLeaderThatMayNotIssueYetTakesALaterWallTimeAtOnce() {
        oracle.lead(3, START, nowNanos);
        oracle.wallTimeAgreed(START + 86_400_000, 1, nowNanos);
        assertEquals(START + 86_400_000, oracle.clockMillis(nowNanos));
        oracle.wallTimeAgreed(START, 1, nowNanos);
        assertTrue(oracle.clockMillis(nowNanos) >= START + 86_400_000);
    }

    @Test
    void leadingTwiceInOneTermChangesNothing() {
        leadFresh();
        TimestampGrant before = issue(1);
        oracle.lead(1, START, nowNanos);
        assertEquals(before.first() + 1, issue(1).first());
    }

    /** Leads in term 1 with a clock at {@link #START} and a window just extended. */
    private void leadFresh() {
        oracle.lead(1, 0, nowNanos);
        oracle.wallTimeAgreed(START, 3, nowNanos);
        oracle.windowApplied(1, oracle.wantedWindowMillis(nowNanos));
    }

    private TimestampGrant issue(int count) {
        return assertInstanceOf(Oracle.Issued.class, oracle.issue(count, nowNanos))
                .grant();
    }

    private void passMillis(long millis) {
        nowNanos += millis * MILLI;
    }
}
