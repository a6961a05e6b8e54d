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

/** Changes of replicas as operators: what is refused, how they end, and that none is left over. */
final class PeerOperatorsTest {

    private static final RegionId REGION = new RegionId(1);
    private static final StoreId ONE = new StoreId(1);
    private static final StoreId TWO = new StoreId(2);
    private static final StoreId THREE = new StoreId(3);
    private static final StoreId FOUR = new StoreId(4);
    private static final List<StoreId> BEFORE = List.of(ONE, TWO, THREE);
    private static final List<StoreId> AFTER = List.of(ONE, TWO, FOUR);
    private static final long SECOND = 1_000_000_000L;

    private final NavigableMap<StoreId, StoreView> stores = new TreeMap<>();
    private final Scheduling scheduling = new Scheduling(1, 512L << 20);

    PeerOperatorsTest() {
        List.of(ONE, TWO, THREE, FOUR).forEach(store -> state(store, StoreState.UP));
    }

    private void state(StoreId store, StoreState state) {
        stores.put(store, new StoreView(store, state, false, false));
    }

    private ClusterPicture picture(long confVersion, List<StoreId> voters, List<StoreId> wanted, boolean changing) {
        RangeView range =
                new RangeView(REGION, 1, 5, Optional.of(ONE), voters, Map.of(), 0, confVersion, wanted, changing);
        return new ClusterPicture(stores, List.of(range));
    }

    private ClusterPicture before() {
        return picture(1, BEFORE, BEFORE, false);
    }

    private ClusterPicture changing() {
        return picture(1, BEFORE, AFTER, true);
    }

    private String move(StoreId from, StoreId to) {
        return scheduling
                .changePeers(before(), REGION, Optional.of(to), Optional.of(from), 0)
                .orElse("");
    }

    private List<Operator> running() {
        return List.copyOf(scheduling.operators().running());
    }

    @Test
    void aMoveIsDecidedOnceAndEndsWhenTheLogHasFollowed() {
        assertEquals("", move(THREE, FOUR));
        assertEquals(1, PeerChecker.toBegin(before(), scheduling.operators()).size());
        scheduling.tick(changing(), SECOND);
        assertEquals(List.of(), PeerChecker.toBegin(changing(), scheduling.operators()));
        Operator operator = running().getFirst();
        scheduling.tick(picture(2, AFTER, AFTER, false), 2 * SECOND);
        assertEquals(State.FINISHED, operator.state());
        assertEquals("transfer-peer", operator.task().kind());
    }

    @Test
    void aMoveThatLeavesNoMajorityUpIsRefused() {
        state(TWO, StoreState.DISCONNECTED);
        assertEquals("", move(THREE, FOUR), "one and four are a majority of the new replicas");
        scheduling.operators().cancel(running().getFirst().id(), "", 0);
        state(ONE, StoreState.DISCONNECTED);
        assertEquals("range 1 would have no majority of replicas that are up", move(THREE, FOUR));
        state(ONE, StoreState.UP);
        assertEquals(
                Optional.of("range 1 would have no majority of replicas that are up"),
                scheduling.changePeers(before(), REGION, Optional.empty(), Optional.of(THREE), 0));
    }

    @Test
    void aMoveThatCannotBeIsRefusedWithItsReason() {
        assertEquals("store 4 has no replica of range 1", move(FOUR, THREE));
        assertEquals("store 2 has a replica of range 1 already", move(THREE, TWO));
        assertEquals("there is no store 9", move(THREE, new StoreId(9)));
        state(FOUR, StoreState.DISCONNECTED);
        assertEquals("store 4 is disconnected", move(THREE, FOUR));
        state(FOUR, StoreState.UP);
        assertEquals("", move(THREE, FOUR));
        assertEquals("range 1 has an operator already", move(TWO, FOUR));
    }

    @Test
    void aRangeIsGivenOtherReplicasOnceAtATime() {
        assertEquals(
                Optional.of("range 1 is being given other replicas already"),
                scheduling.changePeers(changing(), REGION, Optional.of(FOUR), Optional.of(TWO), 0));
        state(TWO, StoreState.DOWN);
        assertEquals(List.of(), ReplicaRepair.plan(changing(), Set.of(), 4));
        assertEquals(1, ReplicaRepair.plan(before(), Set.of(), 4).size());
    }

    @Test
    void aMoveThatNobodyLooksAfterGetsAnOperatorAgain() {
        scheduling.tick(changing(), SECOND);
        PeerChange change = (PeerChange) running().getFirst().task();
        assertEquals(PeerChecker.NAME, change.scheduler());
        assertEquals(Optional.of(FOUR), change.add());
        assertEquals(Optional.of(THREE), change.remove());
        scheduling.tick(changing(), 2 * SECOND);
        assertEquals(1, running().size());
    }

    @Test
    void aMoveThatIsNotDoneInTimeIsTakenBack() {
        move(THREE, FOUR);
        scheduling.tick(changing(), SECOND);
        Operator operator = running().getFirst();
        long late = (PeerChange.TIMEOUT_MILLIS + 1_000) * 1_000_000;
        scheduling.tick(changing(), late);
        assertEquals(State.TIMED_OUT, operator.state());
        assertEquals(
                1, PeerChecker.toTakeBack(changing(), scheduling.operators()).size());
        assertEquals(List.of(), running(), "it is not begun again");
        ClusterPicture back = picture(1, BEFORE, BEFORE, true);
        scheduling.tick(back, late + SECOND);
        assertEquals(List.of(), PeerChecker.toTakeBack(back, scheduling.operators()));
        assertEquals(List.of(), running());
    }

    @Test
    void aMoveToAStoreThatDiesIsTakenBackAndOneRemovedByHandToo() {
        move(THREE, FOUR);
        scheduling.tick(changing(), SECOND);
        Operator operator = running().getFirst();
        state(FOUR, StoreState.DOWN);
        scheduling.tick(changing(), 2 * SECOND);
        assertEquals(State.CANCELLED, operator.state());
        assertEquals(
                1, PeerChecker.toTakeBack(changing(), scheduling.operators()).size());
    }

    @Test
    void nobodyIsGivenTheLeadOfARangeThatIsToLeaveIt() {
        RangeView range = changing().ranges().getFirst();
        assertTrue(range.mayBeLedBy(TWO));
        assertTrue(!range.mayBeLedBy(THREE) && !range.mayBeLedBy(FOUR));
    }
}
