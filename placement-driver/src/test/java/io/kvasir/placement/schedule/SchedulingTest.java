package io.kvasir.placement.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.placement.schedule.Operator.State;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class SchedulingTest {

    private static final StoreId ONE = new StoreId(1);
    private static final StoreId TWO = new StoreId(2);
    private static final StoreId THREE = new StoreId(3);
    private static final long SECOND = 1_000_000_000L;

    private final NavigableMap<StoreId, StoreView> stores =
            new TreeMap<>(Map.of(ONE, up(ONE), TWO, up(TWO), THREE, up(THREE)));
    private final Scheduling scheduling = new Scheduling(1, 512L << 20);

    SchedulingTest() {
        scheduling.pause(ReplicaBalance.NAME, Scheduling.PAUSE_SECONDS_MAX, 0);
    }

    @Test
    void aChainOfMovesReachesAStoreThatSharesNoRange() {
        ClusterPicture picture =
                picture(led(1, 5, ONE, ONE, TWO), led(2, 5, ONE, ONE, TWO), led(3, 5, TWO, TWO, THREE));
        List<Move> moves = LeaderBalance.plan(picture, Set.of(), 8);
        assertEquals(List.of(TWO, THREE), moves.stream().map(Move::to).toList());
        assertEquals(List.of(ONE, TWO), moves.stream().map(Move::from).toList());
    }

    @Test
    void aReplicaThatLacksEntriesIsGivenNothing() {
        RangeView behind = new RangeView(
                new RegionId(1), 5, Optional.of(ONE), List.of(ONE, TWO), Map.of(TWO, RangeView.LAG_ENTRIES_MAX + 1));
        ClusterPicture picture = picture(behind, led(2, 5, ONE, ONE, THREE), led(3, 5, ONE, ONE));
        assertEquals(
                List.of(THREE),
                LeaderBalance.plan(picture, Set.of(), 8).stream().map(Move::to).toList());
        String said = String.join("\n", scheduling.describe(LeaderBalance.NAME, picture, 0));
        assertTrue(said.contains("range 1: store 2 lacks 1001 entries"), said);
    }

    @Test
    void anOperatorIsToldUntilTheLeaderHasMovedAndItsRangeRestsThen() {
        ClusterPicture before = picture(led(1, 5, ONE, ONE, TWO), led(2, 5, ONE, ONE, TWO));
        scheduling.tick(before, 0);
        List<Operator> told = scheduling.operators().tell(ONE);
        assertEquals(1, told.size());
        assertEquals(told, scheduling.operators().tell(ONE));
        long moved = told.getFirst().task().region().value();
        ClusterPicture after = picture(led(moved, 6, TWO, ONE, TWO), led(3 - moved, 5, ONE, ONE, TWO));
        scheduling.tick(after, SECOND);
        assertEquals(State.FINISHED, told.getFirst().state());
        assertTrue(scheduling.operators().busyOrCooling().contains(new RegionId(moved)));
        assertTrue(scheduling.operators().tell(ONE).isEmpty());
    }

    @Test
    void operatorsEndWhenTheirTargetGoesTheirTimeIsUpOrAThirdIsElected() {
        ClusterPicture picture = picture(led(1, 5, ONE, ONE, TWO, THREE));
        assertEquals(Optional.empty(), scheduling.transfer(picture, new RegionId(1), TWO, 0));
        Operator late = scheduling.operators().running().iterator().next();
        scheduling.operators().advance(picture, (Operators.TIMEOUT_MILLIS + 1) * 1_000_000);
        assertEquals(State.TIMED_OUT, late.state());

        scheduling.transfer(picture, new RegionId(1), TWO, 0);
        Operator lost = scheduling.operators().running().iterator().next();
        scheduling.operators().advance(picture(led(1, 6, THREE, ONE, TWO, THREE)), SECOND);
        assertEquals(State.FAILED, lost.state());
        assertEquals("store 3 was elected", lost.outcome());

        scheduling.transfer(picture, new RegionId(1), TWO, 0);
        Operator cancelled = scheduling.operators().running().iterator().next();
        stores.put(TWO, new StoreView(TWO, StoreState.DISCONNECTED, false, false));
        scheduling.operators().advance(picture(led(1, 5, ONE, ONE, TWO, THREE)), SECOND);
        assertEquals(State.CANCELLED, cancelled.state());
    }

    private static RangeView sized(long id, long version, long mebibytes) {
        return new RangeView(new RegionId(id), version, 5, Optional.of(ONE), List.of(ONE), Map.of(), mebibytes << 20);
    }

    @Test
    void aRangeThatGrowsTooLargeIsSplitTheLargestFirst() {
        ClusterPicture picture = picture(sized(1, 1, 513), sized(2, 1, 900), sized(3, 1, 512));
        scheduling.tick(picture, 0);
        List<Task> splits = scheduling.operators().running().stream()
                .map(Operator::task)
                .filter(Split.class::isInstance)
                .toList();
        assertEquals(
                List.of(2L, 1L),
                splits.stream().map(split -> split.region().value()).toList());
        assertEquals("about 900 MiB, at most 512 are wanted", splits.getFirst().reason());
        String said = String.join("\n", scheduling.describe(SizeSplit.NAME, picture, 0));
        assertTrue(said.contains("range 2 has about 900 MiB, an operator is under way"), said);
    }

    @Test
    void aRangeThatWasSplitIsNotSplitAgainBeforeItsSizeIsKnown() {
        scheduling.tick(picture(sized(1, 1, 900)), 0);
        ClusterPicture after = picture(sized(1, 2, 0), sized(4, 2, 0));
        scheduling.tick(after, SECOND);
        assertEquals(State.FINISHED, scheduling.operators().ended().getFirst().state());
        scheduling.tick(picture(sized(1, 2, 450), sized(4, 2, 450)), 60 * SECOND);
        assertTrue(scheduling.operators().running().isEmpty());
    }

    @Test
    void aPausedSchedulerPlansNothingAndSaysSo() {
        ClusterPicture picture = picture(led(1, 5, ONE, ONE, TWO), led(2, 5, ONE, ONE, TWO));
        scheduling.pause(LeaderBalance.NAME, 10, 0);
        scheduling.tick(picture, SECOND);
        assertTrue(scheduling.operators().running().isEmpty());
        assertEquals(
                "paused for 9 s more",
                scheduling.describe(LeaderBalance.NAME, picture, SECOND).getFirst());
        scheduling.tick(picture, 11 * SECOND);
        assertEquals(1, scheduling.operators().running().size());
    }

    @Test
    void aStoppingStoreIsEmptiedWhileTheOthersKeepTheirShare() {
        stores.put(ONE, new StoreView(ONE, StoreState.UP, false, true));
        ClusterPicture picture = picture(
                led(1, 5, ONE, ONE, TWO, THREE),
                led(2, 5, ONE, ONE, TWO, THREE),
                led(3, 5, ONE, ONE),
                led(4, 5, TWO, ONE, TWO, THREE));
        List<Move> moves = LeaderEviction.plan(picture, Set.of(), 8);
        assertEquals(List.of(THREE, TWO), moves.stream().map(Move::to).toList());
        String said = String.join("\n", scheduling.describe(LeaderEviction.NAME, picture, 0));
        assertTrue(said.contains("1 of its ranges have no other replica"), said);
    }

    @Test
    void statesFollowTheAgeOfTheNewestHeartbeat() {
        assertEquals(StoreState.UP, StoreState.of(StoreState.UP_MILLIS - 1, StoreState.DOWN_MILLIS));
        assertEquals(StoreState.DISCONNECTED, StoreState.of(StoreState.UP_MILLIS, StoreState.DOWN_MILLIS));
        assertEquals(StoreState.DOWN, StoreState.of(StoreState.DOWN_MILLIS, StoreState.DOWN_MILLIS));
    }

    private static StoreView up(StoreId store) {
        return new StoreView(store, StoreState.UP, false, false);
    }

    private static RangeView led(long id, long term, StoreId leader, StoreId... voters) {
        return new RangeView(new RegionId(id), term, Optional.of(leader), List.of(voters), Map.of());
    }

    private ClusterPicture picture(RangeView... ranges) {
        return new ClusterPicture(stores, List.of(ranges));
    }
}
