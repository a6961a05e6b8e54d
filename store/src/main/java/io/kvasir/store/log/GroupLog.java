package io.kvasir.store.log;

import io.kvasir.proto.id.RegionId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The log and hard state of one live replica, kept in the {@link LogEngine} of its store.
 *
 * <p>Indexes run without gaps from {@link #firstIndex} to {@link #lastIndex}; the log is empty if the last is one less
 * than the first. A change becomes visible to readers when it is durable, never before. Changes of one group take
 * effect in the order in which they were handed over; to hand over from several threads at once is safe but leaves the
 * order open.
 *
 * <p>Safe for any thread. Methods that change something and return void wait until it is durable and must not be called
 * from a {@code whenDurable} callback. After the replica is destroyed they throw {@link IllegalStateException}; after
 * an I/O error of the engine they throw {@link LogFault}; a call that breaks a rule stated at the method throws an
 * {@link IllegalArgumentException} and changes nothing.
 */
public final class GroupLog {

    /** Most bytes that can be remembered of dropped entries. */
    public static final int MEMORY_BYTES_MAX = 64 << 10;

    private final LogEngine engine;
    private final RegionId region;
    private final int incarnation;
    private final byte[] initialState;

    /** Guards {@link #index} and {@link #recent}; held for moments, never over I/O. */
    private final Object lock = new Object();

    private final EntryIndex index;
    /** Runs of entries still in memory, by their first index. */
    private final TreeMap<Long, RecentEntries.Run> recent = new TreeMap<>();

    /** Written by the writer. */
    private volatile HardState hardState;

    /** Written by the writer. */
    private volatile @Nullable InstallMark mark;

    /** Written by the writer. */
    private volatile byte @Nullable [] memory;

    /** Written by the writer. */
    private volatile boolean destroyed;

    /** What this group will be after the frame being gathered. Confined to the writer. */
    final StagedGroup staged = new StagedGroup();

    GroupLog(
            LogEngine engine,
            RegionId region,
            int incarnation,
            byte[] initialState,
            EntryIndex index,
            HardState hardState,
            @Nullable InstallMark mark,
            byte @Nullable [] memory) {
        this.engine = engine;
        this.region = region;
        this.incarnation = incarnation;
        this.initialState = initialState;
        this.index = index;
        this.hardState = hardState;
        this.mark = mark;
        this.memory = memory;
    }

    /** Returns the group's region. */
    public RegionId region() {
        return region;
    }

    /** Returns the incarnation of this replica. */
    public int incarnation() {
        return incarnation;
    }

    /** Returns the first index kept, or the next to be appended if the log is empty; at least 1. */
    public long firstIndex() {
        synchronized (lock) {
            return index.first();
        }
    }

    /** Returns the last durable index; {@code firstIndex() - 1} if the log is empty. */
    public long lastIndex() {
        synchronized (lock) {
            return index.next() - 1;
        }
    }

    /** Returns the term of the entry at {@code at} from memory, or -1 if the log does not hold it. */
    public long termAt(long at) {
        synchronized (lock) {
            return index.contains(at) ? index.termAt(at) : -1;
        }
    }

    /** Returns the type of the entry at {@code at} from memory, or -1 if the log does not hold it. */
    public byte typeAt(long at) {
        synchronized (lock) {
            return index.contains(at) ? index.typeAt(at) : -1;
        }
    }

    /**
     * Returns the indexes of the entries of {@code type}, ascending, from memory.
     *
     * @param type any but {@link Entry#DATA}
     */
    public long[] indexesOfType(byte type) {
        if (type == Entry.DATA) {
            throw new IllegalArgumentException("the indexes of ordinary entries are not kept");
        }
        synchronized (lock) {
            return index.indexesOfType(type);
        }
    }

    /**
     * Returns the data of the entry at {@code at}, not to be changed, or null if the log does not hold it. Recent
     * entries come from memory, older ones from the disk, for which the caller waits.
     *
     * @throws LogFault if the disk fails or returns other bytes than were written
     */
    public byte @Nullable [] read(long at) {
        while (true) {
            long place;
            int length;
            synchronized (lock) {
                if (!index.contains(at)) {
                    return null;
                }
                byte[] data = findRecent(at);
                if (data != null) {
                    return data;
                }
                place = index.placeOf(at);
                length = index.lengthOf(at);
            }
            IOException failure = null;
            try {
                byte[] data = engine.readData(place, length, at);
                if (data != null) {
                    return data;
                }
            } catch (IOException e) {
                failure = e;
            }
            // The segment may have been reclaimed meanwhile; then the entry was moved before, and lies elsewhere now.
            synchronized (lock) {
                if (index.contains(at) && index.placeOf(at) == place) {
                    throw engine.readFailed(this, at, place, failure);
                }
            }
        }
    }

    /**
     * Appends {@code entries}, all or none, and returns when they are durable.
     *
     * @param firstIndex index of the first of them: the last index plus one, with appends under way counted
     * @param entries at least one; terms do not fall, from the last entry of the log on
     */
    public void append(long firstIndex, List<Entry> entries) {
        engine.submitAndAwait(new Change.Append(this, firstIndex, copy(entries)));
    }

    /**
     * Appends as {@link #append(long, List)} does, but returns when the entries are queued, waiting only for room in
     * the queue.
     *
     * @param whenDurable called once by the engine's writer thread when the entries are durable and visible; must not
     *     wait and must not throw. Not called if the engine fails or closes before, or the replica is destroyed. A call
     *     that breaks a rule stops the engine, since nobody would learn of it
     */
    public void append(long firstIndex, List<Entry> entries, Runnable whenDurable) {
        engine.submit(new Change.Append(this, firstIndex, copy(entries)), whenDurable);
    }

    /**
     * Drops the entries before {@code firstKept}. If that is beyond the last index plus one, the log becomes empty and
     * {@code firstKept} is the next index to append. Nothing happens if it is not above {@link #firstIndex}.
     */
    public void truncatePrefix(long firstKept) {
        engine.submitAndAwait(new Change.TruncatePrefix(this, firstKept, null));
    }

    /**
     * Drops entries as {@link #truncatePrefix(long)} does, and in the same step makes {@code memory} what is remembered
     * of all that was ever dropped; if nothing is dropped, nothing is remembered anew.
     *
     * @param memory opaque to the engine, from 1 byte to 64 KiB, returned by {@link #memory} also after a restart
     */
    public void truncatePrefix(long firstKept, byte[] memory) {
        if (memory.length == 0 || memory.length > MEMORY_BYTES_MAX) {
            throw new IllegalArgumentException("memory of " + memory.length + " bytes");
        }
        engine.submitAndAwait(new Change.TruncatePrefix(this, firstKept, memory.clone()));
    }

    /** Returns what the last truncation told to remember, not to be changed; a volatile read. */
    public Optional<byte[]> memory() {
        return Optional.ofNullable(memory);
    }

    /**
     * Drops the entries after {@code lastKept}. Nothing happens if it is not below {@link #lastIndex}.
     *
     * @param lastKept at least {@code firstIndex() - 1}
     */
    public void truncateSuffix(long lastKept) {
        engine.submitAndAwait(new Change.TruncateSuffix(this, lastKept));
    }

    /** Drops all entries and makes {@code nextIndex}, at least 1, the next to be appended. The hard state stays. */
    public void reset(long nextIndex) {
        engine.submitAndAwait(new Change.Reset(this, nextIndex));
    }

    /** Returns the newest durable hard state; a volatile read. */
    public HardState hardState() {
        return hardState;
    }

    /**
     * Makes {@code state} durable. In one term a vote once given stays: saving the same term without a vote changes
     * nothing.
     *
     * @throws IllegalArgumentException if its term is older than the present one, or it votes for another replica in
     *     the same term; nothing is changed then
     */
    public void saveHardState(HardState state) {
        engine.submitAndAwait(new Change.SaveHardState(this, state));
    }

    /**
     * Returns the mark of an install that has begun and has not ended; a replica found with it at start is to be wiped.
     */
    public Optional<InstallMark> installing() {
        return Optional.ofNullable(mark);
    }

    @Override
    public String toString() {
        return region + ":" + incarnation;
    }

    private static Entry[] copy(List<Entry> entries) {
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("no entries to append");
        }
        return entries.toArray(Entry[]::new);
    }

    private byte @Nullable [] findRecent(long at) {
        Map.Entry<Long, RecentEntries.Run> found = recent.floorEntry(at);
        if (found == null || at >= found.getValue().end()) {
            return null;
        }
        RecentEntries.Run run = found.getValue();
        return run.entries[(int) (at - run.firstIndex)].data();
    }

    // For the engine.

    static GroupLog created(LogEngine engine, Change.Create create) {
        return new GroupLog(
                engine,
                create.region(),
                create.incarnation(),
                create.initialState(),
                new EntryIndex(create.nextIndex()),
                create.hardState(),
                null,
                null);
    }

    byte[] initialState() {
        return initialState;
    }

    boolean destroyed() {
        return destroyed;
    }

    /** Returns the body of this replica's record in a checkpoint. */
    byte[] checkpoint() {
        synchronized (lock) {
            return Body.replica(index, hardState, mark, memory, initialState);
        }
    }

    /** Returns the term of the last entry, 0 if there is none. */
    long lastTerm() {
        synchronized (lock) {
            return index.lastTerm();
        }
    }

    /** Returns the segment of the entry at {@code at}, which is contained. */
    long segmentOf(long at) {
        synchronized (lock) {
            return EntryIndex.segmentOf(index.placeOf(at));
        }
    }

    /** Returns the length of the record of the entry at {@code at}, which is contained. */
    int recordBytesOf(long at) {
        synchronized (lock) {
            return index.lengthOf(at);
        }
    }

    /** Appends {@code entries}, of which the first record lies at {@code offset} of {@code segment}. */
    void applyAppend(Segment segment, int offset, Entry[] entries, RecentEntries cache) {
        RecentEntries.Run run;
        synchronized (lock) {
            run = new RecentEntries.Run(this, index.next(), entries);
            int at = offset;
            for (Entry entry : entries) {
                int length = Format.ENTRY_HEADER_BYTES + entry.data().length;
                index.append(entry.term(), entry.type(), EntryIndex.place(segment.id, at), length);
                at += length;
                segment.liveBytes += length;
            }
            recent.put(run.firstIndex, run);
        }
        cache.add(run);
    }

    /** Appends the entry whose record was found at {@code offset} of {@code segment} while reading the log. */
    void replayEntry(Segment segment, int offset, int length, long term, byte type) {
        synchronized (lock) {
            index.append(term, type, EntryIndex.place(segment.id, offset), length);
        }
        segment.liveBytes += length;
    }

    /** Says that the entry at {@code at}, which is contained, lies at {@code offset} of {@code segment} from now on. */
    void applyMove(long at, Segment segment, int offset, int length, Segments segments) {
        synchronized (lock) {
            segments.died(index.placeOf(at), index.lengthOf(at));
            index.move(at, EntryIndex.place(segment.id, offset), length);
        }
        segment.liveBytes += length;
    }

    void applyPrefix(long firstKept, byte @Nullable [] newMemory, Segments segments, RecentEntries cache) {
        if (newMemory != null) {
            memory = newMemory;
        }
        long freed = 0;
        synchronized (lock) {
            long end = Math.min(firstKept, index.next());
            for (long at = index.first(); at < end; at++) {
                segments.died(index.placeOf(at), index.lengthOf(at));
            }
            index.truncatePrefix(firstKept);
            while (!recent.isEmpty() && recent.firstEntry().getValue().end() <= firstKept) {
                freed += recent.pollFirstEntry().getValue().keep(0);
            }
        }
        cache.dropped(freed);
    }

    void applySuffix(long lastKept, Segments segments, RecentEntries cache) {
        long freed = 0;
        synchronized (lock) {
            for (long at = lastKept + 1; at < index.next(); at++) {
                segments.died(index.placeOf(at), index.lengthOf(at));
            }
            index.truncateSuffix(lastKept + 1);
            while (!recent.isEmpty() && recent.lastEntry().getValue().end() > lastKept + 1) {
                RecentEntries.Run run = recent.lastEntry().getValue();
                int kept = (int) Math.max(0, lastKept + 1 - run.firstIndex);
                freed += run.keep(kept);
                if (kept == 0) {
                    recent.pollLastEntry();
                }
            }
        }
        cache.dropped(freed);
    }

    void applyReset(long nextIndex, Segments segments, RecentEntries cache) {
        applySuffix(firstIndex() - 1, segments, cache);
        synchronized (lock) {
            index.reset(nextIndex);
        }
    }

    void applyHardState(HardState state) {
        hardState = hardState.advance(state);
    }

    void applyMark(@Nullable InstallMark newMark) {
        mark = newMark;
    }

    /**
     * The snapshot up to {@code installed} takes the place of the log, unless the log holds the snapshot's last entry:
     * then what follows it may have been acknowledged and stays (Raft §7).
     */
    void applyInstalled(InstallMark installed, byte @Nullable [] newMemory, Segments segments, RecentEntries cache) {
        if (termAt(installed.index()) != installed.term()) {
            if (newMemory != null) {
                memory = newMemory;
            }
            applyReset(installed.index() + 1, segments, cache);
        }
        mark = null;
    }

    void applyDestroyed(Segments segments, RecentEntries cache) {
        applySuffix(firstIndex() - 1, segments, cache);
        destroyed = true;
    }

    /** Gives up {@code run} for lack of room and returns the bytes set free. */
    long forget(RecentEntries.Run run) {
        synchronized (lock) {
            recent.remove(run.firstIndex, run);
            return run.keep(0);
        }
    }
}
