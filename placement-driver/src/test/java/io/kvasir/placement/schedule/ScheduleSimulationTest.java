package io.kvasir.placement.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The schedulers over 10,000 ranges on 100 stores that fail, come back and stop, from a seed: {@code -Dkvasir.seed=N}.
 */
final class ScheduleSimulationTest {

    private static final int REPLICAS = 3;
    private static final long SECOND = 1_000_000_000L;

    private final long seed = Long.getLong("kvasir.seed", 1);
    private final Random random = new Random(seed);
    private final NavigableMap<StoreId, StoreView> stores = new TreeMap<>();
    private final List<RangeView> ranges = new ArrayList<>();
    private final Scheduling scheduling = new Scheduling(1, 512L << 20);
    private final Map<RegionId, Integer> moved = new HashMap<>();
    private long now;
    private int moves;
    private int storeCount;
    private int rangeCount;

    @Test
    void aClusterWhoseStoresFailAndReturnBecomesEvenAndStaysSo() {
        build(100, 10_000);
        int seconds = settle(4_000);
        System.out.println("seed " + seed + ": even after " + seconds + " s and " + moves + " moves");
        requireEven();
        assertTrue(moves <= rangeCount, "moves " + moves);

        for (int round = 0; round < 3; round++) {
            List<StoreId> dead = chosen(5);
            dead.forEach(this::kill);
            int before = moves;
            settle(2_000);
            requireEven();
            System.out.println("5 stores died: " + (moves - before) + " moves");
            before = moves;
            dead.forEach(store -> stores.put(store, new StoreView(store, StoreState.UP, false, false)));
            settle(2_000);
            requireEven();
            // What the returned stores lack, and little more: chains move some ranges on the way.
            int due = dead.size() * (rangeCount / storeCount + 1);
            System.out.println("they came back: " + (moves - before) + " moves for " + due + " leaders");
            assertTrue(moves - before <= 3 * due, "moves " + (moves - before) + " for " + due);
        }
    }

    @Test
    void anEvenClusterMovesNothing() {
        build(20, 1_000);
        settle(4_000);
        int before = moves;
        IntStream.range(0, 100).forEach(unused -> step());
        assertEquals(before, moves, "moves in a cluster that is even");
    }

    @Test
    void aStoppingStoreIsEmptiedAndGivenNothing() {
        build(20, 1_000);
        settle(4_000);
        List<StoreId> leaving = chosen(3);
        leaving.forEach(store -> stores.put(store, new StoreView(store, StoreState.UP, false, true)));
        settle(200);
        NavigableMap<StoreId, Integer> leaders = picture().leaders();
        leaving.forEach(store -> assertEquals(0, leaders.get(store), "leaders of a store that stops"));
        requireEven();
    }

    private void build(int storesBuilt, int rangesBuilt) {
        // Leaders alone are simulated here; see ReplicaSimulationTest.
        scheduling.pause(ReplicaBalance.NAME, Scheduling.PAUSE_SECONDS_MAX, 0);
        scheduling.pause(ReplicaRepair.NAME, Scheduling.PAUSE_SECONDS_MAX, 0);
        storeCount = storesBuilt;
        rangeCount = rangesBuilt;
        IntStream.rangeClosed(1, storeCount)
                .mapToObj(StoreId::new)
                .forEach(store -> stores.put(store, new StoreView(store, StoreState.UP, false, false)));
        for (int i = 1; i <= rangeCount; i++) {
            List<StoreId> voters = chosen(REPLICAS);
            // The lowest store leads, as elections have it: far from even.
            StoreId leader = Collections.min(voters);
            ranges.add(new RangeView(new RegionId(i), 1, Optional.of(leader), voters, Map.of()));
        }
    }

    private List<StoreId> chosen(int count) {
        List<StoreId> all = new ArrayList<>(stores.keySet());
        Collections.shuffle(all, random);
        return List.copyOf(all.subList(0, count));
    }

    private void kill(StoreId store) {
        stores.put(store, new StoreView(store, StoreState.DISCONNECTED, false, false));
        for (int i = 0; i < ranges.size(); i++) {
            RangeView range = ranges.get(i);
            if (range.leader().equals(Optional.of(store))) {
                Optional<StoreId> next = range.voters().stream()
                        .filter(voter -> picture(List.of()).mayLead(voter))
                        .findFirst();
                ranges.set(i, new RangeView(range.id(), range.term() + 1, next, range.voters(), range.lags()));
            }
        }
    }

    private ClusterPicture picture() {
        return picture(ranges);
    }

    private ClusterPicture picture(List<RangeView> shown) {
        return new ClusterPicture(stores, shown);
    }

    /** Runs until a minute has passed without an operator; returns the seconds that took. */
    private int settle(int secondsMax) {
        moved.clear();
        int quiet = 0;
        for (int second = 0; second < secondsMax; second++) {
            step();
            quiet = scheduling.operators().running().isEmpty() ? quiet + 1 : 0;
            if (quiet == 60) {
                return second - quiet;
            }
        }
        throw new AssertionError("seed " + seed + ": not settled after " + secondsMax + " s, "
                + picture().leaders());
    }

    /** One second: operators are told and come about, but for a few. */
    private void step() {
        now += SECOND;
        scheduling.tick(picture(), now);
        int running = scheduling.operators().running().size();
        assertTrue(running <= bound(), "operators under way: " + running);
        Set<RegionId> once = new HashSet<>();
        for (StoreId store : stores.keySet()) {
            for (Operator operator : scheduling.operators().tell(store)) {
                assertTrue(once.add(operator.task().region()), "two operators of one range");
                if (random.nextInt(20) == 0) {
                    scheduling.operators().failed(operator.id(), "", now);
                } else if (random.nextInt(3) > 0) {
                    transfer((Move) operator.task());
                }
            }
        }
    }

    /** What a chain adds on top of a limit is at most its length. */
    private int bound() {
        return Scheduling.LIMITS.stream()
                        .mapToInt(Scheduling.Limit::operatorsMax)
                        .sum()
                + storeCount;
    }

    private void transfer(Move move) {
        int at = (int) move.region().value() - 1;
        RangeView range = ranges.get(at);
        if (range.leader().equals(Optional.of(move.from())) && range.term() == move.term()) {
            assertTrue(picture(List.of()).mayLead(move.to()), "a leader for a store that may not lead");
            ranges.set(
                    at,
                    new RangeView(range.id(), range.term() + 1, Optional.of(move.to()), range.voters(), range.lags()));
            moves++;
            assertTrue(moved.merge(range.id(), 1, Integer::sum) <= 4, "range " + range.id() + " goes back and forth");
        }
    }

    private void requireEven() {
        List<Integer> counts = new ArrayList<>();
        NavigableMap<StoreId, Integer> leaders = picture().leaders();
        stores.values().stream()
                .filter(StoreView::mayLead)
                .forEach(store -> counts.add(leaders.getOrDefault(store.id(), 0)));
        assertTrue(
                Collections.max(counts) - Collections.min(counts) <= 1,
                "seed " + seed + ": leaders from " + Collections.min(counts) + " to " + Collections.max(counts));
    }
}
