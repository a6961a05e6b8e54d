package io.kvasir.placement.schedule;

import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which changes of replicas are safe. Pure. */
public final class PeerRules {

    private PeerRules() {}

    /** Returns why {@code range} must not be changed so now; empty if it may. */
    public static Optional<String> objection(
            ClusterPicture picture, RangeView range, Optional<StoreId> add, Optional<StoreId> remove) {
        String name = "range " + range.id().value();
        if (range.isChanging()) {
            return Optional.of(name + " is being given other replicas already");
        }
        if (remove.isPresent() && !range.voters().contains(remove.get())) {
            return Optional.of("store " + remove.get().value() + " has no replica of " + name);
        }
        if (add.isPresent()) {
            StoreView store = picture.stores().get(add.get());
            if (store == null) {
                return Optional.of("there is no store " + add.get().value());
            }
            if (range.voters().contains(add.get())) {
                return Optional.of("store " + add.get().value() + " has a replica of " + name + " already");
            }
            if (!store.mayLead()) {
                return Optional.of("store " + add.get().value() + " " + store.objection());
            }
        }
        if (range.leader().isEmpty()) {
            return Optional.of(name + " has no leader now");
        }
        return quorum(picture, range, add, remove);
    }

    /**
     * The old voters and the new ones each need a majority that is up while both decide, and afterwards no more of them
     * may be missing than before.
     */
    private static Optional<String> quorum(
            ClusterPicture picture, RangeView range, Optional<StoreId> add, Optional<StoreId> remove) {
        List<StoreId> after = new ArrayList<>(range.voters());
        remove.ifPresent(after::remove);
        add.ifPresent(after::add);
        if (after.isEmpty()) {
            return Optional.of("range " + range.id().value() + " would have no replica left");
        }
        if (up(picture, range.voters()) <= range.voters().size() / 2 || up(picture, after) <= after.size() / 2) {
            return Optional.of("range " + range.id().value() + " would have no majority of replicas that are up");
        }
        return Optional.empty();
    }

    private static long up(ClusterPicture picture, List<StoreId> stores) {
        return stores.stream()
                .map(picture.stores()::get)
                .filter(store -> store != null && store.state() == StoreState.UP)
                .count();
    }
}
