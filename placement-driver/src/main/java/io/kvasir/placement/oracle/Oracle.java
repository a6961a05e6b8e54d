package io.kvasir.placement.oracle;

import io.kvasir.proto.control.TimestampGrant;
import io.kvasir.proto.control.TimestampQuestion;
import io.kvasir.proto.time.Timestamp;

/**
 * Issues timestamps that strictly increase over leaders, pauses and clock jumps (rules K12, K14). It decides alone; who
 * calls it keeps it to a raft group.
 *
 * <p><b>The window.</b> A leader issues only timestamps below the end of a window that its raft group has on disk, and
 * its successor starts at that end. Whatever the old leader still issues is thus smaller, and no use, because an answer
 * leaves only if the leader held its lease after it was made.
 *
 * <p><b>The bound.</b> With each grant goes a timestamp that none will reach for {@link #HOLD_MILLIS}: where the clock
 * at its fastest will be by then, and as far as the counter may run ahead of it. It holds because the clock's rate is
 * bounded, because a successor issues nothing for the hold time after it was elected, and because a jump of the clock
 * is made only after no bound has been promised for the hold time.
 *
 * <p><b>The clock.</b> It runs with the monotonic clock from the window's end; an offset to the agreed wall time is
 * slewed. A leader that may not issue yet takes the agreed wall time at once if that is later.
 *
 * <p>Instants are nanoseconds of one monotonic clock. Safe for any thread; guarded by this.
 */
public final class Oracle {

    /** For how long a bound is kept, in ms. */
    public static final int HOLD_MILLIS = 500;

    /** How far ahead of the clock a window reaches when it is asked for, in ms. */
    public static final int WINDOW_MILLIS = 3_000;

    /** A window with less than this left is extended, in ms. */
    public static final int WINDOW_LOW_MILLIS = 1_500;

    /** The window of an oracle that has issued nothing for so long is left to lapse, in ms. */
    public static final int IDLE_MILLIS = 10_000;

    /** How far the counter may run ahead of the clock, in ms; it counts 2^18 a ms. */
    public static final int OVERFLOW_MILLIS = 10;

    /** An agreed wall time ahead by more than this is jumped to; everything else is slewed. In ms. */
    public static final int JUMP_MILLIS = 10_000;

    private static final long NANOS_PER_MILLI = SlewedClock.NANOS_PER_MILLI;

    /** What the clock can gain in the hold time, and by rounding. */
    private static final int BOUND_MILLIS =
            HOLD_MILLIS + (int) ((long) HOLD_MILLIS * SlewedClock.RATE_PPM_MAX / 1_000_000) + OVERFLOW_MILLIS + 2;

    /** Answer to {@link #issue}. */
    public sealed interface Result {}

    /** Timestamps made in {@code term}; to be given away only if its lease is held after this was made. */
    public record Issued(long term, TimestampGrant grant) implements Result {}

    /** Nothing was issued. */
    public enum Refused implements Result {
        /** This replica does not lead. */
        NOT_LEADING,
        /** A predecessor's bounds may still hold, or no time is agreed yet: ask again. */
        NOT_YET,
        /** The window must be extended first: ask again when it is. */
        WINDOW_USED_UP,
        /** More timestamps than the clock has room for: ask again in a ms. */
        TOO_FAST
    }

    private static final long NEVER_LED = 0;

    private long term = NEVER_LED;
    private boolean anchored;
    private long servesFromNanos;
    private long lastUseNanos;
    private long windowEndMillis;
    private boolean windowOfTerm;
    private long last;
    /** The two count on over terms. */
    private long issued;

    private long windows;
    private long jumpMillis;
    private long jumpAtNanos;
    private SlewedClock clock = SlewedClock.startingAt(0, 0);

    /**
     * Starts to lead in {@code term}, which does nothing if it leads in that term already.
     *
     * @param windowEndMillis end of the last window on disk, 0 if there never was one: then the clock starts at the
     *     first agreed wall time
     */
    public synchronized void lead(long term, long windowEndMillis, long nowNanos) {
        assert term > NEVER_LED : term;
        if (this.term == term) {
            return;
        }
        this.term = term;
        this.windowEndMillis = windowEndMillis;
        windowOfTerm = false;
        anchored = windowEndMillis > 0;
        last = Timestamp.ZERO;
        jumpMillis = 0;
        clock = SlewedClock.startingAt(windowEndMillis, nowNanos);
        servesFromNanos = anchored ? nowNanos + HOLD_MILLIS * NANOS_PER_MILLI : nowNanos;
        lastUseNanos = nowNanos;
    }

    /** Stops leading: nothing is issued until it leads again. */
    public synchronized void stop() {
        term = NEVER_LED;
    }

    /** Returns the term it leads in, 0 if it does not. */
    public synchronized long term() {
        return term;
    }

    /** Issues {@code count} consecutive timestamps, 1 to {@link TimestampQuestion#COUNT_MAX}. */
    public synchronized Result issue(int count, long nowNanos) {
        if (term == NEVER_LED) {
            return Refused.NOT_LEADING;
        }
        lastUseNanos = nowNanos;
        if (!anchored || nowNanos - servesFromNanos < 0) {
            return Refused.NOT_YET;
        }
        makeDueJump(nowNanos);
        long millis = clock.millis(nowNanos);
        long first = Math.max(last + 1, Timestamp.of(millis, 0));
        long end = first + count - 1;
        if (!windowOfTerm || Timestamp.millis(end) >= windowEndMillis) {
            return Refused.WINDOW_USED_UP;
        }
        if (Timestamp.millis(end) > millis + OVERFLOW_MILLIS) {
            return Refused.TOO_FAST;
        }
        last = end;
        issued += count;
        long bound = jumpMillis > 0 ? 0 : Timestamp.of(millis + BOUND_MILLIS, 0);
        return new Issued(term, new TimestampGrant(first, count, bound, HOLD_MILLIS));
    }

    /**
     * Returns the end of the window that should be put on disk now, in ms since the Unix epoch; 0 if none is needed. It
     * is later than that of every window before.
     */
    public synchronized long wantedWindowMillis(long nowNanos) {
        if (term == NEVER_LED || !anchored) {
            return 0;
        }
        makeDueJump(nowNanos);
        long millis = clock.millis(nowNanos);
        boolean low = !windowOfTerm || millis + WINDOW_LOW_MILLIS >= windowEndMillis;
        boolean used = nowNanos - lastUseNanos < IDLE_MILLIS * NANOS_PER_MILLI;
        return low && used ? Math.max(millis + WINDOW_MILLIS, windowEndMillis + 1) : 0;
    }

    /** The window up to {@code endMillis}, asked for in {@code term}, is on disk at a majority. */
    public synchronized void windowApplied(long term, long endMillis) {
        if (this.term == term && endMillis > windowEndMillis) {
            windowEndMillis = endMillis;
            windowOfTerm = true;
            windows++;
        }
    }

    /**
     * Brings the clock towards {@code wallMillis}, on which a majority of {@code replicas} placement replicas agrees. A
     * replica alone agrees with itself: it may set the time it starts at, and only slews once it may issue.
     */
    public synchronized void wallTimeAgreed(long wallMillis, int replicas, long nowNanos) {
        if (term == NEVER_LED) {
            return;
        }
        if (!anchored) {
            anchored = true;
            clock = SlewedClock.startingAt(wallMillis, nowNanos);
            return;
        }
        long offsetMillis = wallMillis - clock.millis(nowNanos);
        if (offsetMillis > 0 && nowNanos - servesFromNanos < 0) {
            clock = clock.advancedBy(offsetMillis, nowNanos);
        } else if (offsetMillis > JUMP_MILLIS && replicas > 1) {
            if (jumpMillis == 0) {
                jumpAtNanos = nowNanos + HOLD_MILLIS * NANOS_PER_MILLI;
            }
            jumpMillis = offsetMillis;
        } else {
            jumpMillis = 0;
            clock = clock.slewedBy(offsetMillis, nowNanos);
        }
    }

    /** No wall time is agreed on: the clock runs with the monotonic one alone. */
    public synchronized void wallTimeDisputed(long nowNanos) {
        if (term != NEVER_LED && anchored) {
            jumpMillis = 0;
            clock = clock.slewedBy(0, nowNanos);
        }
    }

    /** Returns how many timestamps were issued here; {@link #windows} how many windows were put on disk. */
    public synchronized long issued() {
        return issued;
    }

    public synchronized long windows() {
        return windows;
    }

    /** Returns what the clock shows, in ms since the Unix epoch; 0 if it has not been set. */
    public synchronized long clockMillis(long nowNanos) {
        return term == NEVER_LED || !anchored ? 0 : clock.millis(nowNanos);
    }

    private void makeDueJump(long nowNanos) {
        if (jumpMillis > 0 && nowNanos - jumpAtNanos >= 0) {
            clock = clock.advancedBy(jumpMillis, nowNanos);
            jumpMillis = 0;
        }
    }
}
