package io.kvasir.jepsen.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The strongly connected components with more than one node of the edges that have one of some types: Tarjan's
 * algorithm with a stack of its own, so that no history is too long for it. A transaction lies on a cycle if and only
 * if it lies in one of them.
 */
public final class Components {

    private final int[] componentOf;
    private final List<int[]> members = new ArrayList<>();

    private Components(int nodes) {
        componentOf = new int[nodes];
        Arrays.fill(componentOf, -1);
    }

    /** Finds the components of {@code graph} by the edges that have a type in {@code mask}. */
    public static Components of(TransactionGraph graph, int mask) {
        Components found = new Components(graph.nodes());
        found.search(graph, mask);
        found.members.sort((a, b) -> Integer.compare(a.length, b.length));
        for (int i = 0; i < found.members.size(); i++) {
            for (int node : found.members.get(i)) {
                found.componentOf[node] = i;
            }
        }
        return found;
    }

    /** Returns the nodes of each component, the smallest component first. */
    public List<int[]> members() {
        return members;
    }

    /** Returns the number of the component of {@code node}, -1 if it lies on no cycle. */
    public int componentOf(int node) {
        return componentOf[node];
    }

    private void search(TransactionGraph graph, int mask) {
        int nodes = graph.nodes();
        int[] order = new int[nodes]; // 0: not visited
        int[] low = new int[nodes];
        int[] edge = new int[nodes];
        int[] path = new int[nodes];
        int[] open = new int[nodes];
        boolean[] isOpen = new boolean[nodes];
        int depth = 0;
        int opened = 0;
        int visited = 0;
        for (int root = 0; root < nodes; root++) {
            if (order[root] != 0) {
                continue;
            }
            path[depth++] = root;
            while (depth > 0) {
                int node = path[depth - 1];
                if (order[node] == 0) {
                    order[node] = ++visited;
                    low[node] = visited;
                    edge[node] = graph.begin(node);
                    open[opened++] = node;
                    isOpen[node] = true;
                }
                int descend = -1;
                while (edge[node] < graph.end(node) && descend < 0) {
                    int at = edge[node]++;
                    int to = graph.target(at);
                    if ((graph.types(at) & mask) == 0) {
                        continue;
                    }
                    if (order[to] == 0) {
                        descend = to;
                    } else if (isOpen[to]) {
                        low[node] = Math.min(low[node], order[to]);
                    }
                }
                if (descend >= 0) {
                    path[depth++] = descend;
                    continue;
                }
                depth--;
                if (depth > 0) {
                    int parent = path[depth - 1];
                    low[parent] = Math.min(low[parent], low[node]);
                }
                if (low[node] == order[node]) {
                    int first = opened;
                    do {
                        isOpen[open[--first]] = false;
                    } while (open[first] != node);
                    if (opened - first > 1) {
                        members.add(Arrays.copyOfRange(open, first, opened));
                    }
                    opened = first;
                }
            }
        }
    }
}
