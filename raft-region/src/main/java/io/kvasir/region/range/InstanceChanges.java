package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Effects on an {@link InstanceState}, in the order of the log, until they are written with the entries they came in.
 * Every replica computes the same, because it starts from the same state. Confined to the applying thread.
 */
final class InstanceChanges {

    private final InstanceState before;
    private final Set<Integer> counted = new HashSet<>();
    private final Set<Integer> remapped = new HashSet<>();
    private final Set<Integer> retirements = new HashSet<>();

    private Map<Integer, Long> keys;
    private Map<Integer, Integer> mapped;
    private Map<Integer, Long> retired;

    InstanceChanges(InstanceState before) {
        this.before = before;
        keys = before.keys();
        mapped = before.mapped();
        retired = before.retired();
    }

    void addKeys(int instance, long delta) {
        if (counted.isEmpty()) {
            keys = new HashMap<>(keys);
        }
        counted.add(instance);
        keys.merge(instance, delta, Long::sum);
    }

    /**
     * Maps {@code database}, and retires the instance it leaves if no other database is mapped to that. One without
     * keys is forgotten at once.
     */
    void map(int database, int instance, long timestamp) {
        int left = mapped.getOrDefault(database, database);
        if (left == instance) {
            return;
        }
        if (remapped.isEmpty()) {
            mapped = new HashMap<>(mapped);
        }
        remapped.add(database);
        mapped.put(database, instance);
        if (!isMapped(left)) {
            if (keys.getOrDefault(left, 0L) == 0) {
                forget(left);
            } else {
                changeRetired(left).put(left, timestamp);
            }
        }
        if (retired.containsKey(instance)) {
            changeRetired(instance).remove(instance);
        }
    }

    /** Returns the instance of {@code database} after the effects so far. */
    int instance(int database) {
        return mapped.getOrDefault(database, database);
    }

    /** Returns whether any database is mapped to {@code instance} after the effects so far. */
    boolean isMapped(int instance) {
        boolean unmoved =
                Integer.compareUnsigned(instance, InstanceState.GIVEN_OUT_MIN) < 0 && !mapped.containsKey(instance);
        return unmoved || mapped.containsValue(instance);
    }

    /** Forgets a retired instance, whose records are gone. */
    void forget(int instance) {
        if (retired.containsKey(instance)) {
            changeRetired(instance).remove(instance);
        }
        addKeys(instance, 0);
        keys.remove(instance);
    }

    private Map<Integer, Long> changeRetired(int instance) {
        if (retirements.isEmpty()) {
            retired = new HashMap<>(retired);
        }
        retirements.add(instance);
        return retired;
    }

    /**
     * Adds what has changed to {@code batch} and returns the state after it.
     *
     * @throws IllegalStateException if an instance counts fewer than no keys
     */
    InstanceState write(Engine.Batch batch, RegionId region) {
        if (counted.isEmpty() && remapped.isEmpty() && retirements.isEmpty()) {
            return before;
        }
        for (int instance : counted) {
            Long count = keys.get(instance);
            if (count != null && count < 0) {
                throw new IllegalStateException(region + " counts " + count + " keys in instance " + instance);
            }
            write(batch, RangeState.keyCountKey(region, instance), count);
        }
        for (int database : remapped) {
            Integer instance = mapped.get(database);
            write(batch, RangeState.instanceKey(region, database), instance == null ? null : instance.longValue());
        }
        for (int instance : retirements) {
            write(batch, RangeState.retiredKey(region, instance), retired.get(instance));
        }
        return new InstanceState(keys, mapped, retired);
    }

    private static void write(Engine.Batch batch, byte[] key, @Nullable Long number) {
        if (number == null) {
            batch.delete(Family.RANGE, key);
        } else {
            batch.put(Family.RANGE, key, RangeState.encode(number));
        }
    }
}
