package io.kvasir.jepsen.graph;

import java.util.Arrays;

/** Edges between nodes numbered from 0, gathered one by one. Confined to one thread. */
public final class EdgeList {

    private static final int CAPACITY_FIRST = 1024;

    private int[] from = new int[CAPACITY_FIRST];
    private int[] to = new int[CAPACITY_FIRST];
    private byte[] type = new byte[CAPACITY_FIRST];
    private int size;

    /**
     * Adds an edge; one from a node to itself says nothing and is left out.
     *
     * @param type one of the bits of {@link TransactionGraph}
     */
    public void add(long from, long to, long type) {
        if (from == to) {
            return;
        }
        if (size == this.from.length) {
            grow();
        }
        this.from[size] = (int) from;
        this.to[size] = (int) to;
        this.type[size] = (byte) type;
        size++;
    }

    /** Returns how many edges were added. */
    public int size() {
        return size;
    }

    int from(int edge) {
        return from[edge];
    }

    int to(int edge) {
        return to[edge];
    }

    byte type(int edge) {
        return type[edge];
    }

    private void grow() {
        int capacity = Math.multiplyExact(size, 2);
        from = Arrays.copyOf(from, capacity);
        to = Arrays.copyOf(to, capacity);
        type = Arrays.copyOf(type, capacity);
    }
}
