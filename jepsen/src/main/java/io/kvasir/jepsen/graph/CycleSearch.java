package io.kvasir.jepsen.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds short cycles of a kind: one edge of a type that closes it, and a path back by edges of given types. The path is
 * the shortest by breadth-first search, and then made shorter still by real time, which is transitive while the graph
 * holds only its transitive reduction.
 *
 * <p>Whether there is a cycle is for {@link Components} to say, in linear time; here the work is bounded, so that of a
 * component that is large the shortest cycle found is not always the shortest there is. Confined to one thread.
 */
public final class CycleSearch {

    /** Edges that are looked at for one component before the shortest cycle found must do. */
    private static final long EDGES_PER_COMPONENT_MAX = 20_000_000;

    /** Cycles returned for one kind; more say nothing more. */
    private static final int CYCLES_MAX = 8;

    /** Paths longer than this are not made shorter by real time, which costs their length squared. */
    private static final int SHORTEN_MAX = 2_000;

    private static final int NOBODY = -1;

    private final TransactionGraph graph;
    private final int[] invoked;
    private final int[] completed;

    private final int[] parent; // of a state: node, or node + nodes if it was arrived at by an edge of type RW
    private final int[] queue;
    private final int[] seen;
    private int round;
    private long edgesLeft;

    /**
     * A search in {@code graph}.
     *
     * @param invoked position in the history at which each node was invoked
     * @param completed at which it was known to be complete, {@link Integer#MAX_VALUE} if never
     */
    public CycleSearch(TransactionGraph graph, int[] invoked, int[] completed) {
        this.graph = graph;
        this.invoked = invoked;
        this.completed = completed;
        parent = new int[2 * graph.nodes()];
        queue = new int[2 * graph.nodes()];
        seen = new int[2 * graph.nodes()];
    }

    /**
     * Returns at most one cycle for each of the components of the edges of types {@code closing} and {@code path}.
     *
     * @param closing the type of the edge that closes the cycle, one bit
     * @param path types of the other edges
     * @param needed if not 0, types of which the path must have one, or the component is passed over
     * @param apart whether no two edges of type {@link TransactionGraph#RW} may follow each other
     */
    public List<Cycle> find(int closing, int path, int needed, boolean apart) {
        Components components = Components.of(graph, closing | path);
        List<Cycle> cycles = new ArrayList<>();
        for (int[] component : components.members()) {
            if (cycles.size() == CYCLES_MAX) {
                break;
            }
            shortest(components, component, closing, path, needed, apart).ifPresent(cycles::add);
        }
        return cycles;
    }

    private Optional<Cycle> shortest(
            Components components, int[] component, int closing, int path, int needed, boolean apart) {
        edgesLeft = EDGES_PER_COMPONENT_MAX;
        Optional<Cycle> best = Optional.empty();
        for (int u : component) {
            for (int e = graph.begin(u); e < graph.end(u) && edgesLeft > 0; e++) {
                int v = graph.target(e);
                if ((graph.types(e) & closing) == 0 || components.componentOf(v) != components.componentOf(u)) {
                    continue;
                }
                int[] back = pathBetween(components, v, u, path, apart);
                if (back.length == 0) {
                    continue;
                }
                Cycle cycle = close(shortened(back, path, apart), closing, path);
                boolean serves = needed == 0 || cycle.has(needed);
                if (serves
                        && (best.isEmpty() || cycle.nodes().length < best.get().nodes().length)) {
                    best = Optional.of(cycle);
                }
            }
        }
        return best;
    }

    /** Returns the nodes of a shortest path, empty if there is none. */
    private int[] pathBetween(Components components, int from, int to, int mask, boolean apart) {
        int nodes = graph.nodes();
        int start = apart ? from + nodes : from;
        int component = components.componentOf(from);
        round++;
        int head = 0;
        int tail = 0;
        queue[tail++] = start;
        seen[start] = round;
        parent[start] = NOBODY;
        while (head < tail) {
            int state = queue[head++];
            int node = state % nodes;
            for (int e = graph.begin(node); e < graph.end(node); e++) {
                edgesLeft--;
                int types = graph.types(e) & mask;
                int next = graph.target(e);
                if (types == 0 || components.componentOf(next) != component) {
                    continue;
                }
                if (apart && types == TransactionGraph.RW) {
                    if (state >= nodes) {
                        continue;
                    }
                    next += nodes;
                }
                if (seen[next] == round) {
                    continue;
                }
                seen[next] = round;
                parent[next] = state;
                if (next == to) {
                    return pathTo(next);
                }
                queue[tail++] = next;
            }
        }
        return new int[0];
    }

    private int[] pathTo(int last) {
        List<Integer> back = new ArrayList<>();
        for (int state = last; state != NOBODY; state = parent[state]) {
            back.add(state % graph.nodes());
        }
        Collections.reverse(back);
        return back.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Returns a path between the ends of {@code path} over some of its nodes, by every real-time edge there is. If
     * {@code apart}, no other edges are added, so that none of type RW become neighbours.
     */
    private int[] shortened(int[] path, int mask, boolean apart) {
        int length = path.length;
        if ((mask & TransactionGraph.REALTIME) == 0 || length <= 2 || length > SHORTEN_MAX) {
            return path;
        }
        int[] before = new int[length];
        Arrays.fill(before, NOBODY);
        int[] line = new int[length];
        int tail = 1;
        for (int head = 0; head < tail && before[length - 1] == NOBODY; head++) {
            int from = line[head];
            for (int to = 1; to < length; to++) {
                boolean edge = precedes(path[from], path[to])
                        || (apart ? to == from + 1 : (graph.types(path[from], path[to]) & mask) != 0);
                if (before[to] == NOBODY && edge) {
                    before[to] = from;
                    line[tail++] = to;
                }
            }
        }
        List<Integer> back = new ArrayList<>();
        for (int at = length - 1; at != 0; at = before[at]) {
            back.add(path[at]);
        }
        back.add(path[0]);
        Collections.reverse(back);
        return back.stream().mapToInt(Integer::intValue).toArray();
    }

    private boolean precedes(int a, int b) {
        return completed[a] < invoked[b];
    }

    /** Makes a cycle of a path from v to u and the edge from u to v. */
    private Cycle close(int[] path, int closing, int mask) {
        int[] nodes = withoutRepeats(path);
        int[] types = new int[nodes.length];
        for (int i = 0; i < nodes.length - 1; i++) {
            int between = graph.types(nodes[i], nodes[i + 1]) & mask;
            types[i] = between == 0 ? TransactionGraph.REALTIME : Integer.lowestOneBit(preferred(between));
        }
        types[nodes.length - 1] = closing;
        return new Cycle(nodes, types);
    }

    /** A dependency that needs no anti-dependency is the stronger witness. */
    private static int preferred(int types) {
        int other = types & ~TransactionGraph.RW;
        return other == 0 ? types : other;
    }

    /** Cuts the loops out of a walk, which one over pairs of node and arrival can have. */
    private static int[] withoutRepeats(int[] walk) {
        Map<Integer, Integer> last = new HashMap<>();
        for (int i = 0; i < walk.length; i++) {
            last.put(walk[i], i);
        }
        if (last.size() == walk.length) {
            return walk;
        }
        List<Integer> nodes = new ArrayList<>();
        for (int i = 0; i < walk.length; i++) {
            i = last.getOrDefault(walk[i], i);
            nodes.add(walk[i]);
        }
        return nodes.stream().mapToInt(Integer::intValue).toArray();
    }
}
