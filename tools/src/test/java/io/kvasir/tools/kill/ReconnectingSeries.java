package io.kvasir.tools.kill;

import io.kvasir.tools.process.LaunchedCluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One client that increments a key without end and connects to the next node when its connection ends. Run by one
 * thread, asked by another when that has ended.
 */
final class ReconnectingSeries implements Runnable {

    private static final int CONNECT_MILLIS_MAX = 10_000;

    private final LaunchedCluster cluster;
    private final String key;
    private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
    private int node;
    private long acknowledged;
    private int reconnects;
    private long longestNanos;
    private volatile boolean over;

    /** @param node to which it connects first */
    ReconnectingSeries(LaunchedCluster cluster, int node, String key) {
        this.cluster = cluster;
        this.node = node;
        this.key = key;
    }

    void end() {
        over = true;
    }

    List<String> errors() {
        return List.copyOf(errors);
    }

    int reconnects() {
        return reconnects;
    }

    @Override
    public void run() {
        while (!over) {
            long begin = System.nanoTime();
            try (Connection connection = Connection.open(cluster.port(node))) {
                resume(connection);
                longestNanos = Math.max(longestNanos, System.nanoTime() - begin);
                while (!over && increment(connection)) {
                    continue;
                }
            } catch (IOException refused) {
                if (System.nanoTime() - begin > CONNECT_MILLIS_MAX * 1_000_000L) {
                    errors.add(refused.toString());
                }
            }
            if (!over) {
                reconnects++;
                node = (node + 1) % cluster.nodes();
            }
        }
    }

    /** A call that was cut had no effect: a node that stops delivers the replies of all it takes. */
    private void resume(Connection connection) {
        Answer now = connection.call("INCRBY", key, "0");
        if (!(now instanceof Answer.Done done)) {
            errors.add("after " + acknowledged + ": " + now);
        } else if (done.number() != acknowledged) {
            errors.add(acknowledged + " calls were acknowledged, " + done.number() + " took effect");
            acknowledged = done.number();
        }
    }

    /** Returns false when the connection has ended. */
    private boolean increment(Connection connection) {
        long begin = System.nanoTime();
        Answer answer = connection.call("INCR", key);
        longestNanos = Math.max(longestNanos, System.nanoTime() - begin);
        if (connection.isBroken()) {
            return false;
        }
        if (!(answer instanceof Answer.Done done)) {
            errors.add(answer.toString());
        } else if (done.number() != ++acknowledged) {
            errors.add(acknowledged + " is " + done.number());
        }
        return true;
    }

    @Override
    public String toString() {
        return key + ": " + acknowledged + " calls, " + reconnects + " new connections, longest wait "
                + longestNanos / 1_000_000 + " ms\n";
    }
}
