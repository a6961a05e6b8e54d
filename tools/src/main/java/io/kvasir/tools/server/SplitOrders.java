package io.kvasir.tools.server;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.placement.IdKind;
import io.kvasir.region.placement.Answer;
import io.kvasir.region.placement.PlacementClient;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/**
 * Splits the ranges led here that the placement driver wants split: gets numbers for the new range and its replicas,
 * and asks the leader. Safe for any thread.
 */
final class SplitOrders {

    private final PlacementClient client;

    /** Why an operator did not come about, until the next heartbeat. */
    private final Map<Long, String> failed;

    private final Set<Long> underWay = ConcurrentHashMap.newKeySet();

    SplitOrders(PlacementClient client, Map<Long, String> failed) {
        this.client = client;
        this.failed = failed;
    }

    /** Begins {@code order}, unless it is under way, or of another term or version than the range has. */
    void carryOut(PlacementClient.Split order, RangeTable ranges) {
        Optional<Range> range =
                ranges.find(order.region()).filter(led -> led.servingTerm() == order.term() && isMeant(order, led));
        if (range.isEmpty() || !underWay.add(order.operator())) {
            return;
        }
        int replicas = range.get().descriptor().voters().size();
        allocate(
                order,
                IdKind.ID_KIND_REGION,
                1,
                region -> allocate(
                        order,
                        IdKind.ID_KIND_INCARNATION,
                        replicas,
                        first -> split(order, range.get(), region, first)));
    }

    private void allocate(PlacementClient.Split order, IdKind kind, int count, LongConsumer then) {
        client.allocate(kind, count, answer -> {
            if (answer instanceof Answer.Granted<Long>(Long first)) {
                then.accept(first);
            } else {
                end(order, Optional.of("the placement driver gives no numbers now"));
            }
        });
    }

    /** The order is told until the placement driver hears that it was carried out; what is left is not split again. */
    private static boolean isMeant(PlacementClient.Split order, Range range) {
        return range.descriptor().epoch().version() == order.version();
    }

    private void split(PlacementClient.Split order, Range range, long region, long firstIncarnation) {
        if (!isMeant(order, range)) {
            end(order, Optional.of("the range has been split since"));
            return;
        }
        List<ReplicaId> voters = new ArrayList<>();
        for (ReplicaId voter : range.descriptor().voters()) {
            voters.add(new ReplicaId(voter.store(), Math.toIntExact(firstIncarnation + voters.size())));
        }
        range.split(new RegionId(region), order.at(), voters, objection -> end(order, objection));
    }

    private void end(PlacementClient.Split order, Optional<String> objection) {
        objection.ifPresent(why -> failed.put(order.operator(), why));
        underWay.remove(order.operator());
    }
}
