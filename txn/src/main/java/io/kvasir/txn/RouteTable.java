package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionTiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The regions of the key space in key order, without gaps or overlaps. Immutable. */
public final class RouteTable {

    private final List<RegionDescriptor> regions;

    /**
     * Makes a table of {@code regions}, in any order.
     *
     * @throws IllegalArgumentException if they do not tile the key space
     */
    public RouteTable(List<RegionDescriptor> regions) {
        List<RegionDescriptor> sorted = new ArrayList<>(regions);
        sorted.sort(Comparator.comparing(RegionDescriptor::start, Arrays::compareUnsigned));
        byte[] expected = new byte[0];
        for (int i = 0; i < sorted.size(); i++) {
            RegionDescriptor region = sorted.get(i);
            boolean last = i == sorted.size() - 1;
            if (!Arrays.equals(region.start(), expected) || (region.end().length == 0) != last) {
                throw new IllegalArgumentException("regions do not tile the key space at " + region.id());
            }
            expected = region.end();
        }
        if (sorted.isEmpty()) {
            throw new IllegalArgumentException("no regions");
        }
        this.regions = List.copyOf(sorted);
    }

    /** Returns this table with what {@code heard} says that is newer; this one if nothing is. */
    RouteTable with(Collection<RegionDescriptor> heard) {
        return RegionTiles.newer(regions, heard).map(RouteTable::new).orElse(this);
    }

    /** Returns the region that holds {@code key}. */
    public RegionDescriptor find(byte[] key) {
        int low = 0;
        int high = regions.size() - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (Arrays.compareUnsigned(regions.get(middle).start(), key) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return regions.get(low);
    }

    /** Returns all regions, in key order. */
    public List<RegionDescriptor> regions() {
        return regions;
    }
}
