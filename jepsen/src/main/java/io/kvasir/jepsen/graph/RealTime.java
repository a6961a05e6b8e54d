package io.kvasir.jepsen.graph;

import java.util.Arrays;

/**
 * The order of real time: a transaction comes before those invoked after it was complete. Only its transitive reduction
 * becomes edges, so that there are at most as many for each transaction as there are clients.
 */
public final class RealTime {

    private RealTime() {}

    /**
     * Adds an edge of type {@code type} between each transaction and those that follow it next.
     *
     * @param invoked position in the history at which each transaction was invoked, all different
     * @param completed at which it was known to be complete, {@link Integer#MAX_VALUE} if never: such ones follow
     *     others and are followed by none
     */
    public static void addTo(EdgeList edges, int[] invoked, int[] completed, int type) {
        int count = invoked.length;
        long[] events = new long[2 * count]; // position, node, and whether it is the completion
        int size = 0;
        for (int i = 0; i < count; i++) {
            events[size++] = (long) invoked[i] << 32 | (long) i << 1;
            if (completed[i] != Integer.MAX_VALUE) {
                events[size++] = (long) completed[i] << 32 | (long) i << 1 | 1;
            }
        }
        Arrays.sort(events, 0, size);
        int[] newest = new int[count]; // complete, and not surely before another one that is
        int newestCount = 0;
        for (int e = 0; e < size; e++) {
            int node = (int) (events[e] & 0xffff_ffffL) >>> 1;
            if ((events[e] & 1) == 0) {
                for (int i = 0; i < newestCount; i++) {
                    edges.add(newest[i], node, type);
                }
                continue;
            }
            int kept = 0;
            for (int i = 0; i < newestCount; i++) {
                if (completed[newest[i]] > invoked[node]) {
                    newest[kept++] = newest[i];
                }
            }
            newest[kept++] = node;
            newestCount = kept;
        }
    }
}
