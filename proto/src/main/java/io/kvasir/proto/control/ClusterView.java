package io.kvasir.proto.control;

import io.kvasir.proto.id.ReplicaId;
import java.util.List;
import java.util.UUID;

/**
 * The cluster as the placement driver shows it. Routes only: whoever acts on it is checked by epoch where it acts.
 *
 * @param stores by number
 * @param regions by first key; they tile the key space
 * @param settingsRevision revision of the replicated settings
 * @param placementVoters who is to vote in the placement group
 */
public record ClusterView(
        ViewRevision revision,
        UUID clusterId,
        List<StoreEntry> stores,
        List<RegionEntry> regions,
        long settingsRevision,
        List<ReplicaId> placementVoters) {

    public ClusterView {
        placementVoters = List.copyOf(placementVoters);
        stores = List.copyOf(stores);
        regions = List.copyOf(regions);
    }
}
