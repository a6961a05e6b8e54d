package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * What a range keeps of the past (rule K8), as applied: the same at every replica. Immutable.
 *
 * <p>A database whose past is kept has a <em>horizon</em>: what stood in it at a timestamp from there on can be told,
 * what stood before cannot. Replaced versions lie in <em>slices</em> of time, of which the range drops those that end
 * at or below all horizons. What a FLUSHDB left, and the records of dead generations, stay where they are until the
 * horizon has passed them.
 *
 * @param databases by number
 * @param left by database, the instances it was mapped to from its horizon on, by the timestamp at which it left each
 * @param slices by the timestamp each began with; the last one is written to. Empty if no past is kept
 * @param oldestDead timestamp at which the first of the records that wait to be deleted died, {@link Long#MAX_VALUE} if
 *     none wait
 */
record HistoryState(
        NavigableMap<Integer, Retention> databases,
        NavigableMap<Integer, NavigableMap<Long, Integer>> left,
        NavigableMap<Long, Slice> slices,
        long oldestDead) {

    /** Slices that the longest retention of a range is divided into: a read at T looks into each that ends after T. */
    static final int SLICES = 8;

    /** Nothing of the past is kept. */
    static final HistoryState NONE = new HistoryState(
            Collections.emptyNavigableMap(),
            Collections.emptyNavigableMap(),
            Collections.emptyNavigableMap(),
            Long.MAX_VALUE);

    /**
     * How long the past of a database is kept, and how far it reaches.
     *
     * @param millis above 0
     * @param horizon what stood before this timestamp is not known
     */
    record Retention(long millis, long horizon) {}

    /** What a slice holds: {@code records}, of {@code bytes} of keys and values. */
    record Slice(long records, long bytes) {

        static final Slice EMPTY = new Slice(0, 0);
    }

    /** Reads the state of {@code region}. Waits for the disk. */
    static HistoryState load(Engine engine, RegionId region) {
        return load((from, to) -> engine.cursor(Family.RANGE, from, to, false, false), region);
    }

    /** Reads the state of {@code region} as it stands in {@code snapshot}. Waits for the disk. */
    static HistoryState load(Engine.Snapshot snapshot, RegionId region) {
        return load((from, to) -> snapshot.cursor(Family.RANGE, from, to, false, false), region);
    }

    private static HistoryState load(BiFunction<byte[], byte[], Engine.Cursor> records, RegionId region) {
        NavigableMap<Integer, Retention> databases = new TreeMap<>();
        NavigableMap<Integer, NavigableMap<Long, Integer>> left = new TreeMap<>();
        NavigableMap<Long, Slice> slices = new TreeMap<>();
        byte[] retentionsStart = RangeState.retentionsStart(region);
        byte[] leftStart = RangeState.leftInstancesStart(region);
        byte[] slicesStart = RangeState.slicesStart(region);
        byte[] deadStart = RangeState.deadRecordsStart(region);
        try (Engine.Cursor cursor = records.apply(retentionsStart, leftStart)) {
            while (cursor.next()) {
                long[] numbers = RangeState.decodeNumbers(cursor.value(), "retention");
                databases.put(RangeState.detailOf(cursor.key()), new Retention(numbers[0], numbers[1]));
            }
        }
        try (Engine.Cursor cursor = records.apply(leftStart, slicesStart)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                left.computeIfAbsent(RangeState.detailOf(key), database -> new TreeMap<>())
                        .put(RangeState.untilOf(key), Math.toIntExact(RangeState.decodeNumber(cursor.value())));
            }
        }
        try (Engine.Cursor cursor = records.apply(slicesStart, deadStart)) {
            while (cursor.next()) {
                long[] numbers = RangeState.decodeNumbers(cursor.value(), "slice of history");
                slices.put(RangeState.timestampOf(cursor.key()), new Slice(numbers[0], numbers[1]));
            }
        }
        long oldestDead = Long.MAX_VALUE;
        try (Engine.Cursor cursor = records.apply(deadStart, RangeState.deadRecordsEnd(region))) {
            if (cursor.next()) {
                oldestDead = RangeState.timestampOf(cursor.key());
            }
        }
        return databases.isEmpty() && oldestDead == Long.MAX_VALUE
                ? NONE
                : new HistoryState(databases, left, slices, oldestDead);
    }

    /** Returns whether the past of any database is kept. */
    boolean isOn() {
        return !databases.isEmpty();
    }

    /** Returns whether something is here that is to go one day. */
    boolean holdsSomething() {
        return oldestDead != Long.MAX_VALUE
                || !left.isEmpty()
                || slices.values().stream().anyMatch(slice -> slice.records > 0);
    }

    /** Returns this in numbers. */
    Range.KeptPast summary() {
        long records = 0;
        long bytes = 0;
        for (Slice slice : slices.values()) {
            records += slice.records;
            bytes += slice.bytes;
        }
        return new Range.KeptPast(floor(), records, bytes);
    }

    /** Returns the timestamp up to which nothing of the past is needed by anybody. */
    long floor() {
        return databases.values().stream().mapToLong(Retention::horizon).min().orElse(Long.MAX_VALUE);
    }

    /** Returns how long a slice is, in ms. */
    long sliceMillis() {
        long longest =
                databases.values().stream().mapToLong(Retention::millis).max().orElse(SLICES);
        return Math.max(1, longest / SLICES);
    }

    /** Returns the instances of which replaced versions are kept, given which one each database is mapped to. */
    Set<Integer> kept(InstanceState instances) {
        Set<Integer> kept = new HashSet<>();
        databases.keySet().forEach(database -> kept.add(instances.instance(database)));
        left.values().forEach(each -> kept.addAll(each.values()));
        return kept;
    }

    /** Returns whether {@code instance}, which no database is mapped to any more, may still be read. */
    boolean isLeft(int instance) {
        return left.values().stream().anyMatch(each -> each.containsValue(instance));
    }

    /**
     * Returns the instance that {@code database} was mapped to at {@code timestamp}; none if what stood in it then is
     * not known.
     *
     * @param now the one it is mapped to
     */
    OptionalInt instanceAt(long timestamp, int database, int now) {
        Retention retention = databases.get(database);
        if (retention == null || timestamp < retention.horizon) {
            return OptionalInt.empty();
        }
        NavigableMap<Long, Integer> instances = left.get(database);
        var next = instances == null ? null : instances.higherEntry(timestamp);
        return OptionalInt.of(next == null ? now : next.getValue());
    }

    /**
     * Returns the slices, by the timestamp each began with, that may hold versions replaced after {@code timestamp}.
     */
    List<Long> slicesAfter(long timestamp) {
        Long first = slices.floorKey(timestamp);
        return new ArrayList<>(
                first == null ? slices.keySet() : slices.tailMap(first, true).keySet());
    }

    /**
     * Returns whether something goes once all horizons are at {@code floorThen} or above, or the last slice has grown
     * so old by {@code now} that another is to be begun for it to go one day.
     */
    boolean canReclaim(long floorThen, long now) {
        if (oldestDead < floorThen) {
            return true;
        }
        if (slices.isEmpty()) {
            return false;
        }
        boolean droppable = slices.size() > 1 && slices.higherKey(slices.firstKey()) <= floorThen;
        boolean old = slices.lastEntry().getValue().records > 0 && isOld(now);
        boolean leftBehind = left.values().stream().anyMatch(each -> !each.isEmpty() && each.firstKey() <= floorThen);
        return droppable || old || leftBehind;
    }

    /** Returns whether a version replaced at {@code timestamp} begins a slice. */
    boolean isOld(long timestamp) {
        return slices.isEmpty() || Timestamp.millis(timestamp) - Timestamp.millis(slices.lastKey()) >= sliceMillis();
    }
}
