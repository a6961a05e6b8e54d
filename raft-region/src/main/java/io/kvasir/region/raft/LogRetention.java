package io.kvasir.region.raft;

/**
 * How much of a group's log stays when it is truncated.
 *
 * @param truncateEntries entries since the last truncation from which the log is truncated again, up to the place of
 *     the last one
 * @param retainedEntries most entries that a leader keeps for a follower that is behind; later it is sent a snapshot
 */
public record LogRetention(long truncateEntries, long retainedEntries) {

    /** What a host does that is not told otherwise. */
    public static final LogRetention DEFAULT = new LogRetention(20_000, 1_000_000);

    public LogRetention {
        if (truncateEntries < 1 || retainedEntries < truncateEntries) {
            throw new IllegalArgumentException(
                    "a log of " + truncateEntries + " to " + retainedEntries + " entries cannot be kept");
        }
    }
}
