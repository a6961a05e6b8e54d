package io.kvasir.gateway.server;

import io.kvasir.gateway.session.ClientLimits;
import io.kvasir.gateway.session.LoopStatistics;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the connections of one event loop share. Confined to that event loop. */
final class Loop {

    /** Largest read that is decoded where it lies; a larger one is copied into an array of its own. */
    private static final int SCRATCH_BYTES = 64 * 1024;

    private final LoopStatistics statistics;
    private final byte[] scratch = new byte[SCRATCH_BYTES];
    private final Set<Connection> connections = new LinkedHashSet<>();
    private @Nullable Runnable whenDelivered;

    Loop(LoopStatistics statistics) {
        this.statistics = statistics;
    }

    LoopStatistics statistics() {
        return statistics;
    }

    /** Returns an array of at least {@code bytes} bytes to be used until the caller returns to the event loop. */
    byte[] scratch(int bytes) {
        return bytes <= SCRATCH_BYTES ? scratch : new byte[bytes];
    }

    void add(Connection connection) {
        connections.add(connection);
    }

    void remove(Connection connection) {
        connections.remove(connection);
        delivered();
    }

    /** Closes the connections that are idle or do not read their replies for too long. */
    void sweep(ClientLimits limits, long nowNanos) {
        for (Connection connection : new ArrayList<>(connections)) {
            connection.checkLimits(limits, nowNanos);
        }
    }

    /**
     * Lets every connection deliver the replies it owes, and end.
     *
     * @param whenDelivered run once, when none owes any; what waits for data is owed nothing
     */
    void endAll(Runnable whenDelivered) {
        this.whenDelivered = whenDelivered;
        new ArrayList<>(connections).forEach(Connection::end);
        delivered();
    }

    /** A connection has delivered what it owed, or is gone. */
    void delivered() {
        Runnable waiting = whenDelivered;
        if (waiting != null && connections.stream().noneMatch(Connection::owes)) {
            whenDelivered = null;
            waiting.run();
        }
    }
}
