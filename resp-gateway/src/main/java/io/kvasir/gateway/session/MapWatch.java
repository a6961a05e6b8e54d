package io.kvasir.gateway.session;

import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sees whether a client of the cluster kind sends its commands to the node that leads their slots. Every node answers
 * every key, so nothing would ever tell such a client that its map is old, and each of its commands would take a hop
 * more than it needs: one that keeps missing the leader is sent <code>MOVED</code> now and then in place of an answer,
 * and its command has no effect; clients follow and fetch the map (rule K36).
 *
 * <p>A command in {@link #EVERY} is looked at; the second miss in a row is answered so. Confined to the connection's
 * event loop.
 */
public final class MapWatch {

    /** How many commands with keys pass for each that is looked at. */
    static final int EVERY = 16;

    private int passed;
    private boolean missed;

    /**
     * Counts a command over {@code userKeys}.
     *
     * @param cluster the map of slots; asked only for a command that is looked at
     * @param tls whether the client speaks TLS
     * @return what to answer in its place; null to go on
     */
    public Reply.@Nullable Error look(List<byte[]> userKeys, Supplier<ClusterView> cluster, boolean tls) {
        if (userKeys.isEmpty() || ++passed < EVERY) {
            return null;
        }
        passed = 0;
        Reply.Error moved = moved(userKeys, cluster, tls);
        boolean again = missed;
        missed = moved != null && !again;
        return again ? moved : null;
    }

    /**
     * Returns what sends a client to the node that leads the one slot of {@code userKeys}; null if that is this node,
     * if it cannot be reached, or if there are several slots.
     */
    public static Reply.@Nullable Error moved(List<byte[]> userKeys, Supplier<ClusterView> cluster, boolean tls) {
        if (userKeys.isEmpty()) {
            return null;
        }
        int slot = Slot.of(userKeys.getFirst());
        for (byte[] key : userKeys) {
            if (Slot.of(key) != slot) {
                return null; // a Redis cluster would not take it at all
            }
        }
        ClusterView view = cluster.get();
        ClusterView.Node leader = leaderOf(view, slot);
        return leader == null || leader == view.me() || !leader.reachable()
                ? null
                : new Reply.Error("MOVED " + slot + " " + leader.host() + ":" + leader.port(tls));
    }

    private static ClusterView.@Nullable Node leaderOf(ClusterView view, int slot) {
        for (ClusterView.Node node : view.nodes()) {
            for (ClusterView.SlotRange range : node.slots()) {
                if (range.first() <= slot && slot <= range.last()) {
                    return node;
                }
            }
        }
        return null;
    }
}
