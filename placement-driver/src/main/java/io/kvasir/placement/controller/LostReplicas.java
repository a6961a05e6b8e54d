package io.kvasir.placement.controller;

import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.IdKind;
import io.kvasir.proto.placement.PlacementRecord;
import io.kvasir.proto.placement.PlacementVotersRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives every replica of a store that has lost its data a successor on the same store, of an incarnation that never
 * was: the lost one has forgotten its votes and its log, so nothing that bears its name may speak again (rule K9). The
 * leaders of the groups replace the one by the other by a change of voters, which needs a majority of those that are
 * left; a group whose only replica was lost is left as it is, for there is nobody to learn its data from. Stateless.
 */
final class LostReplicas {

    private LostReplicas() {}

    /** Returns the records that replace the replicas on {@code store} in {@code image}; none if it has none. */
    static List<PlacementRecord> replace(ClusterImage image, StoreId store) {
        List<PlacementRecord> records = new ArrayList<>();
        long incarnation = image.nextIds().incarnation();
        for (PlacedRegion region : image.regions().values()) {
            List<ReplicaId> was = region.voters();
            if (was.stream().anyMatch(voter -> voter.store().equals(store)) && was.size() > 1) {
                ReplicaId successor = new ReplicaId(store, Math.toIntExact(incarnation++));
                records.add(Controller.record()
                        .setRegionPlaced(ClusterImage.toRecord(region.wanting(replaced(was, successor))))
                        .build());
            }
        }
        List<ReplicaId> group = image.placementGroup();
        if (group.size() > 1 && group.stream().anyMatch(voter -> voter.store().equals(store))) {
            PlacementVotersRecord.Builder voters = PlacementVotersRecord.newBuilder();
            replaced(group, new ReplicaId(store, Math.toIntExact(incarnation++)))
                    .forEach(voter -> voters.addVoters(PlacementCodec.replica(voter)));
            records.add(Controller.record().setPlacementVoters(voters).build());
        }
        if (!records.isEmpty()) {
            records.add(Controller.allocated(IdKind.ID_KIND_INCARNATION, incarnation));
        }
        return records;
    }

    private static List<ReplicaId> replaced(List<ReplicaId> voters, ReplicaId successor) {
        return voters.stream()
                .map(voter -> voter.store().equals(successor.store()) ? successor : voter)
                .sorted()
                .toList();
    }
}
