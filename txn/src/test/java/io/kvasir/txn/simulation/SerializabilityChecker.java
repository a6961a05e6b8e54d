package io.kvasir.txn.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks histories of operations on lists that only grow for strict serializability: what each operation saw gives the
 * order of all writes to a key, and with real time a graph of what came before what; a history is wrong if the graph
 * has a cycle (as Elle does for list-append).
 */
final class SerializabilityChecker {

    /**
     * An operation.
     *
     * @param id of what it appends; negative if it appends nothing
     * @param returned when it was answered, {@link Long#MAX_VALUE} if nobody knows whether it took place
     * @param seen the list of each key it read, before its own append; empty if it was not answered
     * @param appended keys it appends to
     */
    record Operation(long id, long invoked, long returned, Map<String, List<Long>> seen, List<String> appended) {

        boolean isAnswered() {
            return returned != Long.MAX_VALUE;
        }
    }

    private final List<Operation> operations;
    private final Map<String, List<Long>> last;
    private final Map<Long, Integer> nodeById = new HashMap<>();
    private final List<Operation> nodes = new ArrayList<>();
    private final List<Set<Integer>> edges = new ArrayList<>();

    /** @param last the lists in the end */
    SerializabilityChecker(List<Operation> operations, Map<String, List<Long>> last) {
        this.operations = operations;
        this.last = last;
    }

    /** @throws AssertionError if the history is not strictly serializable */
    void check() {
        Set<Long> took = new HashSet<>();
        last.values().forEach(took::addAll);
        for (Operation operation : operations) {
            if (operation.isAnswered() || took.contains(operation.id)) {
                nodeById.put(operation.id, nodes.size());
                nodes.add(operation);
                edges.add(new HashSet<>());
            }
        }
        for (Operation operation : nodes) {
            for (String key : operation.appended) {
                require(
                        last.get(key).contains(operation.id),
                        operation + " is missing at " + key + ": " + last.get(key));
            }
        }
        last.forEach(this::orderWrites);
        for (int node = 0; node < nodes.size(); node++) {
            orderReads(node);
        }
        orderTime();
        findCycle();
    }

    private void orderWrites(String key, List<Long> list) {
        require(new HashSet<>(list).size() == list.size(), key + " has an element twice: " + list);
        for (int i = 1; i < list.size(); i++) {
            edges.get(node(list.get(i - 1))).add(node(list.get(i)));
        }
    }

    private int node(long id) {
        Integer node = nodeById.get(id);
        require(node != null, "element " + id + " of no operation that took place");
        return node;
    }

    private void orderReads(int reader) {
        nodes.get(reader).seen.forEach((key, list) -> {
            List<Long> all = last.get(key);
            require(
                    list.size() <= all.size() && all.subList(0, list.size()).equals(list),
                    nodes.get(reader) + " saw at " + key + " what is no beginning of " + all);
            if (!list.isEmpty()) {
                edges.get(node(list.getLast())).add(reader);
            }
            if (list.size() < all.size() && node(all.get(list.size())) != reader) {
                edges.get(reader).add(node(all.get(list.size())));
            }
        });
    }

    /**
     * Puts what returned before what was invoked later: each return leads to a node that stands for its instant, these
     * form a chain, and the last instant before an invocation leads to it.
     */
    private void orderTime() {
        List<Integer> byReturn = new ArrayList<>();
        for (int node = 0; node < nodes.size(); node++) {
            if (nodes.get(node).isAnswered()) {
                byReturn.add(node);
            }
        }
        byReturn.sort(Comparator.comparingLong(node -> nodes.get(node).returned));
        int first = edges.size();
        long[] returns = new long[byReturn.size()];
        for (int i = 0; i < returns.length; i++) {
            returns[i] = nodes.get(byReturn.get(i)).returned;
            edges.add(new HashSet<>());
            edges.get(byReturn.get(i)).add(first + i);
            if (i > 0) {
                edges.get(first + i - 1).add(first + i);
            }
        }
        for (int node = 0; node < nodes.size(); node++) {
            int before = lastBefore(returns, nodes.get(node).invoked);
            if (before >= 0) {
                edges.get(first + before).add(node);
            }
        }
    }

    /** Returns the place of the last of {@code sorted} that is below {@code limit}, -1 if none is. */
    private static int lastBefore(long[] sorted, long limit) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = low + high >>> 1;
            if (sorted[middle] < limit) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private void findCycle() {
        int[] before = new int[edges.size()];
        edges.forEach(targets -> targets.forEach(target -> before[target]++));
        ArrayDeque<Integer> free = new ArrayDeque<>();
        for (int node = 0; node < before.length; node++) {
            if (before[node] == 0) {
                free.add(node);
            }
        }
        int ordered = 0;
        while (!free.isEmpty()) {
            ordered++;
            for (int target : edges.get(free.remove())) {
                if (--before[target] == 0) {
                    free.add(target);
                }
            }
        }
        List<Operation> inCycles = new ArrayList<>();
        for (int node = 0; node < nodes.size() && inCycles.size() < 12; node++) {
            if (before[node] > 0) {
                inCycles.add(nodes.get(node));
            }
        }
        require(ordered == edges.size(), "no order explains what was seen; among: " + inCycles);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
