package io.kvasir.region.range;

import io.kvasir.proto.key.ExpiryKey;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.EventCode;
import io.kvasir.region.Invocation;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeyLocked;
import io.kvasir.region.KeySpan;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.NotCached;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a command sees at the leader: the effects of the batches under way over the engine. Its writes go to the overlay
 * at once, for the command itself and for those after it, and are taken back if the command is abandoned.
 *
 * <p>One object per range, used for one command after another by {@link #begin} and {@link #finish} or
 * {@link #abandon}. Confined to the range's owner thread.
 *
 * <p>This file is long because what a command does to records, locks and fates is kept or taken back as one, and what a
 * procedure may ask of a range is one interface.
 */
final class LeaderTransaction implements RangeTransaction {

    private static final byte[] EMPTY = new byte[0];

    private final Engine engine;
    private final RecordCache cache;
    private final Overlay overlay;
    private final ReplicaState state;
    private final LeaderCounts counts;
    private final RandomGenerator random;
    private final Removals removals = new Removals();
    private final KeyHolds holds;
    private final Examination examination;
    private final long effectBytesMax;
    private final Overlay fates = new Overlay();
    private final LockTable locks = new LockTable();

    private @Nullable KeyTally tally;

    /** Whether this command splits the range. */
    private boolean splits;

    private final LockWaits waits;
    private final ReplacedVersions replaced = new ReplacedVersions();
    private final PinnedViews views;

    /** What the commands before the current one of the same procedure did. */
    private final List<CommandEffects> before = new ArrayList<>();

    private final Map<Integer, Integer> mapped = new HashMap<>();
    private final List<Effect> effects = new ArrayList<>();
    private final List<Overlay.Pending> pendings = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Undo> undo = new ArrayList<>();
    private final List<LockUndo> lockUndo = new ArrayList<>();
    private final List<byte[]> unlocked = new ArrayList<>();
    private final List<KeyLock> overdue = new ArrayList<>();
    private final List<ReplacedVersions.Before> replacedNow = new ArrayList<>();
    private final List<Effect.DeleteRange> holes = new ArrayList<>();

    private @Nullable Batch batch;
    private Version version = Version.NONE;
    private @Nullable PendingCommand writer;
    private byte[] heldKey = EMPTY;
    private boolean isBounded;
    private boolean mayWait;
    private boolean listened;
    private int[] marked = {};
    private long effectBytes;
    private boolean passing;
    private long commit;
    private Optional<RequestId> id = Optional.empty();
    private long newestWrite;

    /** A write to an overlay and what it replaced there. */
    private record Undo(Overlay overlay, byte[] key, Overlay.@Nullable Pending before) {}

    /** The locks of a stem before they were changed. */
    private record LockUndo(byte[] stem, List<KeyLock> before) {}

    LeaderTransaction(
            Engine engine,
            RecordCache cache,
            Overlay overlay,
            ReplicaState state,
            LeaderCounts counts,
            RandomGenerator random,
            KeyHolds holds,
            RangeSettings settings,
            LockWaits waits,
            PinnedViews views) {
        this.views = views;
        this.waits = waits;
        this.holds = holds;
        this.examination = new Examination(settings.recordsExaminedMax(), settings.bytesExaminedMax());
        this.effectBytesMax = settings.commandEffectBytesMax();
        this.engine = engine;
        this.cache = cache;
        this.overlay = overlay;
        this.state = state;
        this.counts = counts;
        this.random = random;
    }

    /** Begins anew over what is applied, after {@code timestamp} at the latest. */
    void reset(long timestamp) {
        newestWrite = timestamp;
        removals.reset(timestamp);
        replaced.reset(timestamp);
        fates.clear();
        locks.copy(state.locks());
    }

    /** The range has other bounds; nothing is under way. */
    void rangeChanged() {
        locks.copy(state.locks());
    }

    /** Forgets the fates under way: nothing is evaluated until {@link #reset}. */
    void forgetAll() {
        fates.clear();
    }

    /** A batch of {@code timestamp} begins. */
    void beginBatch(long timestamp) {
        replaced.trim(timestamp);
    }

    /** Returns the stems that {@link #finish} left with fewer locks than there were, and forgets them. */
    List<byte[]> takeUnlocked() {
        List<byte[]> taken = List.copyOf(unlocked);
        unlocked.clear();
        return taken;
    }

    /** Returns the locks that commands have reported as overdue, and forgets them. */
    List<KeyLock> takeOverdue() {
        if (overdue.isEmpty()) {
            return List.of();
        }
        List<KeyLock> taken = List.copyOf(overdue);
        overdue.clear();
        return taken;
    }

    /**
     * Begins a command of {@code batch}.
     *
     * @param writer for whom held keys are free
     * @param id stands in the entry with what the command does
     * @param isBounded whether it ends with {@link OverBudget} when it looks at, or writes, too much
     * @param mayWait whether its reads may wait for the disk
     * @param listened whether keyspace events are wanted
     */
    void begin(
            Batch batch,
            PendingCommand writer,
            Optional<RequestId> id,
            boolean isBounded,
            boolean mayWait,
            boolean listened) {
        this.writer = writer;
        this.id = id;
        this.isBounded = isBounded;
        examination.begin(isBounded);
        assert effects.isEmpty() && before.isEmpty() && undo.isEmpty()
                : "the command before was neither finished nor abandoned";
        this.batch = batch;
        this.version = new Version(batch.timestamp, batch.nextOrdinal++);
        this.mayWait = mayWait;
        this.listened = listened;
        this.marked = writer.hashes;
    }

    /** Returns the records that all commands looked at so far. */
    long recordsExamined() {
        return examination.recordsOfAll();
    }

    /** Returns the key at which {@link KeyHeld} was thrown last. */
    byte[] heldKey() {
        return heldKey;
    }

    /** Returns the chain of this command's batch: its first link. */
    ChainLink chain() {
        return current().chain;
    }

    /** Returns whether this command changed the map of databases to instances. */
    boolean mapsInstance() {
        return !mapped.isEmpty();
    }

    /** Returns the bytes of this command's effects, about. */
    long effectBytes() {
        return effectBytes;
    }

    /** Ends the command and keeps its writes: they are added to the batch. */
    void finish() {
        Batch into = current();
        for (int i = 0; i < undo.size(); i++) {
            into.written.add(new Batch.Written(undo.get(i).overlay, undo.get(i).key, pendings.get(i)));
        }
        if (!pendings.isEmpty() || !holes.isEmpty()) {
            replaced.keep(version.timestamp(), replacedNow);
            holes.forEach(hole -> replaced.keepHole(version.timestamp(), hole.from(), hole.to()));
        }
        if (!mapped.isEmpty()) {
            replaced.mapChanged(version.timestamp());
        }
        endPart();
        if (!before.isEmpty()) {
            newestWrite = into.timestamp;
        }
        into.effects.addAll(before);
        into.bytes += effectBytes;
        into.mapsInstance |= !mapped.isEmpty() || splits;
        if (tally != null) {
            tally.keep();
        }
        end();
    }

    /** Ends the command and takes its writes back. */
    void abandon() {
        for (int i = undo.size() - 1; i >= 0; i--) {
            undo.get(i).overlay.undo(undo.get(i).key, undo.get(i).before);
        }
        for (LockUndo one : lockUndo.reversed()) {
            locks.restore(one.stem, one.before);
        }
        unlocked.clear();
        if (tally != null) {
            tally.drop();
        }
        endPart();
        for (CommandEffects part : before) {
            for (Effect effect : part.effects()) {
                if (effect instanceof Effect.AddKeys(int instance, long delta)) {
                    counts.add(instance, -delta);
                }
            }
        }
        end();
    }

    /** Puts what was done under the current version to what was done before it. */
    private void endPart() {
        if (!effects.isEmpty() && writer != null && writer.request.is(Request.FLAG_AUTHOR)) {
            byte[] author = new WireWriter()
                    .i64(writer.place.gateway())
                    .i64(writer.request.session())
                    .toBytes();
            events.add(new Event(EventCode.AUTHOR, author));
        }
        if (!effects.isEmpty() || !events.isEmpty()) {
            before.add(new CommandEffects(
                    version.ordinal(), id, Optional.empty(), List.copyOf(effects), List.copyOf(events), commit));
            effects.clear();
            events.clear();
        }
    }

    private void end() {
        before.clear();
        mapped.clear();
        effects.clear();
        pendings.clear();
        events.clear();
        undo.clear();
        lockUndo.clear();
        replacedNow.clear();
        holes.clear();
        passing = false;
        splits = false;
        commit = 0;
        batch = null;
        writer = null;
        effectBytes = 0;
    }

    private Batch current() {
        if (batch == null) {
            throw new IllegalStateException("no command has begun");
        }
        return batch;
    }

    @Override
    public long timestamp() {
        return version.timestamp();
    }

    @Override
    public long timeMillis() {
        return Timestamp.millis(version.timestamp());
    }

    @Override
    public boolean isExpired(long expiryMillis) {
        return expiryMillis != 0 && expiryMillis <= timeMillis();
    }

    @Override
    public int instance(int database) {
        if (!passing && !locks.isEmpty()) {
            List<KeyLock> ofMap = locks.of(mapStem());
            if (!ofMap.isEmpty()) {
                throw new KeyLocked(ofMap.getFirst());
            }
        }
        Integer instance = mapped.isEmpty() ? null : mapped.get(database);
        return instance != null ? instance : state.instance(database);
    }

    @Override
    public void mapInstance(int database, int instance) {
        if (!passing) {
            KeyLock any = locks.anyBut(0);
            if (any != null) {
                throw new KeyLocked(any);
            }
        }
        mapped.put(database, instance);
        add(new Effect.MapInstance(database, instance), 16);
    }

    @Override
    public void forgetInstance(int instance) {
        if (counts.get(instance) != 0) {
            throw new IllegalStateException("instance " + instance + " still has " + counts.get(instance) + " keys");
        }
        add(new Effect.ForgetInstance(instance), 8);
    }

    @Override
    public void recordChecksum(long id) {
        add(new Effect.RecordChecksum(id), 8);
    }

    @Override
    public void keepPast(int database, long millis, long horizon) {
        add(new Effect.KeepPast(database, millis, horizon), 24);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        requireReadable(key);
        Overlay.Pending pending = overlay.get(key);
        if (pending != null) {
            examination.count(pending.payload == null ? 0 : pending.payload.length);
            return pending.payload;
        }
        return stored(key).payload();
    }

    @Override
    public Version version(byte[] key) {
        requireReadable(key);
        Overlay.Pending pending = overlay.get(key);
        if (pending != null) {
            return pending.payload == null ? Version.NONE : pending.version;
        }
        return stored(key).version();
    }

    @Override
    public Version removedUpTo(byte[] rootKey) {
        state.requireInRange(rootKey);
        return removals.upTo(rootKey);
    }

    private void requireReadable(byte[] key) {
        state.requireInRange(key);
        if (!passing && !locks.isEmpty()) {
            KeyLock lock = locks.exclusive(key);
            if (lock != null) {
                throw new KeyLocked(lock);
            }
        }
    }

    private RecordCache.Cached stored(byte[] key) {
        RecordCache.Cached record = cache.get(key, mayWait);
        if (record == null) {
            throw NotCached.SIGNAL;
        }
        examination.count(record.payloadBytes());
        return record;
    }

    @Override
    public Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        byte[] first = state.clipStart(from);
        byte[] last = state.clipEnd(to);
        if (!passing && !locks.isEmpty()) {
            List<KeyLock> within = locks.exclusiveWithin(first, last);
            if (!within.isEmpty()) {
                throw new KeyLocked(within.getFirst());
            }
        }
        if (last.length != 0 && Arrays.compareUnsigned(first, last) >= 0) {
            last = first;
        }
        return new MergedCursor(
                engine.cursor(Family.NEWEST, first, last, descending, !mayWait),
                overlay.range(first, last),
                descending,
                examination);
    }

    @Override
    public void put(byte[] key, byte[] payload) {
        write(key, payload, new Effect.Put(Family.NEWEST, key, payload), key.length + payload.length);
    }

    @Override
    public void delete(byte[] key) {
        if (KeyLayout.isRoot(key)) {
            removals.note(key, version(key), version.timestamp());
        }
        write(key, null, new Effect.Delete(Family.NEWEST, key), key.length);
    }

    private void write(byte[] key, byte @Nullable [] payload, Effect effect, int bytes) {
        state.requireInRange(key);
        PendingCommand command = writer;
        if (!passing && !holds.isEmpty() && command != null && holds.excludes(key, command)) {
            heldKey = key;
            throw KeyHeld.SIGNAL;
        }
        if (!passing && !locks.isEmpty()) {
            KeyLock lock = locks.any(key);
            if (lock != null) {
                throw new KeyLocked(lock);
            }
        }
        if (replaced.isKeeping()) {
            replacedNow.add(before(key));
        }
        Overlay.Pending pending = new Overlay.Pending(payload, version, current());
        undo.add(new Undo(overlay, key, overlay.put(key, pending)));
        pendings.add(pending);
        add(effect, bytes);
    }

    /** Returns what a write to {@code key} replaces, as far as memory knows it. */
    private ReplacedVersions.Before before(byte[] key) {
        Overlay.Pending pending = overlay.get(key);
        if (pending != null) {
            return new ReplacedVersions.Before(
                    key, pending.payload == null ? Version.NONE : pending.version, pending.payload, true);
        }
        RecordCache.Cached record = cache.get(key, false);
        return record == null
                ? new ReplacedVersions.Before(key, Version.NONE, null, false)
                : new ReplacedVersions.Before(key, record.version(), record.payload(), true);
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) {
        state.requireInRange(from);
        Effect.DeleteRange effect = new Effect.DeleteRange(Family.NEWEST, from, to);
        holes.add(effect);
        add(effect, from.length + to.length);
    }

    @Override
    public void moveExpiry(byte[] rootKey, long oldMillis, long newMillis) {
        if (oldMillis == newMillis) {
            return;
        }
        if (oldMillis != 0) {
            add(new Effect.Delete(Family.EXPIRY, ExpiryKey.of(oldMillis, rootKey)), rootKey.length + 8);
        }
        if (newMillis != 0) {
            add(new Effect.Put(Family.EXPIRY, ExpiryKey.of(newMillis, rootKey), EMPTY), rootKey.length + 8);
        }
    }

    @Override
    public void addKeys(byte[] key, int instance, long delta) {
        state.requireInRange(key);
        counts.add(instance, delta);
        if (tally != null) {
            tally.add(key, instance, delta);
        }
        add(new Effect.AddKeys(instance, delta), 16);
    }

    /** Has changes of the number of keys tallied by {@code newTally} too, null for nobody. */
    void tallyBy(@Nullable KeyTally newTally) {
        tally = newTally;
    }

    /** Splits the range: see {@link LeaderSplits}. */
    void split(Effect.Split split) {
        splits = true;
        add(split, split.child().start().length);
    }

    /** Says which voters the range has: see {@link Effect.Members}. */
    void follow(Effect.Members members) {
        add(members, members.voters().size() * 12);
    }

    private void add(Effect effect, int bytes) {
        effects.add(effect);
        effectBytes += bytes + 8;
        if (isBounded && effectBytes > effectBytesMax) {
            throw OverBudget.SIGNAL;
        }
    }

    /** Notes that what {@code detail} names is about to be staged; see {@link RangeState#stagedDetail}. */
    void noteStaged(byte[] detail) {
        byte[] key = RangeState.stagedKey(state.descriptor().id(), detail);
        add(new Effect.Put(Family.RANGE, key, RangeState.STAGED_NOTE), key.length);
    }

    /** Removes the note of what {@code detail} names. */
    void forgetStaged(byte[] detail) {
        byte[] key = RangeState.stagedKey(state.descriptor().id(), detail);
        add(new Effect.Delete(Family.RANGE, key), key.length);
    }

    /** Writes {@code effect}, which {@link SnapshotTransaction} recorded. */
    void replay(Effect effect) {
        switch (effect) {
            case Effect.Put(Family family, byte[] key, byte[] value) when family == Family.NEWEST -> put(key, value);
            case Effect.Delete(Family family, byte[] key) when family == Family.NEWEST -> delete(key);
            case Effect.AddKeys(int instance, long delta) -> {
                counts.add(instance, delta);
                if (tally != null) {
                    tally.spoil();
                }
                add(effect, 16);
            }
            case Effect.Put(Family _, byte[] key, byte[] value) -> add(effect, key.length + value.length);
            case Effect.Delete(Family _, byte[] key) -> add(effect, key.length);
            case Effect.DeleteRange(Family _, byte[] from, byte[] to) -> deleteRange(from, to);
            case Effect.MapInstance _,
                    Effect.ForgetInstance _,
                    Effect.KeepPast _,
                    Effect.RecordChecksum _,
                    Effect.Split _,
                    Effect.Members _ -> throw new IllegalArgumentException("no effect of a snapshot: " + effect);
        }
    }

    @Override
    public long keys(int instance) {
        return counts.get(instance);
    }

    @Override
    public byte[] rangeStart() {
        return state.descriptor().start();
    }

    @Override
    public byte[] rangeEnd() {
        return state.descriptor().end();
    }

    @Override
    public Version generation() {
        return version;
    }

    @Override
    public void requireMarked(byte[] userKey) {
        BusyKeys.requireMarked(marked, userKey);
    }

    @Override
    public void nextCommand() {
        endPart();
        if (isBounded && current().nextOrdinal >= SnapshotRun.PARTS_MAX) {
            throw OverBudget.SIGNAL;
        }
        version = new Version(version.timestamp(), current().nextOrdinal++);
    }

    @Override
    public void takesLong() {
        if (isBounded) {
            throw OverBudget.SIGNAL;
        }
    }

    @Override
    public long random() {
        return random.nextLong();
    }

    @Override
    public void event(EventCode code, byte[] rootKey) {
        if (listened) {
            events.add(new Event(code, rootKey));
        }
    }

    @Override
    public void passLocks() {
        passing = true;
    }

    @Override
    public byte[] mapStem() {
        return OwnedKey.mapStem(state.descriptor().start());
    }

    @Override
    public byte[] spanStem(int number) {
        return OwnedKey.spanStem(state.descriptor().start(), number);
    }

    @Override
    public List<KeyLock> locks(byte[] stem) {
        return locks.of(stem);
    }

    @Override
    public List<KeyLock> locksOf(long owner) {
        return locks.ofOwner(owner);
    }

    @Override
    public @Nullable KeyLock anyLockBut(long owner) {
        return locks.anyBut(owner);
    }

    @Override
    public List<KeyLock> locksWithin(byte[] from, byte[] to) {
        return locks.exclusiveWithin(state.clipStart(from), state.clipEnd(to));
    }

    @Override
    public List<KeyLock> spansOver(byte[] stem) {
        return locks.spansOver(stem);
    }

    @Override
    public List<Invocation> waiting(byte[] stem) {
        return waits.waiting(stem);
    }

    @Override
    public List<Invocation> waitingWithin(KeySpan span) {
        return waits.waitingWithin(span);
    }

    @Override
    public void reportOverdue(KeyLock lock) {
        overdue.add(lock);
    }

    @Override
    public void lock(KeyLock lock) {
        state.requireInRange(lock.stem());
        lockUndo.add(new LockUndo(lock.stem(), locks.of(lock.stem())));
        locks.put(lock);
        byte[] key = LockTable.keyOf(lock);
        byte[] value = LockTable.encode(lock);
        add(new Effect.Put(Family.LOCK, key, value), key.length + value.length);
    }

    @Override
    public void unlock(KeyLock lock) {
        state.requireInRange(lock.stem());
        lockUndo.add(new LockUndo(lock.stem(), locks.of(lock.stem())));
        locks.remove(lock.stem(), lock.owner());
        unlocked.add(lock.stem());
        byte[] key = LockTable.keyOf(lock);
        add(new Effect.Delete(Family.LOCK, key), key.length);
    }

    @Override
    public byte @Nullable [] fate(byte[] stem, long owner) {
        state.requireInRange(stem);
        byte[] key = OwnedKey.of(stem, owner);
        Overlay.Pending pending = fates.get(key);
        if (pending != null) {
            return pending.payload;
        }
        if (mayWait) {
            return engine.get(Family.FATE, key);
        }
        Engine.Lookup found = engine.getCached(Family.FATE, key);
        if (!found.known()) {
            throw NotCached.SIGNAL;
        }
        return found.value();
    }

    @Override
    public void putFate(byte[] stem, long owner, byte[] fate) {
        byte[] key = OwnedKey.of(stem, owner);
        writeFate(key, fate, new Effect.Put(Family.FATE, key, fate), key.length + fate.length);
    }

    @Override
    public void deleteFate(byte[] stem, long owner) {
        byte[] key = OwnedKey.of(stem, owner);
        writeFate(key, null, new Effect.Delete(Family.FATE, key), key.length);
    }

    private void writeFate(byte[] key, byte @Nullable [] fate, Effect effect, int bytes) {
        Overlay.Pending pending = new Overlay.Pending(fate, version, current());
        undo.add(new Undo(fates, key, fates.put(key, pending)));
        pendings.add(pending);
        add(effect, bytes);
    }

    @Override
    public long removedAt(byte[] rootKey) {
        state.requireInRange(rootKey);
        return removals.removedAt(rootKey);
    }

    @Override
    public boolean hasChangedSince(long timestamp, KeySpan span) {
        replaced.readAt(timestamp);
        return replaced.hasChangedSince(timestamp, state.clipStart(span.from()), state.clipEnd(span.to()));
    }

    @Override
    public void commitAt(long timestamp) {
        if (timestamp >= current().timestamp) {
            throw new IllegalArgumentException("commit at " + timestamp + " in a batch of " + current().timestamp);
        }
        endPart();
        commit = timestamp;
        version = new Version(timestamp, version.ordinal());
    }

    @Override
    public long newestWrite() {
        return newestWrite;
    }

    @Override
    public SnapshotRecord recordAt(long timestamp, byte[] key) {
        state.requireInRange(key);
        replaced.readAt(timestamp);
        Overlay.Pending pending = overlay.get(key);
        if (pending != null) {
            return replaced.at(timestamp, key, pending.version, pending.payload);
        }
        RecordCache.Cached record = stored(key);
        return replaced.at(timestamp, key, record.version(), record.payload());
    }

    @Override
    public Engine.Cursor scanAt(long timestamp, byte[] from, byte[] to, boolean descending) {
        replaced.readAt(timestamp);
        byte[] first = state.clipStart(from);
        byte[] last = state.clipEnd(to);
        NavigableSet<byte[]> keys = new TreeSet<>(Arrays::compareUnsigned);
        keys.addAll(replaced.keysWithin(timestamp, first, last));
        boolean wasPassing = passing;
        passing = true;
        Engine.Cursor newest = scan(from, to, descending);
        passing = wasPassing;
        return new SnapshotCursor(newest, keys, descending, key -> recordAt(timestamp, key));
    }

    @Override
    public int instanceAt(long timestamp, int database) {
        replaced.readAt(timestamp);
        replaced.requireMapOf(timestamp);
        return state.instance(database);
    }

    @Override
    public boolean pin(long timestamp) {
        replaced.readAt(timestamp);
        Batch none = new Batch(List.of());
        NavigableMap<byte[], Overlay.Pending> differing = new TreeMap<>(Arrays::compareUnsigned);
        replaced.since(timestamp)
                .forEach((key, record) ->
                        differing.put(key, new Overlay.Pending(record.payload(), record.version(), none)));
        // What else is under way was written up to then: the engine's snapshot may lack it.
        overlay.range(EMPTY, EMPTY)
                .forEach((key, left) ->
                        differing.putIfAbsent(key, new Overlay.Pending(left.payload, left.version, none)));
        return views.pin(timestamp, differing);
    }

    @Override
    public void unpin(long timestamp) {
        views.release(timestamp);
    }

    /** The owner does not wait for the disk: the command is run over again where that is allowed. */
    @Override
    public Engine.Cursor scanPinned(long timestamp, byte[] from, byte[] to, boolean descending) {
        throw OverBudget.SIGNAL;
    }

    /** The owner does not look into the past beyond what it remembers; see {@link #scanPinned}. */
    @Override
    public SnapshotRecord pastRecord(long timestamp, byte[] key) {
        throw OverBudget.SIGNAL;
    }

    @Override
    public Engine.Cursor scanPast(long timestamp, byte[] from, byte[] to, boolean descending) {
        throw OverBudget.SIGNAL;
    }

    @Override
    public int pastInstance(long timestamp, int database) {
        throw OverBudget.SIGNAL;
    }
}
