package io.kvasir.gateway.server;

import io.kvasir.gateway.session.ClientLimits;
import io.kvasir.gateway.session.LoopStatistics;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/** What the connections of one event loop share. Confined to that event loop. */
final class Loop {

    /** Largest read that is decoded where it lies; a larger one is copied into an array of its own. */
    private static final int SCRATCH_BYTES = 64 * 1024;

    private final LoopStatistics statistics;
    private final byte[] scratch = new byte[SCRATCH_BYTES];
    private final Set<Connection> connections = new LinkedHashSet<>();

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
    }

    /** Closes the connections that are idle or do not read their replies for too long. */
    void sweep(ClientLimits limits, long nowNanos) {
        for (Connection connection : new ArrayList<>(connections)) {
            connection.checkLimits(limits, nowNanos);
        }
    }

    /** Lets every connection deliver the replies it owes, and end. */
    void endAll() {
        new ArrayList<>(connections).forEach(Connection::end);
    }
}
