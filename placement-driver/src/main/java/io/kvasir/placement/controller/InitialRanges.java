package io.kvasir.placement.controller;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import java.util.ArrayList;
import java.util.List;

/** Cuts the key space into the ranges a cluster starts with. Stateless. */
final class InitialRanges {

    /** Replicas of a range, if there are as many founders. */
    static final int REPLICAS = 3;

    /** Ranges of a cluster founded by one store, and by more, if the founder names no number. */
    static final int RANGES_OF_ONE = 1;

    static final int RANGES_OF_MANY = 3;

    /** The ranges in key order, and the numbers that are free after them. */
    record Placement(List<PlacedRegion> regions, NextIds nextIds) {}

    private InitialRanges() {}

    /**
     * Returns {@code ranges} ranges (0: the default) of equally many slots, give or take one, with replicas on up to
     * {@link #REPLICAS} of {@code founders} (sorted), which are preferred as leaders in turn.
     */
    static Placement place(List<StoreId> founders, int ranges, NextIds ids) {
        int count = ranges > 0 ? ranges : founders.size() == 1 ? RANGES_OF_ONE : RANGES_OF_MANY;
        long incarnation = ids.incarnation();
        List<PlacedRegion> regions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<ReplicaId> voters = new ArrayList<>();
            for (int k = 0; k < Math.min(REPLICAS, founders.size()); k++) {
                voters.add(new ReplicaId(founders.get((i + k) % founders.size()), Math.toIntExact(incarnation++)));
            }
            RegionDescriptor descriptor = new RegionDescriptor(
                    new RegionId(ids.region() + i), cut(i, count), cut(i + 1, count), Epoch.FIRST, voters);
            regions.add(new PlacedRegion(descriptor, founders.get(i % founders.size())));
        }
        long nextStore = Math.max(ids.store(), founders.getLast().value() + 1);
        return new Placement(regions, new NextIds(nextStore, ids.region() + count, incarnation, ids.instance()));
    }

    /** Returns the key before range {@code index} of {@code count}; empty at both ends of the key space. */
    private static byte[] cut(int index, int count) {
        return index == 0 || index == count
                ? new byte[0]
                : KeyLayout.slotStart(Slot.COUNT / count * index + Math.min(index, Slot.COUNT % count));
    }
}
