package io.kvasir.placement.schedule;

import io.kvasir.proto.id.StoreId;

/**
 * A store as schedulers see it.
 *
 * @param slow whether a disk of it stalls
 * @param leaving whether its process is about to end
 * @param draining whether it is to hold nothing any more
 */
public record StoreView(StoreId id, StoreState state, boolean slow, boolean leaving, boolean draining) {

    /** A store that is to stay. */
    public StoreView(StoreId id, StoreState state, boolean slow, boolean leaving) {
        this(id, state, slow, leaving, false);
    }

    /** Returns whether it may be given leaders and replicas. */
    public boolean mayLead() {
        return state == StoreState.UP && !slow && !leaving && !draining;
    }

    /** Returns why it may not be given leaders; empty if it may. */
    public String objection() {
        if (state != StoreState.UP) {
            return state == StoreState.DOWN ? "is down" : "is disconnected";
        }
        if (leaving) {
            return "is stopping";
        }
        if (slow) {
            return "has a disk that stalls";
        }
        return draining ? "is being drained" : "";
    }
}
