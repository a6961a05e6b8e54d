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
 * Scheduler {@code evict-leader}: a store that is stopping, or whose disk stalls, leads nothing.
 *
 * <p>Pure; the same view gives the same moves.
 */
public final class LeaderEviction {

    public static final String NAME = "evict-leader";

    private LeaderEviction() {}

    /**
     * Returns moves away from such stores, each to the voter that leads least.
     *
     * @param held ranges that must stay as they are
     */
    public static List<Move> plan(ClusterPicture picture, Set<RegionId> held, int movesMax) {
        List<Move> moves = new ArrayList<>();
        NavigableMap<StoreId, Integer> leaders = picture.leaders();
        for (RangeView range : picture.ranges()) {
            Optional<StoreView> from = range.leader().map(picture.stores()::get).filter(LeaderEviction::mustLeave);
            if (from.isEmpty() || held.contains(range.id())) {
                continue;
            }
            Optional<StoreId> to = range.voters().stream()
                    .filter(voter -> picture.mayLead(voter) && range.mayBeLedBy(voter))
                    .min(Comparator.comparing(leaders::get));
            if (to.isPresent() && moves.size() < movesMax) {
                leaders.merge(from.get().id(), -1, Integer::sum);
                leaders.merge(to.get(), 1, Integer::sum);
                String reason =
                        "store " + from.get().id().value() + " " + from.get().objection();
                moves.add(new Move(range.id(), range.term(), from.get().id(), to.get(), NAME, reason));
            }
        }
        return moves;
    }

    /** Returns whether {@code store}, which is heard from, should lead nothing. */
    static boolean mustLeave(StoreView store) {
        return store.state() == StoreState.UP && (store.leaving() || store.slow() || store.draining());
    }
}
