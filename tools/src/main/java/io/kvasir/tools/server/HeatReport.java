package io.kvasir.tools.server;

import io.kvasir.proto.id.RegionId;
import io.kvasir.region.heat.SegmentHeat;
import io.kvasir.region.range.Range;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What heartbeats say of where the ranges led here were read and written. A heartbeat has room for
 * {@link #SEGMENTS_MAX} segments or a few more; ranges that found no room come first in the next, with all that was
 * counted meanwhile. What a heartbeat says that is never heard is lost. Guarded by this.
 */
final class HeatReport {

    /** Segments in a heartbeat after which no further range is asked. */
    static final int SEGMENTS_MAX = 512;

    private RegionId last = RegionId.PLACEMENT;

    /** Returns what was done since this was called last. */
    synchronized List<SegmentHeat> tell(Collection<Range> ranges) {
        List<Range> inTurn = new ArrayList<>(ranges);
        RegionId after = last;
        inTurn.sort(
                Comparator.comparing((Range range) -> range.descriptor().id().compareTo(after) <= 0)
                        .thenComparing(range -> range.descriptor().id()));
        List<SegmentHeat> told = new ArrayList<>();
        for (Range range : inTurn) {
            if (told.size() >= SEGMENTS_MAX) {
                break;
            }
            told.addAll(range.tellHeat());
            last = range.descriptor().id();
        }
        return told;
    }
}
