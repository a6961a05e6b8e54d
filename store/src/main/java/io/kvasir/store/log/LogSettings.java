package io.kvasir.store.log;

/**
 * The bounds of a log engine, in bytes unless said otherwise.
 *
 * @param segmentBytes size of a segment file; a single larger batch gets a larger file
 * @param batchBytesMax most bytes that one sync makes durable, unless a single append is larger
 * @param queueBytesMax most bytes that wait to be written; who brings more waits
 * @param cacheBytesMax most bytes of recent entries kept in memory for reading, over all groups
 * @param entryBytesMax longest entry
 * @param spareSegmentsMax number of reclaimed segment files kept to be written again, so that steady state allocates
 *     none
 * @param garbageSegmentsMax number of segments that may be filled with dead records before live ones are moved out of
 *     the oldest: the log occupies at most twice its live bytes plus this many segments
 */
public record LogSettings(
        int segmentBytes,
        int batchBytesMax,
        int queueBytesMax,
        long cacheBytesMax,
        int entryBytesMax,
        int spareSegmentsMax,
        int garbageSegmentsMax) {

    /** The settings of a store in production whose heap is no concern. */
    public static final LogSettings PRODUCTION = new LogSettings(64 << 20, 4 << 20, 64 << 20, 64 << 20, 16 << 20, 2, 4);

    /** What waits, and what is cached, each take at most the heap's bytes divided by this. */
    private static final int HEAP_PART = 8;

    public LogSettings {
        if (segmentBytes < 4096 || segmentBytes > 1 << 30) {
            throw new IllegalArgumentException("segmentBytes " + segmentBytes + " is not in 4 KiB..1 GiB");
        }
        if (batchBytesMax < 1 || queueBytesMax < 1 || cacheBytesMax < 0 || entryBytesMax < 1) {
            throw new IllegalArgumentException("a bound is not positive");
        }
        if (entryBytesMax > 256 << 20 || batchBytesMax > 256 << 20) {
            throw new IllegalArgumentException("a batch or an entry may be larger than 256 MiB");
        }
        if (spareSegmentsMax < 0 || garbageSegmentsMax < 1) {
            throw new IllegalArgumentException("spareSegmentsMax below 0 or garbageSegmentsMax below 1");
        }
    }

    /** Returns the settings of a store in production whose heap has {@code heapBytes}, at least 64 MiB. */
    public static LogSettings within(long heapBytes) {
        return new LogSettings(
                PRODUCTION.segmentBytes,
                PRODUCTION.batchBytesMax,
                (int) Math.min(PRODUCTION.queueBytesMax, heapBytes / HEAP_PART),
                Math.min(PRODUCTION.cacheBytesMax, heapBytes / HEAP_PART),
                PRODUCTION.entryBytesMax,
                PRODUCTION.spareSegmentsMax,
                PRODUCTION.garbageSegmentsMax);
    }
}
