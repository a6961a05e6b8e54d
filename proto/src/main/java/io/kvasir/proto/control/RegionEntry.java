package io.kvasir.proto.control;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.StoreId;
import java.util.Optional;

/**
 * A region in the cluster view.
 *
 * @param preferredLeader the store that should lead it, one of its voters
 * @param leaderStore the store that leads it as far as the placement driver has heard, 0 if it has not
 * @param leaderTerm the term in which it leads, 0 if unknown
 */
public record RegionEntry(RegionDescriptor descriptor, StoreId preferredLeader, long leaderStore, long leaderTerm) {

    public RegionEntry {
        if (descriptor.replicaOn(preferredLeader).isEmpty()) {
            throw new IllegalArgumentException(
                    "preferred leader " + preferredLeader + " is no voter of region " + descriptor.id());
        }
    }

    /** Returns the store that leads this region, if known. */
    public Optional<StoreId> leader() {
        return leaderStore == 0 ? Optional.empty() : Optional.of(new StoreId(leaderStore));
    }
}
