package io.kvasir.placement.controller;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.StoreId;

/** A region and the one of its stores that should lead it. */
public record PlacedRegion(RegionDescriptor descriptor, StoreId preferredLeader) {

    public PlacedRegion {
        if (descriptor.replicaOn(preferredLeader).isEmpty()) {
            throw new IllegalArgumentException(
                    "preferred leader " + preferredLeader + " is no voter of region " + descriptor.id());
        }
    }
}
