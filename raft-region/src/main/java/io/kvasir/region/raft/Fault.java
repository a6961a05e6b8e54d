package io.kvasir.region.raft;

import java.util.function.Consumer;

/**
 * What a raft group does when it can go on neither safely nor honestly: it halts the process. Safe for any thread.
 *
 * @param halt ends the process; in a test it may return, and the group stays stopped
 */
record Fault(Consumer<Throwable> halt) {

    /** Halts, and if that returns, gives the caller what to throw. */
    IllegalStateException raise(String message, Throwable cause) {
        IllegalStateException fault = new IllegalStateException(message, cause);
        halt.accept(fault);
        return fault;
    }
}
