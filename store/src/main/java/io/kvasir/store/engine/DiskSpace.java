package io.kvasir.store.engine;

/**
 * What may still be written as a disk fills: a pure decision, so that the same bytes give the same answer in production
 * and in simulation. Each state is entered below its threshold and left only {@code slackBytes} above it, so that a
 * disk at the threshold does not flip.
 *
 * @param lowBytes below this many free bytes, writes of users are refused
 * @param criticalBytes below this many, nothing but what frees space and keeps the raft log is written; at most
 *     {@code lowBytes}. The rest is for compaction, which needs room to make room
 * @param slackBytes how far above a threshold a state is left
 */
public record DiskSpace(long lowBytes, long criticalBytes, long slackBytes) {

    public DiskSpace {
        if (criticalBytes < 0 || lowBytes < criticalBytes || slackBytes < 0) {
            throw new IllegalArgumentException(
                    "disk thresholds are not in order: " + criticalBytes + ", " + lowBytes + ", " + slackBytes);
        }
    }

    /** How full a disk is, in the order of severity. */
    public enum State {
        /** Everything is written. */
        AMPLE,
        /** Writes of users are refused with an error; reads, deletes and repair go on. */
        LOW,
        /** No replica is received and nothing grows; reads go on. */
        CRITICAL
    }

    /**
     * Returns thresholds for a reserve: low at the reserve, critical at a quarter of it, slack an eighth.
     *
     * @param reserveBytes free bytes below which writes are refused, at least 0
     */
    public static DiskSpace reserving(long reserveBytes) {
        return new DiskSpace(reserveBytes, reserveBytes / 4, reserveBytes / 8);
    }

    /** Returns the state that follows {@code state} now that {@code freeBytes} are free. */
    public State next(State state, long freeBytes) {
        State worse = stateOf(freeBytes);
        State better = stateOf(freeBytes - slackBytes);
        if (worse.compareTo(state) >= 0) {
            return worse;
        }
        return better.compareTo(state) < 0 ? better : state;
    }

    private State stateOf(long freeBytes) {
        if (freeBytes < criticalBytes) {
            return State.CRITICAL;
        }
        return freeBytes < lowBytes ? State.LOW : State.AMPLE;
    }
}
