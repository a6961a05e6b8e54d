package io.kvasir.store.engine;

import io.kvasir.store.engine.EngineStatistics.Stall;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BackgroundErrorReason;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Range;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.TableFileCreationInfo;
import org.rocksdb.WriteOptions;

/**
 * The {@link Engine} on disk: one RocksDB with a column family for each {@link Family}.
 *
 * <p>It keeps no log of its own. The raft log is durable, and holds everything since the last flush; flushes are atomic
 * over all families, so after a power cut RocksDB is exactly what it was at one write, and the applied index in it says
 * where the replay begins. {@link #getFlushed} reads that state.
 *
 * <p>All memory that grows with data or load is charged to one cache of {@link EngineSettings#cacheBytes}. Safe for any
 * platform thread; the native calls would pin the carrier of a virtual one. {@link #close} is for the last user alone.
 */
public final class RocksEngine implements Engine {

    /** Directory of the RocksDB files within the data directory. */
    static final String RECORDS = "records";

    /** After so many batches it is checked that no flush failed unheard; a power of 2. */
    private static final int HEALTH_CHECK_WRITES = 64;

    /** No key is as large: it stands for the bound that is none where RocksDB wants one. */
    private static final byte[] BEYOND = {-1, -1, -1, -1, -1, -1, -1, -1, -1};

    private static final Pattern FILE_NAME =
            Pattern.compile("(?:^|[/\\s])((?:\\d{6,}\\.sst|MANIFEST-\\d+|CURRENT|IDENTITY|OPTIONS-\\d+))");

    static {
        RocksDB.loadLibrary();
    }

    private final DataDirectory directory;
    private final Faults faults;
    private final Listener listener;
    private final RocksTuning tuning;
    private final RocksDB database;

    /** The default family first, which stays empty, then one for each {@link Family}; closed before the database. */
    private final List<ColumnFamilyHandle> handles;

    /** By ordinal of {@link Family}. */
    private final List<ColumnFamilyHandle> families;

    private final ReadOptions readAll = new ReadOptions();
    private final ReadOptions readCached = new ReadOptions().setReadTier(ReadTier.BLOCK_CACHE_TIER);
    private final ReadOptions readFlushed = new ReadOptions().setReadTier(ReadTier.PERSISTED_TIER);
    private final WriteOptions withoutLog = new WriteOptions().setDisableWAL(true);

    /** Cursors and snapshots that are open. */
    private final LongAdder open = new LongAdder();

    /** Range deletes written. */
    private final LongAdder rangeDeletes = new LongAdder();

    /** Batches written, roughly: two threads may count one together, which moves a health check by one write. */
    private int written;

    private volatile boolean closed;

    private RocksEngine(
            DataDirectory directory,
            Faults faults,
            Listener listener,
            RocksTuning tuning,
            RocksDB database,
            List<ColumnFamilyHandle> handles) {
        this.directory = directory;
        this.faults = faults;
        this.listener = listener;
        this.tuning = tuning;
        this.database = database;
        this.handles = handles;
        this.families = List.copyOf(handles.subList(1, handles.size()));
    }

    /**
     * Opens the engine in {@code directory}, which it then owns and closes with itself.
     *
     * @param faultHandler called once, at the first I/O error or checksum failure, by the thread that met it, RocksDB's
     *     own included; production halts the process there
     * @throws EngineFault with one line that says why the data cannot be used; {@code directory} is closed then
     */
    public static RocksEngine open(
            DataDirectory directory, EngineSettings settings, Consumer<EngineFault> faultHandler) {
        Faults faults = new Faults(faultHandler);
        Listener listener = new Listener(faults);
        RocksTuning tuning = new RocksTuning(settings, listener);
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, tuning.family(Family.RANGE)));
        for (Family family : Family.values()) {
            byte[] name = family.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
            descriptors.add(new ColumnFamilyDescriptor(name, tuning.family(family)));
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        String path = directory.path().resolve(RECORDS).toString();
        try {
            RocksDB database = RocksDB.open(tuning.database(), path, descriptors, handles);
            return new RocksEngine(directory, faults, listener, tuning, database, handles);
        } catch (RocksDBException e) {
            tuning.close();
            listener.close();
            directory.close();
            throw new EngineFault(whyNotOpened(directory.path(), e), e);
        }
    }

    @Override
    public byte @Nullable [] get(Family family, byte[] key) {
        return get(readAll, family, key);
    }

    @Override
    public Lookup getCached(Family family, byte[] key) {
        requireOpen();
        try {
            byte[] value = database.get(families.get(family.ordinal()), readCached, key);
            return value == null ? Lookup.ABSENT : new Lookup(value, true);
        } catch (RocksDBException e) {
            if (RocksCursor.isIncomplete(e)) {
                return Lookup.UNKNOWN;
            }
            throw faults.fault("cannot read", e);
        }
    }

    @Override
    public byte @Nullable [] getFlushed(Family family, byte[] key) {
        return get(readFlushed, family, key);
    }

    @Override
    public Cursor cursor(Family family, byte[] from, byte[] to, boolean descending, boolean cachedOnly) {
        requireOpen();
        RocksCursor.Reading reading = cachedOnly ? RocksCursor.Reading.CACHED : RocksCursor.Reading.ALL;
        ColumnFamilyHandle handle = families.get(family.ordinal());
        return new RocksCursor(database, handle, null, from, to, descending, reading, faults, open);
    }

    @Override
    public long approximateBytes(Family family, byte[] from, byte[] to) {
        requireOpen();
        byte[] end = to.length == 0 ? BEYOND : to;
        try (Slice first = new Slice(from);
                Slice last = new Slice(end)) {
            return database.getApproximateSizes(
                            families.get(family.ordinal()),
                            List.of(new Range(first, last)),
                            SizeApproximationFlag.INCLUDE_FILES,
                            SizeApproximationFlag.INCLUDE_MEMTABLES)[0];
        }
    }

    @Override
    public Snapshot snapshot() {
        requireOpen();
        return new RocksSnapshot(database, families, tuning, faults, open);
    }

    @Override
    public Batch newBatch() {
        return new RocksBatch(families);
    }

    @Override
    public void write(Batch batch) {
        requireOpen();
        faults.requireNone();
        RocksBatch writes = (RocksBatch) batch;
        try {
            database.write(withoutLog, writes.nativeBatch());
            if (writes.rangeDeletes() != 0) {
                rangeDeletes.add(writes.rangeDeletes());
            }
            if ((++written & HEALTH_CHECK_WRITES - 1) == 0) {
                requireHealthyBackground();
            }
        } catch (RocksDBException e) {
            throw faults.fault("cannot write", e);
        }
    }

    @Override
    public void flush() {
        requireOpen();
        faults.requireNone();
        try (FlushOptions options = new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true)) {
            database.flush(options, handles);
        } catch (RocksDBException e) {
            throw faults.fault("cannot flush", e);
        }
    }

    @Override
    public void deleteAndFlush(List<KeyRange> ranges) {
        try (Batch batch = newBatch()) {
            for (KeyRange range : ranges) {
                batch.deleteRange(range.family(), range.from(), range.to());
            }
            write(batch);
        }
        flush();
    }

    @Override
    public void ingest(Family family, List<Path> files) {
        requireOpen();
        faults.requireNone();
        if (files.isEmpty()) {
            return;
        }
        try (IngestExternalFileOptions options = new IngestExternalFileOptions()
                .setMoveFiles(true)
                .setSnapshotConsistency(true)
                .setAllowGlobalSeqNo(true)
                .setAllowBlockingFlush(true)
                .setWriteGlobalSeqno(false)) {
            List<String> names = files.stream().map(Path::toString).toList();
            database.ingestExternalFile(families.get(family.ordinal()), names, options);
        } catch (RocksDBException e) {
            throw faults.fault("cannot ingest", e);
        }
    }

    /** Returns what the engine holds now. Costs some tens of microseconds and waits for no disk. */
    public EngineStatistics statistics() {
        requireOpen();
        try {
            requireHealthyBackground();
            return new EngineStatistics(
                    sum("rocksdb.cur-size-all-mem-tables"),
                    tuning.cache().getUsage(),
                    tuning.cache().getPinnedUsage(),
                    sum("rocksdb.estimate-table-readers-mem"),
                    sum("rocksdb.total-sst-files-size"),
                    sum("rocksdb.estimate-pending-compaction-bytes"),
                    database.getLongProperty("rocksdb.num-running-flushes"),
                    database.getLongProperty("rocksdb.num-running-compactions"),
                    database.getLongProperty("rocksdb.num-snapshots"),
                    open.sum(),
                    rangeDeletes.sum(),
                    sum("rocksdb.estimate-num-keys"),
                    stall());
        } catch (RocksDBException e) {
            throw faults.fault("cannot read statistics", e);
        }
    }

    /** Returns the data directory, to read or set whose data this is. */
    public DataDirectory directory() {
        return directory;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (!faults.isFaulty()) {
            flush();
        }
        closeWithoutFlush();
    }

    /** Closes as a power cut would: what is not flushed is lost. */
    void closeWithoutFlush() {
        if (open.sum() != 0) {
            throw new IllegalStateException("the engine is closed with " + open.sum() + " cursors or snapshots open");
        }
        closed = true;
        handles.forEach(ColumnFamilyHandle::close);
        database.close();
        withoutLog.close();
        readFlushed.close();
        readCached.close();
        readAll.close();
        tuning.close();
        listener.close();
        directory.close();
    }

    private byte @Nullable [] get(ReadOptions options, Family family, byte[] key) {
        requireOpen();
        try {
            return database.get(families.get(family.ordinal()), options, key);
        } catch (RocksDBException e) {
            throw faults.fault("cannot read", e);
        }
    }

    private long sum(String property) throws RocksDBException {
        return database.getAggregatedLongProperty(property);
    }

    private Stall stall() throws RocksDBException {
        if (database.getLongProperty("rocksdb.is-write-stopped") != 0) {
            return Stall.STOPPED;
        }
        return database.getLongProperty("rocksdb.actual-delayed-write-rate") != 0 ? Stall.DELAYED : Stall.NONE;
    }

    private void requireOpen() {
        assert !Thread.currentThread().isVirtual() : "the engine is called from a virtual thread";
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
    }

    private static String whyNotOpened(Path path, RocksDBException e) {
        String reason = Faults.oneLine(e);
        Status status = e.getStatus();
        if (status == null || status.getCode() != Status.Code.Corruption) {
            return "data directory " + path + " cannot be opened: " + reason;
        }
        Matcher file = FILE_NAME.matcher(reason);
        return "data directory " + path + " is corrupt: "
                + (file.find() ? "file " + RECORDS + "/" + file.group(1) + ": " : "") + reason;
    }

    /** Throws if a flush or compaction has failed without {@link Listener} hearing of it. */
    private void requireHealthyBackground() throws RocksDBException {
        if (database.getLongProperty("rocksdb.background-errors") != 0) {
            throw faults.fault("a flush or compaction failed", new RocksDBException("see " + RECORDS + "/LOG"));
        }
    }

    /**
     * Hears of errors that RocksDB's own threads meet: a failed flush or compaction has no caller to tell.
     *
     * <p>rocksdbjni 11.8.1 knows four of RocksDB's reasons for a background error, and throws away (on stderr) those
     * with the others: a failed flush without write-ahead log is one. A failed table file is therefore a second sign,
     * and the error count, which {@link #requireHealthyBackground} reads, a third.
     */
    private static final class Listener extends AbstractEventListener {

        private final Faults faults;

        Listener(Faults faults) {
            super(EnabledEventCallback.ON_BACKGROUND_ERROR, EnabledEventCallback.ON_TABLE_FILE_CREATED);
            this.faults = faults;
        }

        @Override
        public void onTableFileCreated(TableFileCreationInfo file) {
            Status status = file.getStatus();
            switch (status.getCode()) {
                case IOError, Corruption ->
                    faults.fault("cannot write " + file.getFilePath(), new RocksDBException(status));
                // Empty files are not kept, and an orderly end stops compactions; neither is a fault.
                default -> {}
            }
        }

        @Override
        public void onBackgroundError(BackgroundErrorReason reason, Status status) {
            String what = "background " + reason.name().toLowerCase(Locale.ROOT) + " failed";
            faults.fault(what, new RocksDBException(status));
        }
    }
}
