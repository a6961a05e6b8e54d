package io.kvasir.region.range;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.id.RegionId;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.RangeState.Applied;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What a split changes in the records that two ranges keep about themselves. User data, locks, fates and the expiry
 * index stay where they are: they belong to whichever range holds their key. Stateless.
 */
final class SplitRecords {

    private SplitRecords() {}

    /**
     * Returns what is left of {@code parent} after {@code split}.
     *
     * @throws IllegalStateException if the split is not of this range as it is
     */
    static RegionDescriptor narrowed(RegionDescriptor parent, Effect.Split split) {
        RegionDescriptor child = split.child();
        Epoch next = new Epoch(parent.epoch().confVersion(), parent.epoch().version() + 1);
        boolean fits = parent.contains(child.start())
                && Arrays.equals(parent.end(), child.end())
                && child.epoch().version() == next.version();
        if (!fits) {
            throw new IllegalStateException(child.id() + " is no part of " + parent.id() + " at " + parent.epoch());
        }
        return new RegionDescriptor(parent.id(), parent.start(), child.start(), next, parent.voters());
    }

    /**
     * Returns the counts that the range keeps.
     *
     * @throws IllegalStateException if the child takes more keys than there are
     */
    static Map<Integer, Long> keptKeys(Map<Integer, Long> keys, Effect.Split split) {
        Map<Integer, Long> kept = new HashMap<>(keys);
        split.keys().forEach((instance, count) -> {
            if (kept.merge(instance, -count, Long::sum) < 0) {
                throw new IllegalStateException(
                        split.child().id() + " takes " + count + " keys of instance " + instance + " of " + keys);
            }
        });
        return kept;
    }

    /** Adds to {@code batch} what becomes of the records of the range that is split. */
    static void writeParent(
            Engine engine, Engine.Batch batch, RegionDescriptor narrowed, Map<Integer, Long> kept, Effect.Split split) {
        RegionId id = narrowed.id();
        batch.put(Family.RANGE, RangeState.descriptorKey(id), RegionDescriptorCodec.encode(narrowed));
        split.keys()
                .keySet()
                .forEach(instance -> batch.put(
                        Family.RANGE,
                        RangeState.keyCountKey(id, instance),
                        RangeState.encode(kept.getOrDefault(instance, 0L))));
        try (Engine.Cursor notes = cursor(engine, RangeState.stagedStart(id), id)) {
            while (notes.next()) {
                byte[] key = notes.key();
                if (RangeState.isStagedKey(key) && isOfChild(key, split)) {
                    batch.delete(Family.RANGE, key);
                }
            }
        }
    }

    /** Adds to {@code batch} the records that the new range begins with. */
    static void writeChild(Engine engine, Engine.Batch batch, RegionId parent, long timestamp, Effect.Split split) {
        RegionDescriptor child = split.child();
        batch.put(Family.RANGE, RangeState.descriptorKey(child.id()), RegionDescriptorCodec.encode(child));
        Applied applied = new Applied(RangeState.SPLIT.index(), RangeState.SPLIT.term(), ChainLink.NONE, timestamp);
        batch.put(Family.RANGE, RangeState.appliedKey(child.id()), RangeState.encode(applied));
        split.keys()
                .forEach((instance, count) -> batch.put(
                        Family.RANGE, RangeState.keyCountKey(child.id(), instance), RangeState.encode(count)));
        try (Engine.Cursor records = cursor(engine, RangeState.start(parent), parent)) {
            while (records.next()) {
                byte[] key = records.key();
                if (RangeState.isInherited(key) || RangeState.isStagedKey(key) && isOfChild(key, split)) {
                    batch.put(Family.RANGE, RangeState.keyFor(child.id(), key), records.value());
                }
            }
        }
    }

    private static boolean isOfChild(byte[] stagedKey, Effect.Split split) {
        return split.child().contains(RangeState.stagedStem(RangeState.stagedDetailOf(stagedKey)));
    }

    private static Engine.Cursor cursor(Engine engine, byte[] from, RegionId region) {
        return engine.cursor(Family.RANGE, from, RangeState.end(region), false, false);
    }
}
