package io.kvasir.placement.schedule;

import io.kvasir.proto.id.StoreId;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The cluster as schedulers see it, at one instant. */
public record ClusterPicture(NavigableMap<StoreId, StoreView> stores, List<RangeView> ranges) {

    public ClusterPicture {
        stores = Collections.unmodifiableNavigableMap(new TreeMap<>(stores));
        ranges = List.copyOf(ranges);
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
