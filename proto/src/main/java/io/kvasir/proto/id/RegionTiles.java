package io.kvasir.proto.id;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is known of the regions of the key space, put together from several sources: of two descriptors that overlap the
 * one of the higher version is newer, because a split raises the version of both its parts. Stateless.
 */
public final class RegionTiles {

    private static final Comparator<RegionDescriptor> AGE = Comparator.<RegionDescriptor>comparingLong(
                    region -> region.epoch().version())
            .thenComparingLong(region -> region.epoch().confVersion());

    private RegionTiles() {}

    /**
     * Returns {@code known} brought up to date by {@code heard}, in key order.
     *
     * @param known tile the key space
     * @return empty if nothing is newer, or if what is newer leaves a gap: part of it has not been heard of yet
     */
    public static Optional<List<RegionDescriptor>> newer(
            Collection<RegionDescriptor> known, Collection<RegionDescriptor> heard) {
        Map<RegionId, RegionDescriptor> newest = new HashMap<>();
        known.forEach(region -> newest.put(region.id(), region));
        boolean changed = false;
        for (RegionDescriptor region : heard) {
            RegionDescriptor before = newest.get(region.id());
            if (before == null || AGE.compare(region, before) > 0) {
                newest.put(region.id(), region);
                changed = true;
            }
        }
        return changed ? tiles(newest.values(), known) : Optional.empty();
    }

    private static Optional<List<RegionDescriptor>> tiles(
            Collection<RegionDescriptor> all, Collection<RegionDescriptor> known) {
        List<RegionDescriptor> newestFirst = new ArrayList<>(all);
        newestFirst.sort(AGE.reversed());
        NavigableMap<byte[], RegionDescriptor> taken = new TreeMap<>(Arrays::compareUnsigned);
        for (RegionDescriptor region : newestFirst) {
            if (isFree(taken, region)) {
                taken.put(region.start(), region);
            }
        }
        List<RegionDescriptor> inOrder = List.copyOf(taken.values());
        return tile(inOrder) && !inOrder.equals(List.copyOf(known)) ? Optional.of(inOrder) : Optional.empty();
    }

    private static boolean isFree(NavigableMap<byte[], RegionDescriptor> taken, RegionDescriptor region) {
        Map.Entry<byte[], RegionDescriptor> before = taken.floorEntry(region.start());
        if (before != null && before.getValue().contains(region.start())) {
            return false;
        }
        Map.Entry<byte[], RegionDescriptor> after = taken.ceilingEntry(region.start());
        return after == null || region.end().length != 0 && Arrays.compareUnsigned(after.getKey(), region.end()) >= 0;
    }

    /** Returns whether {@code regions}, in key order, hold every key once. */
    public static boolean tile(List<RegionDescriptor> regions) {
        byte[] expected = new byte[0];
        for (int i = 0; i < regions.size(); i++) {
            RegionDescriptor region = regions.get(i);
            boolean last = i == regions.size() - 1;
            if (!Arrays.equals(region.start(), expected) || (region.end().length == 0) != last) {
                return false;
            }
            expected = region.end();
        }
        return !regions.isEmpty();
    }
}
