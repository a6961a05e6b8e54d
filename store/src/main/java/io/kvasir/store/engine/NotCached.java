package io.kvasir.store.engine;

/**
 * Thrown where a read restricted to memory would have to wait for the disk: the caller gives the work to a thread that
 * may wait (rule K32). A signal, not a fault; it carries no stack trace.
 */
public final class NotCached extends RuntimeException {

    private static final long serialVersionUID = 1;

    public static final NotCached SIGNAL = new NotCached();

    private NotCached() {
        super("only the disk can tell", null, false, false);
    }
}
