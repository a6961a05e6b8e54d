package io.kvasir.jepsen.graph;

/**
 * A cycle: an edge of type {@code types[i]}, one bit, leads from {@code nodes[i]} to the next one, from the last to the
 * first.
 *
 * @param nodes not empty
 * @param types as many
 */
public record Cycle(int[] nodes, int[] types) {

    public Cycle {
        if (nodes.length == 0 || nodes.length != types.length) {
            throw new IllegalArgumentException(nodes.length + " nodes, " + types.length + " edges");
        }
    }

    /** Returns whether one of its edges has a type in {@code mask}. */
    public boolean has(int mask) {
        for (int type : types) {
            if ((type & mask) != 0) {
                return true;
            }
        }
        return false;
    }
}
