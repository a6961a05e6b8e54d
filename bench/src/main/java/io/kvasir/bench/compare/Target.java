package io.kvasir.bench.compare;

import java.util.List;

/** A server, or a cluster of them, that is loaded. Confined to the thread that started it; closing it stops it. */
interface Target extends AutoCloseable {

    /** Name in tables. */
    String name();

    /** Port that clients use. */
    int port();

    /** Numbers of all its processes. */
    List<Long> processes();

    /** Time from the start of the command that starts it to its first PONG, in seconds. */
    double startSeconds();

    /** What it has written to its log so far, summed over its processes; zeros if it does not tell. */
    LogCounts logCounts();

    @Override
    void close();

    /**
     * Counts since the start.
     *
     * @param syncs of the log to disk
     * @param appends changes of the log that syncs made durable: raft entries come in these, one or more in each
     */
    record LogCounts(long syncs, long appends) {

        static final LogCounts NONE = new LogCounts(0, 0);

        LogCounts minus(LogCounts earlier) {
            return new LogCounts(syncs - earlier.syncs, appends - earlier.appends);
        }
    }
}
