package io.kvasir.tools.server;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.HashMap;
import java.util.Map;

/**
 * About how many bytes the newest records of the ranges led here take, looked up in the files' indexes now and then.
 * Safe for any thread.
 */
final class RangeSizes {

    /** From one look to the next, in ms. */
    static final long LOOK_MILLIS = 5_000;

    /** A size with the bounds that it is of: those of a range that was split since are others. */
    private record Size(long version, long bytes) {}

    private final Engine engine;
    private final RangeTable ranges;
    private volatile Map<RegionId, Size> sizes = Map.of();

    RangeSizes(Engine engine, RangeTable ranges) {
        this.engine = engine;
        this.ranges = ranges;
    }

    /** Looks at the ranges that are led here now. May wait for the disk. */
    void look() {
        Map<RegionId, Size> found = new HashMap<>();
        for (Range range : ranges.all()) {
            if (range.servingTerm() != 0) {
                RegionDescriptor region = range.descriptor();
                long bytes = engine.approximateBytes(Family.NEWEST, region.start(), region.end());
                found.put(region.id(), new Size(region.epoch().version(), bytes));
            }
        }
        sizes = found;
    }

    /** Returns about how many bytes the newest records of {@code range} take, 0 if that is not known. */
    long of(RegionDescriptor range) {
        Size size = sizes.get(range.id());
        return size == null || size.version != range.epoch().version() ? 0 : size.bytes;
    }
}
