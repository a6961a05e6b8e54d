package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Sees to it that a change of replicas which is decided comes to an end, whoever leads the placement driver: one that
 * nobody looks after, because its operator was of an earlier term, gets an operator again, and one that was given up is
 * taken back. Changes that only replace lost replicas by their successors on the same stores have no other end, and are
 * left alone. Confined to the placement thread.
 */
public final class PeerChecker {

    public static final String NAME = "replica-checker";

    private PeerChecker() {}

    /** Gives the changes in {@code picture} that nobody looks after operators. */
    static void adopt(ClusterPicture picture, Operators operators, long nowNanos) {
        Set<RegionId> changing = new HashSet<>();
        for (RangeView range : picture.ranges()) {
            if (!range.isChanging()) {
                continue;
            }
            changing.add(range.id());
            Optional<StoreId> add = other(range.wanted(), range.voters());
            Optional<StoreId> remove = other(range.voters(), range.wanted());
            if ((add.isPresent() || remove.isPresent())
                    && !operators.isGivenUp(range.id())
                    && !operators.busy().contains(range.id())) {
                operators.add(
                        new PeerChange(
                                range.id(),
                                range.term(),
                                range.leader().orElse(range.voters().getFirst()),
                                range.confVersion(),
                                add,
                                remove,
                                NAME,
                                "decided in an earlier term of the placement driver"),
                        nowNanos);
            }
        }
        operators.forgetGivenUp(changing);
    }

    private static Optional<StoreId> other(List<StoreId> these, List<StoreId> than) {
        return these.stream().filter(store -> !than.contains(store)).findFirst();
    }

    /** Returns the changes under way that are not decided yet. */
    public static List<PeerChange> toBegin(ClusterPicture picture, Operators operators) {
        List<PeerChange> changes = new ArrayList<>();
        for (Operator operator : operators.running()) {
            if (operator.task() instanceof PeerChange change
                    && picture.ranges().stream()
                            .anyMatch(range -> range.id().equals(change.region())
                                    && range.confVersion() == change.confVersion()
                                    && !range.isChanging())) {
                changes.add(change);
            }
        }
        return changes;
    }

    /** Returns the ranges whose change is decided and was given up. */
    public static List<RangeView> toTakeBack(ClusterPicture picture, Operators operators) {
        return picture.ranges().stream()
                .filter(range -> range.isChanging()
                        && operators.isGivenUp(range.id())
                        && !Set.copyOf(range.wanted()).equals(Set.copyOf(range.voters())))
                .toList();
    }
}
