package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;

/**
 * Scheduler {@code replica-repair}: no range has a replica on a store that is down or is being drained, as long as
 * another store can take it.
 *
 * <p>Pure; the same view gives the same changes.
 */
public final class ReplicaRepair {

    public static final String NAME = "replica-repair";

    private ReplicaRepair() {}

    /**
     * Returns changes that move replicas away from such stores, each to the store with the fewest.
     *
     * @param held ranges that must stay as they are
     */
    public static List<PeerChange> plan(ClusterPicture picture, Set<RegionId> held, int changesMax) {
        List<PeerChange> changes = new ArrayList<>();
        NavigableMap<StoreId, Integer> replicas = ReplicaBalance.replicas(picture);
        for (RangeView range : picture.ranges()) {
            Optional<StoreId> from = changes.size() < changesMax && !held.contains(range.id())
                    ? range.voters().stream()
                            .filter(voter -> mustGo(picture, voter))
                            .findFirst()
                    : Optional.empty();
            Optional<StoreId> to = from.flatMap(store -> ReplicaBalance.emptiest(picture, range, replicas));
            if (to.isPresent() && PeerRules.objection(picture, range, to, from).isEmpty()) {
                replicas.merge(to.get(), 1, Integer::sum);
                changes.add(ReplicaBalance.change(range, to.get(), from.get(), NAME, why(picture, from.get())));
            }
        }
        return changes;
    }

    /** Returns whether {@code store} should have no replicas. */
    static boolean mustGo(ClusterPicture picture, StoreId store) {
        StoreView view = picture.stores().get(store);
        return view == null || view.state() == StoreState.DOWN || view.draining();
    }

    private static String why(ClusterPicture picture, StoreId store) {
        StoreView view = picture.stores().get(store);
        boolean down = view == null || view.state() == StoreState.DOWN;
        return "store " + store.value() + (down ? " is down" : " is being drained");
    }

    /** Returns what is left to do, or why nothing can be done, in sentences. */
    static List<String> describe(ClusterPicture picture) {
        List<String> lines = new ArrayList<>();
        NavigableMap<StoreId, Integer> replicas = ReplicaBalance.replicas(picture);
        for (StoreId store : picture.stores().keySet()) {
            if (mustGo(picture, store)) {
                lines.add(why(picture, store) + " and has " + replicas.getOrDefault(store, 0) + " replicas");
            }
        }
        if (lines.isEmpty()) {
            return List.of("no store is down or being drained");
        }
        long stuck = picture.ranges().stream()
                .filter(range -> !range.isChanging()
                        && range.voters().stream().anyMatch(voter -> mustGo(picture, voter))
                        && ReplicaBalance.emptiest(picture, range, replicas).isEmpty())
                .count();
        if (stuck > 0) {
            lines.add(stuck + " ranges have a replica on every other store that is up");
        }
        return lines;
    }
}
