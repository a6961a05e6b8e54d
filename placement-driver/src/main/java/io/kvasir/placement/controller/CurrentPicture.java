package io.kvasir.placement.controller;

import io.kvasir.placement.controller.Presence.Lead;
import io.kvasir.placement.schedule.ClusterPicture;
import io.kvasir.placement.schedule.RangeView;
import io.kvasir.placement.schedule.StoreState;
import io.kvasir.placement.schedule.StoreView;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Makes of what is replicated and what was heard the picture that schedulers look at. */
public final class CurrentPicture {

    private CurrentPicture() {}

    /** Returns the picture at {@code nowNanos}. */
    public static ClusterPicture of(ClusterImage image, Presence presence, long nowNanos) {
        NavigableMap<StoreId, StoreView> stores = new TreeMap<>();
        for (StoreId store : image.stores().keySet()) {
            StoreState state =
                    StoreState.of(presence.silentMillis(store, nowNanos), ClusterSettings.downMillis(image.settings()));
            stores.put(
                    store,
                    new StoreView(
                            store,
                            state,
                            presence.isSlow(store),
                            presence.isLeaving(store),
                            ClusterSettings.isDraining(image.settings(), store)));
        }
        List<RangeView> ranges = image.regions().values().stream()
                .map(region -> range(region, presence))
                .toList();
        return new ClusterPicture(stores, ranges, ClusterSettings.replicas(image.settings()));
    }

    private static RangeView range(PlacedRegion placed, Presence presence) {
        RegionDescriptor region = placed.descriptor();
        Optional<Lead> lead = presence.leader(region.id());
        Presence.Report report = presence.report(region.id());
        return new RangeView(
                region.id(),
                region.epoch().version(),
                lead.map(Lead::term).orElse(0L),
                lead.map(Lead::store),
                stores(region.voters()),
                report.lags(),
                report.bytes(),
                region.epoch().confVersion(),
                stores(placed.voters()),
                !placed.wanted().isEmpty());
    }

    private static List<StoreId> stores(List<ReplicaId> voters) {
        return voters.stream().map(ReplicaId::store).toList();
    }
}
