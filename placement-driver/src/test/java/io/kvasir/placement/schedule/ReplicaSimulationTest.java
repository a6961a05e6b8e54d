package io.kvasir.placement.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The schedulers of replicas on a cluster that grows, shrinks and fails, second by second. */
final class ReplicaSimulationTest {

    private static final long SECOND = 1_000_000_000L;
    private static final int RANGES = 300;

    private final long seed = Long.getLong("kvasir.seed", 1);
    private final Random random = new Random(seed);
    private final NavigableMap<StoreId, StoreView> stores = new TreeMap<>();
    private final List<RangeView> ranges = new ArrayList<>();
    private final Scheduling scheduling = new Scheduling(1, 512L << 20);
    private final Map<RegionId, Integer> moved = new HashMap<>();
    private long now;
    private int changes;
    private int replicasWanted;

    ReplicaSimulationTest() {
        scheduling.pause(LeaderBalance.NAME, Scheduling.PAUSE_SECONDS_MAX, 0);
        for (int i = 1; i <= 3; i++) {
            set(i, StoreState.UP, false);
        }
        List<StoreId> voters = List.copyOf(stores.keySet());
        for (int i = 1; i <= RANGES; i++) {
            ranges.add(new RangeView(new RegionId(i), 1, Optional.of(voters.get(i % 3)), voters, Map.of()));
        }
    }

    private void set(long id, StoreState state, boolean draining) {
        StoreId store = new StoreId(id);
        stores.put(store, new StoreView(store, state, false, false, draining));
    }

    @Test
    void aClusterGrowsFromThreeToFiveAndShrinksAgain() {
        set(4, StoreState.UP, false);
        set(5, StoreState.UP, false);
        settle();
        requireEven();
        assertTrue(changes <= RANGES * 6 / 5 + 3, "no more moves than the new stores need, but " + changes);
        changes = 0;
        set(4, StoreState.UP, true);
        set(5, StoreState.UP, true);
        settle();
        NavigableMap<StoreId, Integer> replicas = ReplicaBalance.replicas(picture());
        assertEquals(0, replicas.get(new StoreId(4)) + replicas.get(new StoreId(5)));
        requireEven();
    }

    @Test
    void aStoreThatIsDownIsRebuiltOnTheOthersAndOneThatIsSilentIsNot() {
        set(4, StoreState.UP, false);
        settle();
        changes = 0;
        set(2, StoreState.DISCONNECTED, false);
        elect();
        settle();
        assertEquals(0, changes, "a store that is silent for a moment");
        set(2, StoreState.DOWN, false);
        settle();
        assertEquals(0, ReplicaBalance.replicas(picture()).get(new StoreId(2)));
        requireEven();
        set(2, StoreState.UP, false);
        settle();
        requireEven();
    }

    @Test
    void rangesWithAReplicaThatIsSilentAreNotMovedForEvenNumbers() {
        set(4, StoreState.UP, false);
        settle();
        set(2, StoreState.DISCONNECTED, false);
        elect();
        List<RangeView> unwell = ranges.stream()
                .filter(range -> range.voters().contains(new StoreId(2)))
                .toList();
        set(5, StoreState.UP, false);
        changes = 0;
        settle();
        assertTrue(changes > 0 && unwell.stream().allMatch(ranges::contains), changes + " changes");
    }

    @Test
    void rangesThatHaveLostTheirMajorityAreLeftAloneAndOthersAreRebuilt() {
        set(4, StoreState.UP, false);
        set(5, StoreState.UP, false);
        settle();
        set(2, StoreState.DOWN, false);
        set(3, StoreState.DOWN, false);
        List<RangeView> lost =
                ranges.stream().filter(range -> up(range.voters()) < 2).toList();
        settle();
        assertTrue(!lost.isEmpty() && lost.size() < RANGES, "some of the ranges had both");
        for (RangeView range : ranges) {
            boolean isLost = lost.contains(range);
            assertTrue(isLost || up(range.voters()) == 3, () -> "range " + range.id() + " " + range.voters());
        }
        assertTrue(lost.stream().allMatch(ranges::contains), "what has no majority is as it was");
    }

    @Test
    void aStoreThatNobodyCanReplaceKeepsItsReplicasAndDescribeSaysWhy() {
        set(3, StoreState.UP, true);
        settle();
        assertEquals(RANGES, ReplicaBalance.replicas(picture()).get(new StoreId(3)));
        assertEquals(
                List.of(
                        "store 3 is being drained and has 300 replicas",
                        "300 ranges have a replica on every other store that is up"),
                scheduling.describe(ReplicaRepair.NAME, picture(), now));
    }

    @Test
    void rangesGetAsManyReplicasAsAreWantedAndNoMore() {
        set(4, StoreState.UP, false);
        set(5, StoreState.UP, false);
        settle();
        for (int wanted : List.of(5, 3, 1, 3)) {
            changes = 0;
            int before = ranges.getFirst().voters().size();
            replicasWanted = wanted;
            settle();
            ranges.forEach(range -> assertEquals(wanted, range.voters().size(), () -> "range " + range.id()));
            assertTrue(changes >= RANGES * Math.abs(wanted - before), changes + " changes");
            assertTrue(changes <= RANGES * (Math.abs(wanted - before) + 1), changes + " changes");
            requireEven();
        }
        set(5, StoreState.UP, true);
        settle();
        ranges.forEach(range -> assertEquals(3, range.voters().size(), () -> "range " + range.id()));
        assertEquals(0, ReplicaBalance.replicas(picture()).get(new StoreId(5)));
    }

    @Test
    void aReplicaOfAStoreThatIsSilentGoesFirstAndNoneComesWhereThereIsNoStore() {
        set(2, StoreState.DISCONNECTED, false);
        elect();
        replicasWanted = 5;
        settle();
        assertEquals(0, changes);
        assertEquals(
                List.of(
                        "5 replicas of each range are wanted",
                        "300 ranges have fewer, 0 have more",
                        "300 ranges have a replica on every store that may take one"),
                scheduling.describe(ReplicaCount.NAME, picture(), now));
        set(4, StoreState.UP, false);
        set(5, StoreState.UP, false);
        assertTrue(scheduling
                .describe(ReplicaBalance.NAME, picture(), now)
                .contains("nothing is moved until ranges have as" + " many replicas as are wanted, see replica-count"));
        settle();
        replicasWanted = 3;
        settle();
        assertEquals(0, ReplicaBalance.replicas(picture()).get(new StoreId(2)), "silent, and no longer needed");
        ranges.forEach(range -> assertEquals(3, range.voters().size(), () -> "range " + range.id()));
        assertEquals(
                List.of("3 replicas of each range are wanted", "all ranges have as many"),
                scheduling.describe(ReplicaCount.NAME, picture(), now));
    }

    private ClusterPicture picture() {
        return new ClusterPicture(stores, ranges, replicasWanted);
    }

    /** Ranges led by a store that is silent are led by another. */
    private void elect() {
        for (int i = 0; i < ranges.size(); i++) {
            RangeView range = ranges.get(i);
            Optional<StoreId> leader =
                    range.voters().stream().filter(voter -> isUp(voter)).findFirst();
            if (range.leader().filter(this::isUp).isEmpty()) {
                ranges.set(i, with(range, range.term() + 1, leader, range.voters(), range.confVersion(), false));
            }
        }
    }

    private boolean isUp(StoreId store) {
        StoreView view = stores.get(store);
        return view != null && view.state() == StoreState.UP;
    }

    private static RangeView with(
            RangeView range,
            long term,
            Optional<StoreId> leader,
            List<StoreId> voters,
            long confVersion,
            boolean changing) {
        return new RangeView(
                range.id(), range.version(), term, leader, voters, Map.of(), 0, confVersion, voters, changing);
    }

    /** Runs until a minute has passed without an operator. */
    private void settle() {
        moved.clear();
        int quiet = 0;
        for (int second = 0; second < 20_000; second++) {
            step();
            quiet = scheduling.operators().running().isEmpty() ? quiet + 1 : 0;
            if (quiet == 60) {
                return;
            }
        }
        throw new AssertionError("seed " + seed + ": not settled, " + ReplicaBalance.replicas(picture()));
    }

    private void step() {
        now += SECOND;
        scheduling.tick(picture(), now);
        for (Operator operator : scheduling.operators().running()) {
            switch (operator.task()) {
                case PeerChange change when random.nextInt(3) > 0 -> carryOut(change);
                case Move move -> lead(move);
                default -> {}
            }
        }
    }

    private void lead(Move move) {
        int at = (int) move.region().value() - 1;
        RangeView range = ranges.get(at);
        ranges.set(
                at, with(range, range.term() + 1, Optional.of(move.to()), range.voters(), range.confVersion(), false));
    }

    private void carryOut(PeerChange change) {
        int at = (int) change.region().value() - 1;
        RangeView range = ranges.get(at);
        if (range.confVersion() != change.confVersion()) {
            return;
        }
        List<StoreId> after = range.wanting(change).wanted();
        assertTrue(2 * up(range.voters()) > range.voters().size() && 2 * up(after) > after.size(), "below quorum");
        assertTrue(after.size() == 3 || replicasWanted != 0, () -> "not asked for: " + after);
        changes++;
        assertTrue(moved.merge(range.id(), 1, Integer::sum) <= 6, "range " + range.id() + " goes back and forth");
        Optional<StoreId> leader = range.leader().filter(after::contains).or(() -> Optional.of(after.getFirst()));
        ranges.set(at, with(range, range.term(), leader, after, range.confVersion() + 1, false));
    }

    private long up(List<StoreId> voters) {
        return voters.stream().filter(this::isUp).count();
    }

    private void requireEven() {
        List<Integer> counts = new ArrayList<>();
        NavigableMap<StoreId, Integer> replicas = ReplicaBalance.replicas(picture());
        stores.values().stream()
                .filter(StoreView::mayLead)
                .forEach(store -> counts.add(replicas.getOrDefault(store.id(), 0)));
        assertTrue(Collections.max(counts) - Collections.min(counts) <= 1, "seed " + seed + ": " + replicas);
    }
}
