package io.kvasir.store.log;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the entries that keep a segment from being reclaimed, a few at a time, group by group. Confined to the writer.
 */
final class Mover {

    /** An entry in the segment asked for. */
    record Found(GroupLog group, long index) {}

    private final Catalog catalog;
    private long segment;
    private List<GroupLog> groups = List.of();
    private int group;
    private long index;

    Mover(Catalog catalog) {
        this.catalog = catalog;
    }

    /**
     * Returns entries whose records lie in the segment {@code id}, about {@code bytesMax} bytes of them, at least one
     * if there is one. The caller moves all of them before it asks again.
     */
    List<Found> next(long id, long bytesMax) {
        if (segment != id) {
            start(id);
        }
        List<Found> found = gather(bytesMax);
        if (found.isEmpty()) {
            // A group may have been emptied and filled again behind the cursor.
            start(id);
            found = gather(bytesMax);
        }
        return found;
    }

    private void start(long id) {
        segment = id;
        groups = catalog.live();
        group = 0;
        index = 0;
    }

    private List<Found> gather(long bytesMax) {
        List<Found> found = new ArrayList<>();
        long bytes = 0;
        for (; group < groups.size(); group++, index = 0) {
            GroupLog log = groups.get(group);
            long last = log.lastIndex();
            for (index = Math.max(index, log.firstIndex()); index <= last; index++) {
                if (log.segmentOf(index) != segment) {
                    continue;
                }
                found.add(new Found(log, index));
                bytes += log.recordBytesOf(index);
                if (bytes >= bytesMax) {
                    index++;
                    return found;
                }
            }
        }
        return found;
    }
}
