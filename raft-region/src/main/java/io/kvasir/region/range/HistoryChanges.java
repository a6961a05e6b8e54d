package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.HistoryKey;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.key.Version;
import io.kvasir.region.range.HistoryState.Retention;
import io.kvasir.region.range.HistoryState.Slice;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What entries do to the past of a range, in the order of the log, until it is written with them (rules K8, K24).
 *
 * <p><b>Model.</b> An effect that replaces or deletes a record of a database whose past is kept has the record written
 * to history first, under the timestamp at which it is replaced. Its bytes are read here, at every replica: before an
 * entry all replicas hold the same, so they write the same. Records of dead generations are noted and stay. When a
 * horizon moves, what lies below all of them goes: slices by one range delete each, notes with the records they name.
 * The horizon is in the same write, so it can be found nowhere without what it stands for, and nothing is dropped
 * before it has moved.
 *
 * <p>Costs nothing while no past is kept. Confined to the applying thread, for one write to the engine.
 */
final class HistoryChanges {

    /** Notes of dead records whose records are deleted with one movement of a horizon. */
    static final int DEAD_MAX = 256;

    private final Engine engine;
    private final RegionDescriptor range;
    private final HistoryState before;
    private final NavigableMap<Integer, Retention> databases;
    private final NavigableMap<Integer, NavigableMap<Long, Integer>> left;
    private final NavigableMap<Long, Slice> slices;

    /** What entries of this write have left at the keys they wrote, while the past of any database is kept. */
    private final Map<byte[], Written> written = new TreeMap<>(Arrays::compareUnsigned);

    private final Set<Integer> movedDatabases = new HashSet<>();

    /** Databases that were mapped elsewhere by the current entry, and the instance they left. */
    private final Map<Integer, Integer> leaving = new HashMap<>();

    private final Set<Long> touchedSlices = new HashSet<>();
    private Set<Integer> kept;
    private long floor;
    private long oldestDead;

    /** The oldest note of dead records that is in this write. */
    private long oldestDeadHere = Long.MAX_VALUE;

    private boolean changed;

    /**
     * What stands at a key.
     *
     * @param stamped null if nothing does
     * @param keptAt timestamp of the newest version that this write put into history, 0 if none
     */
    private record Written(byte @Nullable [] stamped, long keptAt) {}

    HistoryChanges(Engine engine, RegionDescriptor range, HistoryState before, InstanceState instances) {
        this.engine = engine;
        this.range = range;
        this.before = before;
        this.databases = before.isOn() ? new TreeMap<>(before.databases()) : new TreeMap<>();
        this.left = new TreeMap<>();
        before.left().forEach((database, each) -> left.put(database, new TreeMap<>(each)));
        this.slices = new TreeMap<>(before.slices());
        this.oldestDead = before.oldestDead();
        this.floor = before.floor();
        this.kept = before.isOn() ? before.kept(instances) : Set.of();
    }

    /** An entry of {@code timestamp} begins. */
    void beginEntry(Engine.Batch batch, long timestamp) {
        if (!databases.isEmpty() && now().isOld(timestamp)) {
            beginSlice(batch, timestamp);
        }
    }

    private void beginSlice(Engine.Batch batch, long timestamp) {
        Map.Entry<Long, Slice> last = slices.lastEntry();
        if (slices.size() > 1 && last.getValue().records() == 0) {
            drop(batch, last.getKey()); // the one before it covers its time
        }
        slices.put(timestamp, Slice.EMPTY);
        touchedSlices.add(timestamp);
        changed = true;
    }

    /** The state as it would be if this were all. */
    private HistoryState now() {
        return databases.isEmpty() && oldestDead == Long.MAX_VALUE
                ? HistoryState.NONE
                : new HistoryState(databases, left, slices, oldestDead);
    }

    private boolean keeps(byte[] key) {
        return !kept.isEmpty() && kept.contains(KeyLayout.instanceOf(key));
    }

    /** The record at {@code key} is about to become {@code stamped}, or nothing, at {@code version}. */
    void replace(Engine.Batch batch, byte[] key, Version version, byte @Nullable [] stamped) {
        if (databases.isEmpty()) {
            return;
        }
        if (!keeps(key)) {
            written.put(key, new Written(stamped, 0)); // a later entry of this write may have its past kept
            return;
        }
        Written known = written.get(key);
        byte[] old = known == null ? engine.get(Family.NEWEST, key) : known.stamped;
        long at = version.timestamp();
        long keptAt = known == null ? 0 : known.keptAt;
        if (old != null && keptAt != at && at > floor) {
            // A version of this very timestamp no reader can see; it is kept if nothing else would tell that it was
            // there (rule K17).
            boolean seen = Version.read(old, 0).timestamp() < at;
            if (seen || stamped == null) {
                keep(batch, key, at, old);
                keptAt = at;
            }
        }
        written.put(key, new Written(stamped, keptAt));
    }

    private void keep(Engine.Batch batch, byte[] key, long at, byte[] old) {
        Map.Entry<Long, Slice> slice = slices.floorEntry(at);
        if (slice == null) {
            throw new IllegalStateException(range.id() + " keeps no slice of " + at + ", its first is "
                    + (slices.isEmpty() ? "none" : slices.firstKey()));
        }
        byte[] historyKey = HistoryKey.of(slice.getKey(), key, at);
        batch.put(Family.HISTORY, historyKey, old);
        Slice held = slice.getValue();
        slices.put(slice.getKey(), new Slice(held.records() + 1, held.bytes() + historyKey.length + old.length));
        touchedSlices.add(slice.getKey());
        changed = true;
    }

    /**
     * The records from {@code from} to {@code to}, excluded, which nothing refers to any more, are to be deleted.
     *
     * @return whether they are noted, to be deleted later
     */
    boolean defer(Engine.Batch batch, byte[] from, byte[] to, long timestamp) {
        if (!keeps(from)) {
            return false;
        }
        batch.put(Family.RANGE, RangeState.deadRecordsKey(range.id(), timestamp, from), to);
        oldestDead = Math.min(oldestDead, timestamp);
        oldestDeadHere = Math.min(oldestDeadHere, timestamp);
        changed = true;
        return true;
    }

    /** {@code database} is about to be mapped to another instance than {@code instance}. */
    void leave(int database, int instance) {
        if (databases.containsKey(database)) {
            leaving.putIfAbsent(database, instance);
        }
    }

    /**
     * An entry, or a part of it with a timestamp of its own, ends; databases are mapped as {@code mapped} says. What a
     * database left and nothing is mapped to stays as it was. What is another database's now changes under that one's
     * rules: the past of the database that left it ends here.
     */
    void endPart(Engine.Batch batch, long timestamp, InstanceChanges mapped) {
        if (leaving.isEmpty()) {
            return;
        }
        leaving.forEach((database, instance) -> {
            Retention retention = databases.get(database);
            if (retention == null) {
                return;
            }
            if (mapped.isMapped(instance)) {
                move(batch, database, retention.millis(), Math.max(retention.horizon(), timestamp));
            } else {
                // Of several that it left at one timestamp a reader before it means the first.
                Integer first =
                        left.computeIfAbsent(database, of -> new TreeMap<>()).putIfAbsent(timestamp, instance);
                if (first == null) {
                    batch.put(
                            Family.RANGE,
                            RangeState.leftInstanceKey(range.id(), database, timestamp),
                            RangeState.encode(instance));
                }
            }
        });
        leaving.clear();
        changed = true;
        remember(mapped);
    }

    /** Learns what the databases whose past is kept come to. */
    private void remember(InstanceChanges mapped) {
        floor = now().floor();
        Set<Integer> next = new HashSet<>();
        databases.keySet().forEach(database -> next.add(mapped.instance(database)));
        left.values().forEach(each -> next.addAll(each.values()));
        kept = next;
    }

    /**
     * Keeps the past of {@code database} for {@code millis} from here on, 0 for not at all, and what was kept of it
     * back to {@code horizon} only; drops what is below all horizons then.
     */
    void keepPast(Engine.Batch batch, int database, long millis, long horizon, long timestamp, InstanceChanges mapped) {
        Retention present = databases.get(database);
        if (millis == 0) {
            if (databases.remove(database) != null) {
                forgetLeft(batch, database, Long.MAX_VALUE);
                movedDatabases.add(database);
            }
        } else {
            long from = present == null ? timestamp : Math.max(present.horizon(), Math.min(horizon, timestamp));
            move(batch, database, millis, from);
        }
        changed = true;
        remember(mapped);
        if (!databases.isEmpty() && now().isOld(timestamp)) {
            beginSlice(batch, timestamp);
        }
        reclaim(batch);
    }

    private void move(Engine.Batch batch, int database, long millis, long horizon) {
        databases.put(database, new Retention(millis, horizon));
        movedDatabases.add(database);
        forgetLeft(batch, database, horizon);
    }

    /** Forgets the instances that {@code database} left up to {@code horizon}. */
    private void forgetLeft(Engine.Batch batch, int database, long horizon) {
        NavigableMap<Long, Integer> each = left.get(database);
        if (each == null) {
            return;
        }
        NavigableMap<Long, Integer> gone = each.headMap(horizon, true);
        gone.keySet()
                .forEach(until -> batch.delete(Family.RANGE, RangeState.leftInstanceKey(range.id(), database, until)));
        gone.clear();
        if (each.isEmpty()) {
            left.remove(database);
        }
    }

    /** Drops what is below all horizons. */
    private void reclaim(Engine.Batch batch) {
        while (!slices.isEmpty()) {
            Long next = slices.higherKey(slices.firstKey());
            boolean needed = next == null ? !databases.isEmpty() : next > floor;
            if (needed) {
                break;
            }
            drop(batch, slices.firstKey());
        }
        deleteDead(batch);
    }

    private void drop(Engine.Batch batch, long slice) {
        Slice dropped = slices.remove(slice);
        if (dropped != null && dropped.records() > 0) {
            batch.deleteRange(
                    Family.HISTORY, HistoryKey.before(slice, range.start()), HistoryKey.before(slice, end(range)));
        }
        touchedSlices.add(slice);
        changed = true;
    }

    /** Returns the first key beyond {@code range}, also where it has no end. */
    static byte[] end(RegionDescriptor range) {
        return range.end().length == 0 ? KeyLayout.slotStart(Slot.COUNT) : range.end();
    }

    /**
     * Deletes dead records whose notes were written before, so that it makes no difference which entries come together.
     */
    private void deleteDead(Engine.Batch batch) {
        if (oldestDead >= floor) {
            return;
        }
        RegionId region = range.id();
        oldestDead = oldestDeadHere;
        int deleted = 0;
        try (Engine.Cursor notes = engine.cursor(
                Family.RANGE, RangeState.deadRecordsStart(region), RangeState.deadRecordsEnd(region), false, false)) {
            while (notes.next()) {
                byte[] note = notes.key();
                long at = RangeState.timestampOf(note);
                if (at >= floor || deleted == DEAD_MAX) {
                    oldestDead = Math.min(oldestDead, at);
                    return;
                }
                byte[] from = RangeState.deadFromOf(note);
                if (range.contains(from)) { // else it went to another range with its keys, and its note with it
                    batch.deleteRange(Family.NEWEST, from, notes.value());
                }
                batch.delete(Family.RANGE, note);
                deleted++;
            }
        }
    }

    /** Adds what has changed of the state to {@code batch} and returns the state after it. */
    HistoryState write(Engine.Batch batch) {
        if (!changed) {
            return before;
        }
        for (int database : movedDatabases) {
            byte[] key = RangeState.retentionKey(range.id(), database);
            Retention retention = databases.get(database);
            if (retention == null) {
                batch.delete(Family.RANGE, key);
            } else {
                batch.put(Family.RANGE, key, RangeState.encode(retention.millis(), retention.horizon()));
            }
        }
        for (long start : touchedSlices) {
            byte[] key = RangeState.sliceKey(range.id(), start);
            Slice slice = slices.get(start);
            if (slice == null) {
                batch.delete(Family.RANGE, key);
            } else {
                batch.put(Family.RANGE, key, RangeState.encode(slice.records(), slice.bytes()));
            }
        }
        return now();
    }
}
