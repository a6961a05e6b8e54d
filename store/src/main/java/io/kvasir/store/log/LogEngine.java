package io.kvasir.store.log;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.store.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The log engine of a store: the entries and hard states of all its replicas, which of them exist, which were destroyed
 * and which are being installed.
 *
 * <p>Safe for any thread. Methods that change something wait until it is durable, throw {@link LogFault} after an I/O
 * error, and must not be called from a {@code whenDurable} callback.
 */
public final class LogEngine implements AutoCloseable {

    /** Longest initial state of a replica: each checkpoint holds all of them. */
    private static final int INITIAL_STATE_BYTES_MAX = 64 << 10;

    private final LogSettings settings;
    private final FaultHandler onFault;
    private final Catalog catalog = new Catalog();
    private final Segments segments;
    private final LogWriter writer;

    /** The thread that writes; null if whoever changes something writes it. */
    private final @Nullable Thread thread;

    /** Guards the queue and what decides who may use it. Also held while writing if there is no writer thread. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition workCame = lock.newCondition();
    private final Condition roomCame = lock.newCondition();
    /** Guarded by lock. */
    private Deque<Request> queue = new ArrayDeque<>();
    /** Bytes of the requests queued or being written. Written under lock, read by any thread. */
    private volatile long queuedBytes;
    /** Guarded by lock. */
    private boolean closing;

    /** Set once, before {@link #onFault} is called. */
    private final AtomicReference<@Nullable LogFault> fault = new AtomicReference<>();

    /** What the writer is working on. Confined to the writer. */
    private final Deque<Request> batch = new ArrayDeque<>();

    /** Whether a thread is in {@link #writeInline}. Guarded by lock. */
    private boolean writingInline;

    /**
     * Opens the log in {@code directory}, which is created if missing and belongs to the caller alone, reads it all,
     * and starts the writer thread.
     *
     * @param onFault told once of an I/O error; production halts the process
     * @throws IOException if the disk fails; no writer thread runs then
     * @throws LogCorruption if acknowledged records are damaged
     */
    public static LogEngine open(Disk disk, Path directory, LogSettings settings, FaultHandler onFault)
            throws IOException {
        return new LogEngine(disk, directory, settings, onFault, true);
    }

    /**
     * Opens the log as {@link #open} does, but without a writer thread: whoever changes something writes and syncs it
     * itself. For simulations in which one seed decides the order of everything.
     */
    public static LogEngine openInline(Disk disk, Path directory, LogSettings settings, FaultHandler onFault)
            throws IOException {
        return new LogEngine(disk, directory, settings, onFault, false);
    }

    private LogEngine(Disk disk, Path directory, LogSettings settings, FaultHandler onFault, boolean threaded)
            throws IOException {
        this.settings = settings;
        this.onFault = onFault;
        segments = new Segments(disk, directory, settings);
        RecentEntries cache = new RecentEntries(settings.cacheBytesMax());
        Recovery recovery =
                new Recovery(disk, directory, catalog, segments, new Replay(this, catalog, segments, cache));
        try {
            recovery.run();
            writer = new LogWriter(
                    this, settings, catalog, segments, cache, recovery.sequence(), recovery.firstSegment());
            if (recovery.mustRoll()) {
                writer.roll();
            }
        } catch (IOException | LogCorruption e) {
            segments.close();
            throw e;
        }
        thread = threaded ? Thread.ofPlatform().name("log-writer").daemon(true).unstarted(this::write) : null;
        if (thread != null) {
            thread.start();
        }
    }

    /** Returns the live replicas, ordered by region. */
    public List<Replica> live() {
        return catalog.live().stream()
                .map(group -> new Replica(group.region(), group.incarnation(), group.initialState(), group))
                .toList();
    }

    /** Returns the log of the live replica of {@code region}, if there is one. */
    public Optional<GroupLog> find(RegionId region) {
        return Optional.ofNullable(catalog.find(region));
    }

    /** Returns the newest tombstone of {@code region}, if a replica of it was ever destroyed here. */
    public Optional<Tombstone> tombstone(RegionId region) {
        return Optional.ofNullable(catalog.tombstone(region));
    }

    /** Creates a replica with an empty log that starts at index 1 and with {@link HardState#NONE}. */
    public Creation create(RegionId region, int incarnation, byte[] initialState) {
        return create(region, incarnation, initialState, 1, HardState.NONE);
    }

    /**
     * Creates a replica, unless one is live or a tombstone of the incarnation or a newer one forbids it (rule K9).
     *
     * @param initialState opaque to the engine, returned by {@link #live} after every restart; at most 64 KiB
     * @param nextIndex the first index that will be appended, at least 1
     * @param hardState the state that the replica starts with; a replica made by a split starts with its parent's
     *     choice
     */
    public Creation create(RegionId region, int incarnation, byte[] initialState, long nextIndex, HardState hardState) {
        if (incarnation < 1 || nextIndex < 1 || initialState.length > INITIAL_STATE_BYTES_MAX) {
            throw new IllegalArgumentException("incarnation or index below 1, or initial state too long: incarnation "
                    + incarnation + ", index " + nextIndex + ", bytes " + initialState.length);
        }
        Object result =
                submitAndAwait(new Change.Create(region, incarnation, initialState.clone(), nextIndex, hardState));
        return (Creation) Objects.requireNonNull(result);
    }

    /**
     * Makes a tombstone and drops the replica's log, hard state and marks with it. May be called for an incarnation
     * that was never here, to keep it from being created.
     *
     * @return whether the tombstone is now in force; false if a newer incarnation is live, which is then left alone
     */
    public boolean destroy(RegionId region, int incarnation, Epoch epoch) {
        return Boolean.TRUE.equals(submitAndAwait(new Change.Destroy(region, incarnation, epoch)));
    }

    /**
     * Marks that a snapshot up to {@code index}, {@code term} is about to overwrite the replica's data (rule K10).
     *
     * @throws IllegalStateException if no replica of {@code region} is live
     */
    public void markInstalling(RegionId region, long index, long term) {
        submitAndAwait(new Change.MarkInstalling(require(region), new InstallMark(index, term)));
    }

    /**
     * Removes the mark and resets the log so that it is empty and continues after {@code index}, in one step. A log
     * that holds the entry at {@code index} with this {@code term} is left as it is: it continues the snapshot already.
     *
     * @throws IllegalStateException if no replica of {@code region} is live
     * @throws IllegalArgumentException if it bears no mark of this {@code index} and {@code term}
     */
    public void installed(RegionId region, long index, long term) {
        submitAndAwait(new Change.Installed(require(region), new InstallMark(index, term), null));
    }

    /**
     * Does as {@link #installed(RegionId, long, long)} does, and if the log is reset makes {@code memory}, from 1 byte
     * to 64 KiB, what is remembered of the entries that the snapshot stands for: see {@link GroupLog#memory}.
     */
    public void installed(RegionId region, long index, long term, byte[] memory) {
        if (memory.length == 0 || memory.length > GroupLog.MEMORY_BYTES_MAX) {
            throw new IllegalArgumentException("memory of " + memory.length + " bytes");
        }
        submitAndAwait(new Change.Installed(require(region), new InstallMark(index, term), memory.clone()));
    }

    /** Returns the mark of the live replica of {@code region}, if it bears one. */
    public Optional<InstallMark> installing(RegionId region) {
        return find(region).flatMap(GroupLog::installing);
    }

    /** Returns the number of syncs that made records durable, since this engine was opened. */
    public long syncs() {
        return writer.syncs();
    }

    /** Returns the number of appends, hard states and other changes made durable since this engine was opened. */
    public long appends() {
        return writer.changes();
    }

    /**
     * Returns whether changes are queued or being written that are not durable. Any thread; never waits for the disk.
     */
    public boolean isWriting() {
        return queuedBytes > 0;
    }

    /** Returns the fault that stopped the engine, if one did. */
    public Optional<LogFault> fault() {
        return Optional.ofNullable(fault.get());
    }

    /**
     * Writes what is queued, if this engine has no writer thread; else does nothing. Appends with a callback wait for
     * this, or for the next change that waits, and so share a sync in a simulation too.
     */
    public void drain() {
        if (thread != null) {
            return;
        }
        lock.lock();
        try {
            writeInline();
        } finally {
            lock.unlock();
        }
    }

    /** Writes what is queued, stops the writer thread and closes the files. Later changes throw {@link LogFault}. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            workCame.signal();
            roomCame.signalAll();
            if (thread == null) {
                writeInline();
            }
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread != null && thread != Thread.currentThread() && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            segments.close();
        } catch (IOException e) {
            fail("log files cannot be closed", e);
        }
    }

    // For the groups.

    /** Queues {@code change} and waits until it is durable; returns its result. */
    @Nullable
    Object submitAndAwait(Change change) {
        if (Thread.currentThread() == thread || writingInline && lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("the writer thread would wait for itself");
        }
        Request request = Request.waiting(change);
        enqueue(request);
        if (thread == null) {
            drain();
        }
        return request.await();
    }

    /** Queues {@code change}; {@code whenDurable} runs when it is durable. */
    void submit(Change change, Runnable whenDurable) {
        enqueue(Request.calling(change, whenDurable));
    }

    /**
     * Reads the data of an entry from the disk.
     *
     * @return null if the bytes there are not such a record, as after the segment was reclaimed
     */
    byte @Nullable [] readData(long place, int length, long index) throws IOException {
        Segment segment = segments.find(EntryIndex.segmentOf(place));
        if (segment == null) {
            return null;
        }
        byte[] bytes = new byte[length];
        int offset = EntryIndex.offsetOf(place);
        if (!segment.file.read(ByteBuffer.wrap(bytes), offset)
                || Format.getInt(bytes, 4) != length
                || Format.getLong(bytes, Format.RECORD_HEADER_BYTES) != index
                || Format.getInt(bytes, 0)
                        != Format.checksum(new CRC32C(), segment.salt, segment.id, offset, bytes, 0, length)) {
            return null;
        }
        return Arrays.copyOfRange(bytes, Format.ENTRY_HEADER_BYTES, length);
    }

    /** Stops the engine because an entry cannot be read, and returns what to throw. */
    LogFault readFailed(GroupLog group, long index, long place, @Nullable IOException cause) {
        IOException because = cause != null
                ? cause
                : new IOException("bad record, segment=" + EntryIndex.segmentOf(place) + ", offset="
                        + EntryIndex.offsetOf(place));
        return fail("entry cannot be read, group=" + group + ", index=" + index, because);
    }

    private GroupLog require(RegionId region) {
        GroupLog group = catalog.find(region);
        if (group == null) {
            throw new IllegalStateException("no replica is live of " + region);
        }
        return group;
    }

    private void enqueue(Request request) {
        lock.lock();
        try {
            // The writer itself, in a callback, must not wait for room that only it can make.
            while (thread != null
                    && thread != Thread.currentThread()
                    && queuedBytes > 0
                    && queuedBytes + request.bytes > settings.queueBytesMax()
                    && fault.get() == null
                    && !closing) {
                roomCame.awaitUninterruptibly();
            }
            requireWorking();
            queue.add(request);
            queuedBytes += request.bytes;
            if (thread == null && queuedBytes > settings.queueBytesMax()) {
                writeInline();
            }
            workCame.signal();
        } finally {
            lock.unlock();
        }
    }

    private void requireWorking() {
        LogFault failed = fault.get();
        if (failed != null) {
            throw new LogFault("the log engine has failed", failed);
        }
        if (closing) {
            throw new LogFault("the log engine is closed", new IOException("closed"));
        }
    }

    // The writer.

    /** The writer thread: writes until closed or failed. */
    private void write() {
        boolean reclaiming = false;
        try {
            while (takeBatch(!reclaiming)) {
                reclaiming = writeBatch();
            }
        } catch (Throwable e) {
            try {
                fail("the log cannot be written", e);
            } finally {
                failAll();
            }
        }
    }

    /** Writes as {@link #write} does, on the calling thread, which holds the lock, until nothing is queued. */
    private void writeInline() {
        if (writingInline) {
            return; // A callback queued more; the caller further up the stack goes on with it.
        }
        writingInline = true;
        try {
            while (fault.get() == null && takeQueued()) {
                writeBatch();
            }
        } catch (IOException | RuntimeException | Error e) {
            fail("the log cannot be written", e);
        } finally {
            writingInline = false;
        }
        if (fault.get() != null) {
            failAll();
        }
    }

    /**
     * Moves what is queued into {@link #batch}, waiting for something if {@code mayWait}.
     *
     * @return whether to go on; false: closed and nothing is left to write
     */
    private boolean takeBatch(boolean mayWait) {
        lock.lock();
        try {
            while (queue.isEmpty() && mayWait && !closing && fault.get() == null) {
                workCame.awaitUninterruptibly();
            }
            LogFault failed = fault.get();
            if (failed != null) {
                throw failed;
            }
            return takeQueued() || !closing;
        } finally {
            lock.unlock();
        }
    }

    /** Moves what is queued into {@link #batch}; returns whether there was anything. Under the lock. */
    private boolean takeQueued() {
        boolean any = !queue.isEmpty();
        batch.addAll(queue);
        queue.clear();
        return any;
    }

    /** Makes {@link #batch} durable and does a part of the reclaim; returns whether more of that is to be done. */
    private boolean writeBatch() throws IOException {
        boolean more;
        do {
            long written = batch.isEmpty() ? 0 : writer.commit(batch);
            if (written > 0) {
                release(written);
            }
            more = writer.reclaim(written);
        } while (!batch.isEmpty());
        return more;
    }

    private void release(long bytes) {
        lock.lock();
        try {
            queuedBytes -= bytes;
            roomCame.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Refuses all further work and tells the handler, once; returns the first fault. */
    private LogFault fail(String what, Throwable cause) {
        LogFault failed = cause instanceof LogFault already ? already : new LogFault(what, cause);
        if (!fault.compareAndSet(null, failed)) {
            return Objects.requireNonNull(fault.get());
        }
        try {
            onFault.onFault(failed);
        } finally {
            wakeAll();
        }
        return failed;
    }

    private void wakeAll() {
        lock.lock();
        try {
            workCame.signal();
            roomCame.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Fails whatever was handed over and is not durable. Called by the writer after {@link #fail}. */
    private void failAll() {
        LogFault failed = Objects.requireNonNull(fault.get());
        lock.lock();
        try {
            takeQueued();
        } finally {
            lock.unlock();
        }
        writer.abandon(failed);
        batch.forEach(request -> request.fail(failed));
        batch.clear();
    }
}
