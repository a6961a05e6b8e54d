package io.kvasir.region.link;

import io.kvasir.proto.id.StoreId;

/** Hears of the stores that can be reached. */
@FunctionalInterface
public interface PeerListener {

    /** The stream to {@code store} is up, or no more. Called on a thread of the link, which it must not hold up. */
    void changed(StoreId store, boolean up);
}
