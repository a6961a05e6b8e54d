package io.kvasir.jepsen.graph;

import java.util.Arrays;

/**
 * A directed graph of transactions in compressed rows: the edges of node {@code n} are those from {@code row[n]} up to
 * {@code row[n + 1]}, sorted by target, one a target, with the types of all dependencies between the two as bits.
 * Immutable.
 */
public final class TransactionGraph {

    /** The target wrote the version after the source's. */
    public static final int WW = 1;

    /** The target read what the source wrote. */
    public static final int WR = 2;

    /** The target wrote the version after the one that the source read. */
    public static final int RW = 4;

    /** The same process did the target after the source. */
    public static final int PROCESS = 8;

    /** The source was complete before the target was invoked. */
    public static final int REALTIME = 16;

    private static final int TYPE_BITS = 8;

    private final int[] row;
    private final int[] target;
    private final byte[] types;

    /** Builds the graph of {@code nodes} nodes with {@code edges}. */
    public TransactionGraph(int nodes, EdgeList edges) {
        int[] begin = new int[nodes + 1];
        for (int i = 0; i < edges.size(); i++) {
            begin[edges.from(i) + 1]++;
        }
        for (int i = 0; i < nodes; i++) {
            begin[i + 1] += begin[i];
        }
        long[] cells = new long[edges.size()];
        int[] next = Arrays.copyOf(begin, nodes);
        for (int i = 0; i < edges.size(); i++) {
            cells[next[edges.from(i)]++] = (long) edges.to(i) << TYPE_BITS | edges.type(i);
        }
        row = new int[nodes + 1];
        int[] merged = new int[cells.length];
        byte[] bits = new byte[cells.length];
        int size = 0;
        for (int node = 0; node < nodes; node++) {
            row[node] = size;
            Arrays.sort(cells, begin[node], begin[node + 1]);
            for (int i = begin[node]; i < begin[node + 1]; i++) {
                int to = (int) (cells[i] >>> TYPE_BITS);
                if (size == row[node] || merged[size - 1] != to) {
                    merged[size++] = to;
                }
                bits[size - 1] |= (byte) cells[i];
            }
        }
        row[nodes] = size;
        target = Arrays.copyOf(merged, size);
        types = Arrays.copyOf(bits, size);
    }

    /** Returns how many nodes it has. */
    public int nodes() {
        return row.length - 1;
    }

    /** Returns how many pairs of nodes have an edge. */
    public int edges() {
        return target.length;
    }

    /** Returns the types of the edge between two nodes, 0 if there is none. */
    public int types(int from, int to) {
        int found = Arrays.binarySearch(target, row[from], row[from + 1], to);
        return found < 0 ? 0 : types[found];
    }

    /** Returns the number of the first edge from {@code node}. */
    public int begin(int node) {
        return row[node];
    }

    /** Returns the number after that of the last edge from {@code node}. */
    public int end(int node) {
        return row[node + 1];
    }

    /** Returns the node that an edge leads to. */
    public int target(int edge) {
        return target[edge];
    }

    int types(int edge) {
        return types[edge];
    }
}
