package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** All that hear of applied entries, in the order in which they were added. Safe for any thread. */
public final class ApplyListeners implements ApplyListener {

    private final List<ApplyListener> all = new CopyOnWriteArrayList<>();

    /** Lets {@code listener} hear of what is applied from now on. */
    public void add(ApplyListener listener) {
        all.add(listener);
    }

    @Override
    public void applied(RegionId region, long index, Entry entry) {
        for (ApplyListener each : all) {
            each.applied(region, index, entry);
        }
    }

    @Override
    public void skipped(RegionId region) {
        for (ApplyListener each : all) {
            each.skipped(region);
        }
    }
}
