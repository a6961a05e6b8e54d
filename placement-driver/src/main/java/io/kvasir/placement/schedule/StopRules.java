package io.kvasir.placement.schedule;

import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a store may be stopped, to be started again, without anybody noticing but by a moment's pause. Pure.
 *
 * @param refused why it may not, however long one waits: something is decided by a majority that would be gone
 * @param awaited what has to be waited for
 */
public record StopRules(List<String> refused, List<String> awaited) {

    private static final int REASONS_MAX = 8;

    public StopRules {
        refused = refused.stream().limit(REASONS_MAX).toList();
        awaited = awaited.stream().limit(REASONS_MAX).toList();
    }

    /**
     * Returns what stands against a stop of {@code store}.
     *
     * @param placement the stores with a replica of the placement driver
     */
    public static StopRules of(ClusterPicture picture, List<StoreId> placement, StoreId store) {
        List<String> refused = new ArrayList<>();
        List<String> awaited = new ArrayList<>();
        if (isAlone(placement, store)) {
            refused.add("the placement driver would have no majority of its replicas");
        }
        for (StoreView other : picture.stores().values()) {
            boolean counts = placement.contains(other.id())
                    || picture.ranges().stream()
                            .anyMatch(range -> range.voters().contains(other.id()));
            if (counts && (other.state() != StoreState.UP || other.leaving())) {
                awaited.add("store " + other.id().value() + " " + other.objection());
            }
        }
        for (RangeView range : picture.ranges()) {
            String name = "range " + range.id().value();
            if (isAlone(range.voters(), store)) {
                refused.add(name + " would have no majority of its replicas");
            }
            if (range.isChanging()) {
                awaited.add(name + " is being given other replicas");
            } else if (range.leader().isEmpty()) {
                awaited.add(name + " has no leader");
            } else {
                range.voters().stream()
                        .filter(voter -> !range.leader().get().equals(voter) && !range.mayBeLedBy(voter))
                        .forEach(voter ->
                                awaited.add(name + ": the replica on store " + voter.value() + " has not caught up"));
            }
        }
        return new StopRules(refused, awaited);
    }

    /** Returns whether {@code voters} decide nothing without {@code store}. */
    private static boolean isAlone(List<StoreId> voters, StoreId store) {
        return voters.contains(store) && voters.size() - 1 <= voters.size() / 2;
    }
}
