package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.SplitPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Scheduler {@code split-size}: a range that has grown larger than it may is split in the middle, the largest first. A
 * part is as large as half of it at least, so nothing is ever split twice for one growth. Pure.
 */
final class SizeSplit {

    static final String NAME = "split-size";

    private SizeSplit() {}

    /**
     * Returns splits of ranges larger than {@code bytesMax}, {@code splitsMax} at most.
     *
     * @param held ranges that must stay as they are
     */
    static List<Split> plan(ClusterPicture picture, Set<RegionId> held, long bytesMax, int splitsMax) {
        List<Split> splits = new ArrayList<>();
        picture.ranges().stream()
                .filter(range -> range.bytes() > bytesMax && range.leader().isPresent() && !held.contains(range.id()))
                .sorted(Comparator.comparingLong(RangeView::bytes).reversed())
                .limit(splitsMax)
                .forEach(range -> splits.add(new Split(
                        range.id(),
                        range.term(),
                        range.leader().orElseThrow(),
                        range.version(),
                        new SplitPoint.Middle(),
                        NAME,
                        "about " + mebibytes(range.bytes()) + " MiB, at most " + mebibytes(bytesMax) + " are wanted")));
        return splits;
    }

    /** Returns {@code bytes} in MiB, rounded up. */
    static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }
}
