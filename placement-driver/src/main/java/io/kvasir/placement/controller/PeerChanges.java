package io.kvasir.placement.controller;

import io.kvasir.placement.schedule.PeerChange;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.IdKind;
import io.kvasir.proto.placement.PlacementRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What voters a region is to have next, as records. Nothing is removed by a decision of the placement driver: the
 * region's leader changes the configuration in its log, and only what the log has left out is destroyed (rule K9).
 * Stateless.
 */
final class PeerChanges {

    private PeerChanges() {}

    /**
     * Returns the records that make {@code change} wanted: a new replica gets an incarnation that never was. None if
     * the region has other voters since, or another change is wanted.
     */
    static List<PlacementRecord> begin(ClusterImage image, PeerChange change) {
        PlacedRegion region = image.regions().get(change.region());
        if (region == null
                || !region.wanted().isEmpty()
                || region.descriptor().epoch().confVersion() != change.confVersion()) {
            return List.of();
        }
        List<ReplicaId> wanted = new ArrayList<>(region.descriptor().voters());
        change.remove()
                .ifPresent(store -> wanted.removeIf(voter -> voter.store().equals(store)));
        Optional<StoreId> add = change.add().filter(store -> image.stores().containsKey(store));
        if (add.isPresent() != change.add().isPresent()
                || wanted.isEmpty() && add.isEmpty()
                || wanted.stream()
                        .anyMatch(voter -> add.filter(voter.store()::equals).isPresent())) {
            return List.of();
        }
        List<PlacementRecord> records = new ArrayList<>();
        if (add.isPresent()) {
            long incarnation = image.nextIds().incarnation();
            wanted.add(new ReplicaId(add.get(), Math.toIntExact(incarnation)));
            records.add(Controller.allocated(IdKind.ID_KIND_INCARNATION, incarnation + 1));
        }
        records.add(placed(region.wanting(wanted)));
        return records;
    }

    /**
     * Returns the records that have {@code region} keep the voters it has at {@code confVersion}, but for those that
     * are lost and have successors. The leader, once it changes nothing any more, confirms that in its log; then what
     * was to be added can be destroyed. None if nothing else is wanted.
     */
    static List<PlacementRecord> takeBack(ClusterImage image, RegionId region, long confVersion) {
        PlacedRegion placed = image.regions().get(region);
        if (placed == null
                || placed.wanted().isEmpty()
                || placed.descriptor().epoch().confVersion() != confVersion) {
            return List.of();
        }
        List<ReplicaId> kept = placed.descriptor().voters().stream()
                .map(voter -> placed.wanted().stream()
                        .filter(next -> next.store().equals(voter.store()))
                        .findFirst()
                        .orElse(voter))
                .toList();
        return kept.equals(placed.wanted()) ? List.of() : List.of(placed(placed.wanting(kept)));
    }

    private static PlacementRecord placed(PlacedRegion region) {
        return Controller.record()
                .setRegionPlaced(ClusterImage.toRecord(region))
                .build();
    }
}
