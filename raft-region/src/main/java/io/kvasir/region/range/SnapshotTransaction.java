package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.ExpiryKey;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.EventCode;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeyLocked;
import io.kvasir.region.OutOfRange;
import io.kvasir.region.RangeTransaction.SnapshotRecord;
import io.kvasir.region.Transaction;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a command sees that is evaluated away from its range's owner (rule K32): a snapshot of the engine, at the
 * timestamp that stands in it. Reads may wait for the disk. Writes are kept here, seen by the command itself, and
 * become effects when the owner takes them ({@link StagedWrite}): for that, what was read is noted as guards.
 *
 * <p>Bounded by the bytes that one command may read, and those it may write. Confined to the thread that runs the
 * command.
 */
final class SnapshotTransaction implements Transaction {

    private static final byte[] EMPTY = new byte[0];

    private final Engine.Snapshot snapshot;
    private final RegionDescriptor descriptor;
    private final PinnedViews views;
    private final InstanceState instances;
    private final LockTable locks;
    private final long timestamp;
    private final Version left;
    private final NavigableMap<byte[], Version> removals;
    private final int[] marked;
    private final boolean listened;
    private final SplittableRandom random;
    private final Batch none = new Batch(List.of());
    private final Examination examination;
    private final long writtenBytesMax;

    /** What the command leaves of each record it wrote. */
    private final TreeMap<byte[], Overlay.Pending> records = new TreeMap<>(Arrays::compareUnsigned);

    /** Its other effects, in order. */
    private final List<Effect> others = new ArrayList<>();

    private final List<Event> events = new ArrayList<>();

    /** By stem of a user key that was read: the version of its root. */
    private final TreeMap<byte[], Version> guards = new TreeMap<>(Arrays::compareUnsigned);

    private final Map<Integer, Integer> mapped = new HashMap<>();
    private long earliestAliveMillis = Long.MAX_VALUE;
    private boolean guardable = true;
    private long writtenBytes;
    private long otherBytes;
    private Version generation;
    private @Nullable Past past;

    /**
     * @param left timestamp of the batch that the command left, whose sight the snapshot holds, and the generation of
     *     sub-records that its first part makes
     * @param removals what {@link #removedUpTo} answers
     * @param marked hashes of the user keys marked busy for the command; none if the whole range is
     * @param seed of random bits
     */
    SnapshotTransaction(
            Engine.Snapshot snapshot,
            RegionDescriptor descriptor,
            PinnedViews views,
            Version left,
            NavigableMap<byte[], Version> removals,
            int[] marked,
            boolean listened,
            long seed,
            long bytesMax) {
        this.snapshot = snapshot;
        this.descriptor = descriptor;
        this.views = views;
        this.instances = InstanceState.load(snapshot, descriptor.id());
        this.locks = LockTable.load(
                snapshot.cursor(Family.LOCK, descriptor.start(), descriptor.end(), false, false), descriptor);
        this.left = left;
        this.removals = removals;
        this.marked = marked;
        this.generation = left;
        this.listened = listened;
        this.random = new SplittableRandom(seed);
        this.examination = new Examination(Long.MAX_VALUE, bytesMax);
        this.writtenBytesMax = bytesMax;
        byte[] applied = snapshot.get(Family.RANGE, RangeState.appliedKey(descriptor.id()));
        this.timestamp = applied == null
                ? left.timestamp()
                : Math.max(left.timestamp(), RangeState.decodeApplied(applied).timestamp());
    }

    Version firstGeneration() {
        return left;
    }

    NavigableMap<byte[], Overlay.Pending> records() {
        return records;
    }

    List<Effect> others() {
        return others;
    }

    List<Event> events() {
        return events;
    }

    NavigableMap<byte[], Version> guards() {
        return guards;
    }

    Map<Integer, Integer> mapped() {
        return mapped;
    }

    /** Returns the earliest expiry taken for not reached, in ms; {@link Long#MAX_VALUE} if there was none. */
    long earliestAliveMillis() {
        return earliestAliveMillis;
    }

    /** Returns whether {@link #guards} cover all that was read. */
    boolean isGuardable() {
        return guardable;
    }

    /** Returns the bytes of all effects, about. */
    long writtenBytes() {
        return writtenBytes;
    }

    /** Returns the bytes of {@link #others}, about. */
    long otherBytes() {
        return otherBytes;
    }

    boolean wrote() {
        return !records.isEmpty() || !others.isEmpty() || !events.isEmpty();
    }

    @Override
    public long timestamp() {
        return timestamp;
    }

    @Override
    public long timeMillis() {
        return Timestamp.millis(timestamp);
    }

    @Override
    public boolean isExpired(long expiryMillis) {
        if (expiryMillis == 0) {
            return false;
        }
        if (expiryMillis <= timeMillis()) {
            return true;
        }
        earliestAliveMillis = Math.min(earliestAliveMillis, expiryMillis);
        return false;
    }

    @Override
    public int instance(int database) {
        requireUnlocked(locks.of(OwnedKey.mapStem(descriptor.start())));
        int instance = instances.instance(database);
        mapped.put(database, instance);
        return instance;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        requireInRange(key);
        Overlay.Pending own = records.get(key);
        if (own != null) {
            return own.payload;
        }
        guard(key);
        byte[] stamped = snapshot.get(Family.NEWEST, key);
        examination.count(stamped == null ? 0 : stamped.length);
        return stamped == null ? null : MergedCursor.payloadOf(stamped);
    }

    @Override
    public Version version(byte[] key) {
        requireInRange(key);
        Overlay.Pending own = records.get(key);
        if (own != null) {
            return own.payload == null ? Version.NONE : own.version;
        }
        guard(key);
        return storedVersion(key);
    }

    private Version storedVersion(byte[] key) {
        byte[] stamped = snapshot.get(Family.NEWEST, key);
        return stamped == null ? Version.NONE : Version.read(stamped, 0);
    }

    /** Whether a locked key was written before the snapshot only the fate of its lock's transaction tells. */
    private static void requireUnlocked(List<KeyLock> found) {
        for (KeyLock lock : found) {
            if (!lock.shared()) {
                throw new KeyLocked(lock);
            }
        }
    }

    private void guard(byte[] key) {
        byte[] stem = Arrays.copyOf(key, KeyLayout.stemLength(key));
        requireUnlocked(locks.of(stem));
        if (!guards.containsKey(stem)) {
            guards.put(stem, storedVersion(KeyLayout.rootOfStem(stem)));
        }
    }

    @Override
    public Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        byte[] first = ReplicaState.clipStart(descriptor, from);
        byte[] last = ReplicaState.clipEnd(descriptor, to);
        if (last.length != 0 && Arrays.compareUnsigned(first, last) >= 0) {
            last = first;
        }
        guardScan(from, to);
        requireUnlocked(locks.exclusiveWithin(first, last));
        return new MergedCursor(
                snapshot.cursor(Family.NEWEST, first, last, descending, false),
                Overlay.range(records, first, last),
                descending,
                examination);
    }

    /** A scan of one user key's records is guarded by its root; one over several keys is not. */
    private void guardScan(byte[] from, byte[] to) {
        byte[] stem;
        try {
            stem = Arrays.copyOf(from, KeyLayout.stemLength(from));
        } catch (IllegalArgumentException noStem) {
            guardable = false;
            return;
        }
        if (to.length == 0 || Arrays.compareUnsigned(to, KeyLayout.stemEnd(stem)) > 0) {
            guardable = false;
            return;
        }
        guard(from);
    }

    private void requireInRange(byte[] key) {
        if (!descriptor.contains(key)) {
            throw OutOfRange.SIGNAL;
        }
    }

    @Override
    public void put(byte[] key, byte[] payload) {
        requireInRange(key);
        write(key.length + payload.length);
        records.put(key, new Overlay.Pending(payload, generation, none));
    }

    @Override
    public void delete(byte[] key) {
        requireInRange(key);
        write(key.length);
        records.put(key, new Overlay.Pending(null, generation, none));
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) {
        requireInRange(from);
        records.subMap(from, true, to, false).clear(); // of an earlier part of this very command
        add(new Effect.DeleteRange(Family.NEWEST, from, to), from.length + to.length);
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
        requireInRange(key);
        add(new Effect.AddKeys(instance, delta), 16);
    }

    private void add(Effect effect, int bytes) {
        write(bytes);
        otherBytes += bytes + 8;
        others.add(effect);
    }

    private void write(int bytes) {
        writtenBytes += bytes + 8;
        if (writtenBytes > writtenBytesMax) {
            throw OverBudget.SIGNAL;
        }
    }

    /** Changes of the instance map are small and run at the owner. */
    @Override
    public void mapInstance(int database, int instance) {
        throw OverBudget.SIGNAL;
    }

    /** See {@link #mapInstance}. */
    @Override
    public void forgetInstance(int instance) {
        throw OverBudget.SIGNAL;
    }

    @Override
    public long keys(int instance) {
        guardable = false;
        return instances.keys().getOrDefault(instance, 0L);
    }

    @Override
    public byte[] rangeStart() {
        return descriptor.start();
    }

    @Override
    public byte[] rangeEnd() {
        return descriptor.end();
    }

    @Override
    public Version generation() {
        return generation;
    }

    /** A key that is not held for the command may have been removed at any time. */
    @Override
    public Version removedUpTo(byte[] rootKey) {
        Version known = removals.get(rootKey);
        return known != null ? known : new Version(timestamp, Integer.MAX_VALUE);
    }

    @Override
    public void requireMarked(byte[] userKey) {
        BusyKeys.requireMarked(marked, userKey);
    }

    @Override
    public void nextCommand() {
        int part = generation.ordinal() - left.ordinal() + 1;
        if (part == SnapshotRun.PARTS_MAX) {
            throw OverBudget.SIGNAL;
        }
        generation = new Version(left.timestamp(), left.ordinal() + part);
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
    public Engine.Cursor scanPinned(long pinned, byte[] from, byte[] to, boolean descending) {
        return views.scan(
                pinned, ReplicaState.clipStart(descriptor, from), ReplicaState.clipEnd(descriptor, to), descending);
    }

    @Override
    public SnapshotRecord pastRecord(long at, byte[] key) {
        requireInRange(key);
        return past().record(at, key);
    }

    @Override
    public Engine.Cursor scanPast(long at, byte[] from, byte[] to, boolean descending) {
        return past().scan(
                        at, ReplicaState.clipStart(descriptor, from), ReplicaState.clipEnd(descriptor, to), descending);
    }

    @Override
    public int pastInstance(long at, int database) {
        return past().instance(at, database);
    }

    private Past past() {
        if (past == null) {
            past = new Past(snapshot, descriptor, instances, examination);
        }
        return past;
    }
}
