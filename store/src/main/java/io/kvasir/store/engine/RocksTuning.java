package io.kvasir.store.engine;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.HyperClockCache;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Options;
import org.rocksdb.RateLimiter;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WriteBufferManager;

/**
 * Every RocksDB option that is not its default, with its reason, and the native objects that the options share.
 * Immutable; closed after the database.
 *
 * <p>Fences (rule K26): {@code unordered_write}, {@code two_write_queues} and {@code enable_pipelined_write} are off.
 * The first lets a reader see a later write without an earlier one, the others RocksDB refuses or mistrusts together
 * with {@code atomic_flush}.
 */
final class RocksTuning implements AutoCloseable {

    /** Unflushed memtables of one family: one that fills, two that are flushed; the fourth would stall writers. */
    private static final int MEMTABLES_MAX = 3;

    /**
     * Size of the bloom filter of a memtable, of the memtable's own; it spares the skip list on reads of absent keys.
     */
    private static final double MEMTABLE_FILTER_SHARE = 0.02;

    /**
     * Range deletes in one memtable after which it is flushed: each costs every later read of the memtable a little
     * (rule K26).
     */
    private static final int MEMTABLE_RANGE_DELETES_MAX = 256;

    /**
     * A table file with so many deletes among so many entries in a row is compacted soon: what is deleted in key order,
     * as the expiry index is, would otherwise be walked over by each scan for as long as no compaction comes by.
     */
    private static final long DELETES_TRIGGER = 8_192;

    private static final long DELETES_WINDOW = 16_384;

    private static final long INFO_LOG_BYTES_MAX = 8L << 20;
    private static final long INFO_LOGS_MAX = 4;
    private static final long BYTES_PER_SYNC = 1L << 20;
    private static final long INDEX_PARTITION_BYTES = 4L << 10;
    private static final long LEVEL_BASE_FILES = 4;
    private static final int LEVEL0_FILES_TRIGGER = 4;

    private final EngineSettings settings;
    private final Cache cache;
    private final WriteBufferManager writeBuffers;
    private final RateLimiter rateLimiter;
    private final BloomFilter filter;
    private final DBOptions database;
    private final List<ColumnFamilyOptions> families = new ArrayList<>();

    RocksTuning(EngineSettings settings, AbstractEventListener listener) {
        this.settings = settings;
        // Not strict: a strict cache answers reads with an error when pinned blocks fill it, which would halt the
        // store. What
        // may be pinned beyond it is one block for each open cursor.
        cache = new HyperClockCache(settings.cacheBytes(), 0, -1, false);
        writeBuffers = new WriteBufferManager(settings.memtableBytes(), cache, false);
        rateLimiter = new RateLimiter(settings.backgroundWriteBytesPerSecond());
        filter = new BloomFilter(settings.filterBitsPerKey());
        database = database(listener);
    }

    DBOptions database() {
        return database;
    }

    Cache cache() {
        return cache;
    }

    /** Returns the options of {@code family}; closed with this. */
    ColumnFamilyOptions family(Family family) {
        ColumnFamilyOptions options = collecting()
                // With atomic flush the first full memtable flushes all, so one size serves every family.
                .setWriteBufferSize(settings.memtableBytes() / MEMTABLES_MAX)
                .setMaxWriteBufferNumber(MEMTABLES_MAX)
                .setMemtableMaxRangeDeletions(MEMTABLE_RANGE_DELETES_MAX)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION)
                .setLevelCompactionDynamicLevelBytes(true)
                .setLevel0FileNumCompactionTrigger(LEVEL0_FILES_TRIGGER)
                .setTargetFileSizeBase(settings.tableFileBytes())
                .setMaxBytesForLevelBase(LEVEL_BASE_FILES * settings.tableFileBytes())
                .setTableFormatConfig(table(isReadByKey(family)));
        if (isReadByKey(family)) {
            options.setMemtableWholeKeyFiltering(true).setMemtablePrefixBloomSizeRatio(MEMTABLE_FILTER_SHARE);
        }
        families.add(options);
        return options;
    }

    /** Returns the options with which files for {@link Engine#ingest} are written; closed by the caller. */
    Options files(Family family) {
        try (ColumnFamilyOptions options = new ColumnFamilyOptions()
                        .setCompressionType(CompressionType.LZ4_COMPRESSION)
                        .setTableFormatConfig(table(isReadByKey(family)));
                DBOptions files = new DBOptions()) {
            return new Options(files, options);
        }
    }

    @Override
    public void close() {
        families.forEach(ColumnFamilyOptions::close);
        database.close();
        filter.close();
        rateLimiter.close();
        writeBuffers.close();
        cache.close();
    }

    /** Only {@link Options} has a way to set collectors. */
    private static ColumnFamilyOptions collecting() {
        try (Options options = new Options()) {
            options.setTablePropertiesCollectorFactory(
                    List.of(TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                            DELETES_WINDOW, DELETES_TRIGGER, 0)));
            return new ColumnFamilyOptions(options);
        }
    }

    private DBOptions database(AbstractEventListener listener) {
        return new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setParanoidChecks(true)
                // A flush makes all families durable at the same write, which is what restart counts on.
                .setAtomicFlush(true)
                .setUnorderedWrite(false)
                .setTwoWriteQueues(false)
                .setEnablePipelinedWrite(false)
                .setWriteBufferManager(writeBuffers)
                .setRateLimiter(rateLimiter)
                .setMaxBackgroundJobs(settings.backgroundThreadsMax())
                .setMaxOpenFiles(settings.openFilesMax())
                .setBytesPerSync(BYTES_PER_SYNC)
                // A failed disk is never tried again: the process halts.
                .setMaxBgErrorResumeCount(0)
                .setListeners(List.of(listener))
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(INFO_LOG_BYTES_MAX)
                .setKeepLogFileNum(INFO_LOGS_MAX)
                .setStatsDumpPeriodSec(0)
                // The engine flushes on its own when it closes in order; after a fault it must not.
                .setAvoidFlushDuringShutdown(true);
    }

    private BlockBasedTableConfig table(boolean readByKey) {
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(settings.blockBytes())
                .setFormatVersion(6)
                // All memory of a table is in the cache and evictable, but for the top level of index and filter.
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setMetadataBlockSize(INDEX_PARTITION_BYTES)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinTopLevelIndexAndFilter(true)
                .setPinL0FilterAndIndexBlocksInCache(false);
        return readByKey
                ? table.setFilterPolicy(filter)
                        .setPartitionFilters(true)
                        .setWholeKeyFiltering(true)
                        .setOptimizeFiltersForMemory(true)
                : table;
    }

    /** History and the expiry index are only ever scanned: a filter of whole keys would answer nothing there. */
    private static boolean isReadByKey(Family family) {
        return switch (family) {
            case NEWEST, LOCK, FATE, RANGE -> true;
            case HISTORY, EXPIRY -> false;
        };
    }
}
