package io.kvasir.placement.schedule;

import io.kvasir.proto.id.StoreId;

/**
 * A store as schedulers see it.
 *
 * @param slow whether a disk of it stalls
 * @param leaving whether its process is about to end
 */
public record StoreView(StoreId id, StoreState state, boolean slow, boolean leaving) {

    /** Returns whether it may be given leaders. */
    public boolean mayLead() {
        return state == StoreState.UP && !slow && !leaving;
    }

    /** Returns why it may not be given leaders; empty if it may. */
    public String objection() {
        if (state != StoreState.UP) {
            return state == StoreState.DOWN ? "is down" : "is disconnected";
        }
        if (leaving) {
            return "is stopping";
        }
        return slow ? "has a disk that stalls" : "";
    }
}
