package io.kvasir.region.raft;

/**
 * Whether something that must go on stands still: work is there and none of it gets done.
 *
 * <p>Counted is the time between two looks, but no more than {@link #LOOK_NANOS_MAX} for each: while the process itself
 * stood still, nobody could have seen the work go on.
 *
 * <p>Pure: the caller brings the time. Confined to the clock thread.
 */
final class StallWatch {

    /** Longest time that one look counts for. */
    static final long LOOK_NANOS_MAX = 2 * LeaseExchange.TICK_MILLIS * 1_000_000L;

    private final long nanosMax;
    private long lookedAt;
    private long done;
    private long still;

    /** @param nanosMax how long work may stand still */
    StallWatch(long nanosMax, long now) {
        this.nanosMax = nanosMax;
        this.lookedAt = now;
    }

    /**
     * Looks, some ten times a second.
     *
     * @param waits whether there is work
     * @param doneNow a number that changes whenever some work is done
     * @return whether it has stood still for too long
     */
    boolean stalled(long now, boolean waits, long doneNow) {
        long passed = Math.min(now - lookedAt, LOOK_NANOS_MAX);
        lookedAt = now;
        still = waits && doneNow == done ? still + passed : 0;
        done = doneNow;
        return still > nanosMax;
    }
}
