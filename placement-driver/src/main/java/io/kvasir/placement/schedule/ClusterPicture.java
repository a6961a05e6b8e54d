package io.kvasir.placement.schedule;

import io.kvasir.proto.id.StoreId;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The cluster as schedulers see it, at one instant.
 *
 * @param replicasWanted of each range; 0 if nobody has said so
 */
public record ClusterPicture(NavigableMap<StoreId, StoreView> stores, List<RangeView> ranges, int replicasWanted) {

    /** A cluster whose ranges may have any number of replicas. */
    public ClusterPicture(NavigableMap<StoreId, StoreView> stores, List<RangeView> ranges) {
        this(stores, ranges, 0);
    }

    public ClusterPicture {
        stores = Collections.unmodifiableNavigableMap(new TreeMap<>(stores));
        ranges = List.copyOf(ranges);
    }

    /** Returns the same cluster with {@code others} as its ranges. */
    ClusterPicture with(List<RangeView> others) {
        return new ClusterPicture(stores, others, replicasWanted);
    }

    /** Returns whether {@code store} may be given leaders. */
    public boolean mayLead(StoreId store) {
        StoreView view = stores.get(store);
        return view != null && view.mayLead();
    }

    /** Returns how many ranges each store leads, of those that lead none 0. */
    public NavigableMap<StoreId, Integer> leaders() {
        NavigableMap<StoreId, Integer> leaders = new TreeMap<>();
        stores.keySet().forEach(store -> leaders.put(store, 0));
        for (RangeView range : ranges) {
            range.leader().ifPresent(store -> leaders.merge(store, 1, Integer::sum));
        }
        return leaders;
    }
}
