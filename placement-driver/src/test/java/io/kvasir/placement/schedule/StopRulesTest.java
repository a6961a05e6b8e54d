package io.kvasir.placement.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which store may be stopped, and what has to be waited for before. */
final class StopRulesTest {

    private static final StoreId ONE = new StoreId(1);
    private static final StoreId TWO = new StoreId(2);
    private static final StoreId THREE = new StoreId(3);
    private static final StoreId FOUR = new StoreId(4);
    private static final List<StoreId> ALL = List.of(ONE, TWO, THREE);

    private final NavigableMap<StoreId, StoreView> stores = new TreeMap<>();

    StopRulesTest() {
        List.of(ONE, TWO, THREE, FOUR).forEach(store -> state(store, StoreState.UP, false));
    }

    private void state(StoreId store, StoreState state, boolean leaving) {
        stores.put(store, new StoreView(store, state, false, leaving));
    }

    private static RangeView range(Optional<StoreId> leader, List<StoreId> voters, Map<StoreId, Long> lags) {
        return new RangeView(new RegionId(7), 5, leader, voters, lags);
    }

    private StopRules rules(RangeView range, StoreId store) {
        return StopRules.of(new ClusterPicture(stores, List.of(range)), ALL, store);
    }

    private StopRules rules(StoreId store) {
        return rules(range(Optional.of(ONE), ALL, Map.of()), store);
    }

    @Test
    void aStoreOfAClusterThatIsWellMayBeStopped() {
        assertEquals(new StopRules(List.of(), List.of()), rules(ONE));
        assertEquals(new StopRules(List.of(), List.of()), rules(FOUR));
    }

    @Test
    void anotherThatIsNotThereIsWaitedForIfSomethingCountsOnIt() {
        state(TWO, StoreState.DISCONNECTED, false);
        assertEquals(List.of("store 2 is disconnected"), rules(ONE).awaited());
        state(TWO, StoreState.UP, true);
        assertEquals(List.of("store 2 is stopping"), rules(ONE).awaited());
        state(TWO, StoreState.UP, false);
        state(FOUR, StoreState.DOWN, false);
        assertEquals(List.of(), rules(ONE).awaited(), "it holds nothing");
    }

    @Test
    void replicasThatLackEntriesOrMoveAreWaitedFor() {
        assertEquals(
                List.of("range 7: the replica on store 3 has not caught up"),
                rules(range(Optional.of(ONE), ALL, Map.of(THREE, Long.MAX_VALUE)), TWO)
                        .awaited());
        assertEquals(
                List.of("range 7 has no leader"),
                rules(range(Optional.empty(), ALL, Map.of()), TWO).awaited());
        RangeView changing = new RangeView(
                new RegionId(7), 1, 5, Optional.of(ONE), ALL, Map.of(), 0, 1, List.of(ONE, TWO, FOUR), true);
        assertEquals(
                List.of("range 7 is being given other replicas"),
                rules(changing, TWO).awaited());
    }

    @Test
    void aStoreWithoutWhichNothingIsDecidedIsRefused() {
        for (List<StoreId> voters : List.of(List.of(ONE), List.of(ONE, TWO))) {
            RangeView range = range(Optional.of(ONE), voters, Map.of());
            assertEquals(
                    List.of("range 7 would have no majority of its replicas"),
                    rules(range, ONE).refused());
            assertEquals(List.of(), rules(range, THREE).refused());
        }
        ClusterPicture picture = new ClusterPicture(stores, List.of());
        assertEquals(
                List.of("the placement driver would have no majority of its replicas"),
                StopRules.of(picture, List.of(ONE), ONE).refused());
    }
}
