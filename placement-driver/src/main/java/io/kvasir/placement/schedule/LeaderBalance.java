package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Scheduler {@code balance-leader}: every two stores that may lead have numbers of leaders that differ by one at most,
 * as far as replicas permit.
 *
 * <p>A store with too many need not share a range with one that has too few; so a chain of moves is looked for, each of
 * which leaves the stores in between as they were. Since every chain takes from the fuller end and gives to one that
 * has at least two fewer, the sum of squares falls with each: it comes to an end and never goes back and forth.
 *
 * <p>Pure; the same view gives the same moves.
 */
public final class LeaderBalance {

    public static final String NAME = "balance-leader";

    private final List<StoreId> stores;
    private final Map<StoreId, Integer> places = new HashMap<>();
    private final Map<RegionId, RangeView> ranges;
    private final int[] leaders;

    /** How many ranges that the first store leads the second could lead. */
    private final int[][] edges;

    private LeaderBalance(ClusterPicture picture, Set<RegionId> held) {
        stores = picture.stores().keySet().stream().filter(picture::mayLead).toList();
        stores.forEach(store -> places.put(store, places.size()));
        ranges = new LinkedHashMap<>();
        leaders = new int[stores.size()];
        edges = new int[stores.size()][stores.size()];
        for (RangeView range : picture.ranges()) {
            int from = range.leader().map(this::place).orElse(-1);
            if (from >= 0) {
                leaders[from]++;
                if (!held.contains(range.id())) {
                    ranges.put(range.id(), range);
                    count(range, 1);
                }
            }
        }
    }

    /**
     * Returns moves that make the numbers more even, fewest first; none if nothing can be better.
     *
     * @param held ranges that must stay as they are
     * @param movesMax about how many moves; a chain is never cut
     */
    public static List<Move> plan(ClusterPicture picture, Set<RegionId> held, int movesMax) {
        LeaderBalance balance = new LeaderBalance(picture, held);
        List<Move> moves = new ArrayList<>();
        while (moves.size() < movesMax) {
            List<Integer> chain = balance.chain();
            if (chain.isEmpty()) {
                break;
            }
            balance.move(chain, moves);
        }
        return moves;
    }

    /** Returns a shortest chain from the fullest store that has one to a store with at least two fewer. */
    private List<Integer> chain() {
        int fewest = IntStream.of(leaders).min().orElse(0);
        return IntStream.range(0, leaders.length)
                .filter(store -> leaders[store] >= fewest + 2)
                .boxed()
                .sorted(Comparator.comparingInt((Integer store) -> -leaders[store]))
                .map(this::chainFrom)
                .filter(chain -> !chain.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    private List<Integer> chainFrom(int first) {
        int[] before = new int[leaders.length];
        Arrays.fill(before, -1);
        before[first] = first;
        ArrayDeque<Integer> open = new ArrayDeque<>(List.of(first));
        while (!open.isEmpty()) {
            int store = open.remove();
            int best = -1;
            for (int next = 0; next < leaders.length; next++) {
                if (edges[store][next] > 0 && before[next] < 0) {
                    before[next] = store;
                    open.add(next);
                    boolean fits = leaders[next] <= leaders[first] - 2;
                    best = fits && (best < 0 || leaders[next] < leaders[best]) ? next : best;
                }
            }
            if (best >= 0) {
                return back(before, first, best);
            }
        }
        return List.of();
    }

    private static List<Integer> back(int[] before, int first, int last) {
        List<Integer> chain = new ArrayList<>();
        for (int store = last; store != first; store = before[store]) {
            chain.addFirst(store);
        }
        chain.addFirst(first);
        return chain;
    }

    private void move(List<Integer> chain, List<Move> moves) {
        int most = leaders[chain.getFirst()];
        int least = leaders[chain.getLast()];
        String reason = "store " + stores.get(chain.getFirst()).value() + " leads " + most + ", store "
                + stores.get(chain.getLast()).value() + " leads " + least;
        for (int i = 0; i + 1 < chain.size(); i++) {
            StoreId from = stores.get(chain.get(i));
            StoreId to = stores.get(chain.get(i + 1));
            RangeView range = ranges.values().stream()
                    .filter(each -> each.leader().orElseThrow().equals(from) && each.mayBeLedBy(to))
                    .findFirst()
                    .orElseThrow();
            moves.add(new Move(range.id(), range.term(), from, to, NAME, reason));
            count(range, -1);
            ranges.remove(range.id());
        }
        leaders[chain.getFirst()]--;
        leaders[chain.getLast()]++;
    }

    private void count(RangeView range, int change) {
        int from = place(range.leader().orElseThrow());
        for (StoreId voter : range.voters()) {
            int to = place(voter);
            if (to >= 0 && range.mayBeLedBy(voter)) {
                edges[from][to] += change;
            }
        }
    }

    /** Returns the place of {@code store} among those that may lead, -1 if it is none. */
    private int place(StoreId store) {
        return places.getOrDefault(store, -1);
    }
}
