package io.kvasir.tools.server;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process at once when going on would be unsafe: a failed sync, a broken invariant. Nothing is flushed or
 * retried; what was acknowledged is in the log. Safe for any thread; the first call wins.
 */
final class Halt {

    /** Exit status after a fault. */
    static final int STATUS = 70;

    private static final Logger LOG = LoggerFactory.getLogger(Halt.class);

    private final AtomicBoolean halted = new AtomicBoolean();

    void now(Throwable fault) {
        if (halted.compareAndSet(false, true)) {
            try {
                LOG.error("fault, the process stops at once", fault);
                System.err.println("FATAL: " + ServerMain.line(fault));
            } finally {
                Runtime.getRuntime().halt(STATUS);
            }
        }
    }
}
