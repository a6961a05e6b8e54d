package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;

/**
 * Scheduler {@code replica-count}: every range has as many replicas as are wanted, if that was ever said. One comes or
 * goes at a time: it comes to the store with the fewest, and goes from one that must give up its replicas, else from
 * one that is not up, else from a store that does not lead and has the most.
 *
 * <p>Pure; the same view gives the same changes.
 */
public final class ReplicaCount {

    public static final String NAME = "replica-count";

    private ReplicaCount() {}

    /**
     * Returns changes that give ranges the number of replicas wanted.
     *
     * @param held ranges that must stay as they are
     */
    public static List<PeerChange> plan(ClusterPicture picture, Set<RegionId> held, int changesMax) {
        List<PeerChange> changes = new ArrayList<>();
        NavigableMap<StoreId, Integer> replicas = ReplicaBalance.replicas(picture);
        for (RangeView range : picture.ranges()) {
            int more = missing(picture, range);
            if (more == 0 || changes.size() == changesMax || held.contains(range.id())) {
                continue;
            }
            Optional<StoreId> add = more > 0 ? ReplicaBalance.emptiest(picture, range, replicas) : Optional.empty();
            Optional<StoreId> remove = more < 0 ? Optional.of(spare(picture, range, replicas)) : Optional.empty();
            if ((add.isPresent() || remove.isPresent())
                    && PeerRules.objection(picture, range, add, remove).isEmpty()) {
                add.ifPresent(store -> replicas.merge(store, 1, Integer::sum));
                remove.ifPresent(store -> replicas.merge(store, -1, Integer::sum));
                changes.add(new PeerChange(
                        range.id(),
                        range.term(),
                        range.leader().orElseThrow(),
                        range.confVersion(),
                        add,
                        remove,
                        NAME,
                        range.voters().size() + " replicas, " + picture.replicasWanted() + " are wanted"));
            }
        }
        return changes;
    }

    /** Returns how many replicas {@code range} lacks; negative if it has too many. */
    private static int missing(ClusterPicture picture, RangeView range) {
        return picture.replicasWanted() == 0
                ? 0
                : picture.replicasWanted() - range.wanted().size();
    }

    private static StoreId spare(ClusterPicture picture, RangeView range, NavigableMap<StoreId, Integer> replicas) {
        return range.voters().stream()
                .min(Comparator.comparing((StoreId store) -> !ReplicaRepair.mustGo(picture, store))
                        .thenComparing(store -> isUp(picture, store))
                        .thenComparing(store -> range.leader().equals(Optional.of(store)))
                        .thenComparingInt(store -> -replicas.getOrDefault(store, 0)))
                .orElseThrow();
    }

    private static boolean isUp(ClusterPicture picture, StoreId store) {
        StoreView view = picture.stores().get(store);
        return view != null && view.state() == StoreState.UP;
    }

    /** Returns what is left to do, or why nothing can be done, in sentences. */
    static List<String> describe(ClusterPicture picture) {
        if (picture.replicasWanted() == 0) {
            return List.of("nobody has said how many replicas a range is to have: they have as many as they had");
        }
        List<String> lines = new ArrayList<>();
        lines.add(picture.replicasWanted() + " replicas of each range are wanted");
        NavigableMap<StoreId, Integer> replicas = ReplicaBalance.replicas(picture);
        long few = 0;
        long stuck = 0;
        long many = 0;
        for (RangeView range : picture.ranges()) {
            int more = missing(picture, range);
            few += more > 0 ? 1 : 0;
            many += more < 0 ? 1 : 0;
            stuck += more > 0
                            && ReplicaBalance.emptiest(picture, range, replicas).isEmpty()
                    ? 1
                    : 0;
        }
        lines.add(few + many == 0 ? "all ranges have as many" : few + " ranges have fewer, " + many + " have more");
        if (stuck > 0) {
            lines.add(stuck + " ranges have a replica on every store that may take one");
        }
        return lines;
    }
}
