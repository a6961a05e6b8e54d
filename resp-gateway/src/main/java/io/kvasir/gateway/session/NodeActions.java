package io.kvasir.gateway.session;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What clients may have the whole node do.
 *
 * @param flush writes what the engine holds in memory to its files; may take long, and needs a thread that may wait
 * @param stop begins to stop the process, as SIGTERM does: leaders leave first; returns at once
 * @param handOver gives what the node leads to others
 */
public record NodeActions(Runnable flush, Runnable stop, HandOver handOver) {

    /** How a node gives away what it leads. */
    @FunctionalInterface
    public interface HandOver {

        /**
         * Begins to give every range that is led here to a replica elsewhere; returns at once. No command fails by it.
         *
         * @param to the only node that is given any; empty: all others
         * @param goesOn asked before each step, on any thread; if not, no further range is given away
         * @param whenDone run once, on any thread, when no more is being given away
         */
        void begin(Optional<ClusterView.Node> to, BooleanSupplier goesOn, Runnable whenDone);
    }
}
