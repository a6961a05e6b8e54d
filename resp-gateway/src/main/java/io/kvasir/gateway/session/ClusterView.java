package io.kvasir.gateway.session;

import java.util.List;

/**
 * Which node serves which slots, as known here. Immutable.
 *
 * @param epoch rises whenever the map changes
 * @param self index in {@code nodes} of this node
 * @param nodes all nodes that serve clients
 */
public record ClusterView(long epoch, int self, List<Node> nodes) {

    /**
     * @param id 40 hex digits
     * @param host address or name that clients are told to connect to
     * @param port of the Redis protocol, 0 if it is served over TLS alone
     * @param tlsPort of the Redis protocol over TLS, 0 for none
     * @param peerPort of the other nodes
     * @param reachable whether this node hears it
     * @param slots slots whose ranges it leads, ascending and disjoint
     */
    public record Node(
            String id, String host, int port, int tlsPort, int peerPort, boolean reachable, List<SlotRange> slots) {

        public Node {
            if (!id.matches("[0-9a-f]{40}")) {
                throw new IllegalArgumentException("a node id is 40 hex digits, not " + id);
            }
            slots = List.copyOf(slots);
        }

        /** Returns the port for clients that speak TLS, or for those that do not; the other one if there is no such. */
        public int port(boolean tls) {
            return tls && tlsPort > 0 || port == 0 ? tlsPort : port;
        }

        /** Returns how many slots it serves. */
        public int slotCount() {
            return slots.stream()
                    .mapToInt(range -> range.last() - range.first() + 1)
                    .sum();
        }
    }

    /** Slots from {@code first} to {@code last}, inclusive. */
    public record SlotRange(int first, int last) {

        public SlotRange {
            if (first < 0 || last < first || last > 16_383) {
                throw new IllegalArgumentException("no slots " + first + " to " + last);
            }
        }
    }

    public ClusterView {
        nodes = List.copyOf(nodes);
        if (self < 0 || self >= nodes.size()) {
            throw new IllegalArgumentException("this node is not among the nodes");
        }
    }

    /** Returns this node. */
    public Node me() {
        return nodes.get(self);
    }
}
