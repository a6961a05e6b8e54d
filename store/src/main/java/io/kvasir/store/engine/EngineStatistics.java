package io.kvasir.store.engine;

/**
 * What a {@link RocksEngine} holds at one moment, over all families.
 *
 * @param memtableBytes unflushed writes, in bytes; also counted in {@code cacheUsedBytes}
 * @param cacheUsedBytes all that is charged to the block cache
 * @param cachePinnedBytes part of it that cannot be evicted now
 * @param tableReaderBytes memory of open table files outside the cache
 * @param diskBytes table files on disk, those included that wait to be deleted
 * @param pendingCompactionBytes bytes that compaction has yet to rewrite to bring every level to its size
 * @param runningFlushes flushes under way
 * @param runningCompactions compactions under way
 * @param snapshots RocksDB snapshots that are open
 * @param cursors cursors and snapshots that users of this engine hold open
 * @param rangeDeletes range deletes written since the engine was opened (rule K26)
 * @param keysEstimate records, as RocksDB estimates them
 * @param stall what RocksDB does to writers now
 */
public record EngineStatistics(
        long memtableBytes,
        long cacheUsedBytes,
        long cachePinnedBytes,
        long tableReaderBytes,
        long diskBytes,
        long pendingCompactionBytes,
        long runningFlushes,
        long runningCompactions,
        long snapshots,
        long cursors,
        long rangeDeletes,
        long keysEstimate,
        Stall stall) {

    /** What RocksDB does to writers, because flushes or compactions are behind. */
    public enum Stall {
        /** Writes run freely. */
        NONE,
        /** Writes are slowed down. */
        DELAYED,
        /** Writes wait. */
        STOPPED
    }
}
