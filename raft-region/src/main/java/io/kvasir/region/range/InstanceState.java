package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.ObjLongConsumer;

/**
 * What a range knows of database instances (rule K19), as applied. Immutable.
 *
 * @param keys number of root records by instance; absent is none
 * @param mapped instance by database, of those databases that were ever mapped
 * @param retired instances that no database is mapped to any more and whose records may still be here, with the
 *     timestamp at which the last database left them
 */
record InstanceState(Map<Integer, Long> keys, Map<Integer, Integer> mapped, Map<Integer, Long> retired) {

    /**
     * The placement driver gives out instances from here on; below, an instance belongs to the database of its own
     * number until that is mapped elsewhere.
     */
    static final int GIVEN_OUT_MIN = 1 << 16;

    InstanceState {
        keys = Map.copyOf(keys);
        mapped = Map.copyOf(mapped);
        retired = Map.copyOf(retired);
    }

    /** Reads the state of {@code region}. Waits for the disk. */
    static InstanceState load(Engine engine, RegionId region) {
        return load((from, to) -> engine.cursor(Family.RANGE, from, to, false, false), region);
    }

    /** Reads the state of {@code region} as it stands in {@code snapshot}. Waits for the disk. */
    static InstanceState load(Engine.Snapshot snapshot, RegionId region) {
        return load((from, to) -> snapshot.cursor(Family.RANGE, from, to, false, false), region);
    }

    private static InstanceState load(BiFunction<byte[], byte[], Engine.Cursor> records, RegionId region) {
        Map<Integer, Long> keys = new HashMap<>();
        Map<Integer, Integer> mapped = new HashMap<>();
        Map<Integer, Long> retired = new HashMap<>();
        byte[] counts = RangeState.keyCountsStart(region);
        byte[] instances = RangeState.instancesStart(region);
        byte[] retirements = RangeState.retiredStart(region);
        read(records, counts, instances, keys::put);
        read(records, instances, retirements, (database, instance) -> mapped.put(database, Math.toIntExact(instance)));
        read(records, retirements, RangeState.stagedStart(region), retired::put);
        return new InstanceState(keys, mapped, retired);
    }

    private static void read(
            BiFunction<byte[], byte[], Engine.Cursor> records, byte[] from, byte[] to, ObjLongConsumer<Integer> each) {
        try (Engine.Cursor cursor = records.apply(from, to)) {
            while (cursor.next()) {
                each.accept(RangeState.detailOf(cursor.key()), RangeState.decodeNumber(cursor.value()));
            }
        }
    }

    /** Returns the instance of {@code database}: its own number until a flush or swap maps it elsewhere. */
    int instance(int database) {
        return mapped.getOrDefault(database, database);
    }

    /** Returns the database that {@code instance} holds, if any maps to it. */
    OptionalInt database(int instance) {
        if (instance < GIVEN_OUT_MIN && mapped.getOrDefault(instance, instance) == instance) {
            return OptionalInt.of(instance);
        }
        return mapped.entrySet().stream()
                .filter(each -> each.getValue() == instance)
                .mapToInt(Map.Entry::getKey)
                .findAny();
    }

    /** Returns the retired instances, the first retired first. */
    List<Integer> retiredInOrder() {
        if (retired.isEmpty()) {
            return List.of(); // nearly always, and asked for every range ten times a second
        }
        return retired.entrySet().stream()
                .sorted(Map.Entry.<Integer, Long>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())))
                .map(Map.Entry::getKey)
                .toList();
    }
}
