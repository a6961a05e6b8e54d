package io.kvasir.placement.controller;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import java.util.List;

/**
 * A region, the one of its stores that should lead it, and what is to become of its voters. The descriptor is what
 * leaders said that their logs say; {@code wanted} is what the placement driver decided and the log has yet to follow.
 *
 * @param wanted the voters it is to have after those of {@code descriptor}; none: it is to keep them. As many as they
 *     are if the change before is to be taken back
 */
public record PlacedRegion(RegionDescriptor descriptor, StoreId preferredLeader, List<ReplicaId> wanted) {

    public PlacedRegion {
        wanted = wanted.stream().sorted().toList();
        if (descriptor.replicaOn(preferredLeader).isEmpty()) {
            throw new IllegalArgumentException(
                    "preferred leader " + preferredLeader + " is no voter of region " + descriptor.id());
        }
    }

    /** A region that is to keep the voters it has. */
    public PlacedRegion(RegionDescriptor descriptor, StoreId preferredLeader) {
        this(descriptor, preferredLeader, List.of());
    }

    /** Returns this with other voters wanted. */
    PlacedRegion wanting(List<ReplicaId> voters) {
        return new PlacedRegion(descriptor, preferredLeader, voters);
    }

    /** Returns the voters that this is to have in the end. */
    List<ReplicaId> voters() {
        return wanted.isEmpty() ? descriptor.voters() : wanted;
    }

    /**
     * Returns this after its leader has told that it is {@code now}, which is newer in its bounds or in its voters.
     * What was wanted and is so is wanted no more.
     */
    PlacedRegion learning(RegionDescriptor now) {
        boolean newBounds = now.epoch().version() > descriptor.epoch().version();
        boolean newVoters = now.epoch().confVersion() > descriptor.epoch().confVersion();
        RegionDescriptor bounds = newBounds ? now : descriptor;
        RegionDescriptor members = newVoters ? now : descriptor;
        RegionDescriptor next = new RegionDescriptor(
                now.id(),
                bounds.start(),
                bounds.end(),
                new Epoch(members.epoch().confVersion(), bounds.epoch().version()),
                members.voters());
        StoreId leads = next.replicaOn(preferredLeader).isPresent()
                ? preferredLeader
                : next.voters().getFirst().store();
        return new PlacedRegion(next, leads, newVoters && next.voters().equals(wanted) ? List.of() : wanted);
    }
}
