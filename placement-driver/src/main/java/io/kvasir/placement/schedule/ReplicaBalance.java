package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Scheduler {@code balance-replica}: stores that are up have numbers of replicas that differ by one at most, as far as
 * ranges permit: each has one replica on a store.
 *
 * <p>Each change takes from a store and gives to one that has at least two fewer, so the sum of squares falls with
 * each: it comes to an end and never goes back and forth. A replica that does not lead is moved before one that does.
 *
 * <p>Pure; the same view gives the same changes.
 */
public final class ReplicaBalance {

    public static final String NAME = "balance-replica";

    private ReplicaBalance() {}

    /** Returns how many replicas each store has, or is to have, of those that have none 0. */
    static NavigableMap<StoreId, Integer> replicas(ClusterPicture picture) {
        NavigableMap<StoreId, Integer> replicas = new TreeMap<>();
        picture.stores().keySet().forEach(store -> replicas.put(store, 0));
        for (RangeView range : picture.ranges()) {
            range.wanted().forEach(store -> replicas.merge(store, 1, Integer::sum));
        }
        return replicas;
    }

    /** Returns the store with the fewest replicas that could take one of {@code range}. */
    static Optional<StoreId> emptiest(
            ClusterPicture picture, RangeView range, NavigableMap<StoreId, Integer> replicas) {
        return picture.stores().keySet().stream()
                .filter(store -> picture.mayLead(store) && !range.voters().contains(store))
                .min(Comparator.comparing(replicas::get));
    }

    static PeerChange change(RangeView range, StoreId to, StoreId from, String scheduler, String reason) {
        return new PeerChange(
                range.id(),
                range.term(),
                range.leader().orElseThrow(),
                range.confVersion(),
                Optional.of(to),
                Optional.of(from),
                scheduler,
                reason);
    }

    /**
     * Returns changes that make the numbers more even; none if nothing can be better.
     *
     * @param held ranges that must stay as they are
     */
    public static List<PeerChange> plan(ClusterPicture picture, Set<RegionId> held, int changesMax) {
        List<PeerChange> changes = new ArrayList<>();
        Set<RegionId> taken = new HashSet<>(held);
        NavigableMap<StoreId, Integer> replicas = replicas(picture);
        List<StoreId> stores = new ArrayList<>(
                picture.stores().keySet().stream().filter(picture::mayLead).toList());
        while (changes.size() < changesMax) {
            Optional<PeerChange> next = next(picture, taken, replicas, stores);
            if (next.isEmpty()) {
                break;
            }
            PeerChange change = next.get();
            taken.add(change.region());
            replicas.merge(change.remove().orElseThrow(), -1, Integer::sum);
            replicas.merge(change.add().orElseThrow(), 1, Integer::sum);
            changes.add(change);
        }
        return changes;
    }

    private static Optional<PeerChange> next(
            ClusterPicture picture,
            Set<RegionId> taken,
            NavigableMap<StoreId, Integer> replicas,
            List<StoreId> stores) {
        Comparator<StoreId> byReplicas = Comparator.comparing(replicas::get);
        List<StoreId> fewestFirst = stores.stream().sorted(byReplicas).toList();
        for (StoreId from : fewestFirst.reversed()) {
            for (StoreId to : fewestFirst) {
                if (replicas.getOrDefault(from, 0) - replicas.getOrDefault(to, 0) < 2) {
                    break;
                }
                Optional<RangeView> range = picture.ranges().stream()
                        .filter(each -> !taken.contains(each.id()) && mayMove(picture, each, from, to))
                        .min(Comparator.comparing(each -> each.leader().equals(Optional.of(from))));
                if (range.isPresent()) {
                    String reason = "store " + from.value() + " has " + replicas.get(from) + " replicas, store "
                            + to.value() + " " + replicas.get(to);
                    return Optional.of(change(range.get(), to, from, NAME, reason));
                }
            }
        }
        return Optional.empty();
    }

    /** Returns whether all of {@code range}'s replicas are well, and one may go from {@code from} to {@code to}. */
    private static boolean mayMove(ClusterPicture picture, RangeView range, StoreId from, StoreId to) {
        return range.voters().contains(from)
                && !range.voters().contains(to)
                && range.voters().stream()
                        .allMatch(voter -> Optional.ofNullable(picture.stores().get(voter))
                                .filter(store -> store.state() == StoreState.UP)
                                .isPresent())
                && PeerRules.objection(picture, range, Optional.of(to), Optional.of(from))
                        .isEmpty();
    }

    /** Returns how many replicas stores have, for people. */
    static String describe(ClusterPicture picture) {
        return "replicas: "
                + replicas(picture).entrySet().stream()
                        .map(entry -> "store " + entry.getKey().value() + " " + entry.getValue())
                        .collect(Collectors.joining(", "));
    }
}
