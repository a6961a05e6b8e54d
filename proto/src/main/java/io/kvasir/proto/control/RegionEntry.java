package io.kvasir.proto.control;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import java.util.List;
import java.util.Optional;

/**
 * A region in the cluster view.
 *
 * @param preferredLeader the store that should lead it, one of its voters
 * @param leaderStore the store that leads it as far as the placement driver has heard, 0 if it has not
 * @param leaderTerm the term in which it leads, 0 if unknown
 * @param wanted the voters that it is to have next, none if it is to keep those it has; said of it as it is at the
 *     {@link Epoch#confVersion} of its descriptor, and of no later one
 */
public record RegionEntry(
        RegionDescriptor descriptor,
        StoreId preferredLeader,
        long leaderStore,
        long leaderTerm,
        List<ReplicaId> wanted) {

    public RegionEntry {
        wanted = List.copyOf(wanted);
        if (descriptor.replicaOn(preferredLeader).isEmpty()) {
            throw new IllegalArgumentException(
                    "preferred leader " + preferredLeader + " is no voter of region " + descriptor.id());
        }
    }

    /** A region that is to keep the voters it has. */
    public RegionEntry(RegionDescriptor descriptor, StoreId preferredLeader, long leaderStore, long leaderTerm) {
        this(descriptor, preferredLeader, leaderStore, leaderTerm, List.of());
    }

    /** Returns the store that leads this region, if known. */
    public Optional<StoreId> leader() {
        return leaderStore == 0 ? Optional.empty() : Optional.of(new StoreId(leaderStore));
    }

    /** Returns the region as it is to be: with the voters wanted, if there are any, or as it is. */
    public RegionDescriptor next() {
        return wanted.isEmpty()
                ? descriptor
                : new RegionDescriptor(
                        descriptor.id(),
                        descriptor.start(),
                        descriptor.end(),
                        new Epoch(
                                descriptor.epoch().confVersion() + 1,
                                descriptor.epoch().version()),
                        wanted);
    }

    /** Returns whether {@code replica} votes in this region, or is to. */
    public boolean concerns(ReplicaId replica) {
        return descriptor.voters().contains(replica) || wanted.contains(replica);
    }
}
