package io.kvasir.region;

/**
 * Thrown where a procedure needs a key that a transaction has locked: the run is abandoned and repeated once the lock
 * is gone. A signal, not a fault; it carries no stack trace.
 */
public final class KeyLocked extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient KeyLock lock;

    public KeyLocked(KeyLock lock) {
        super("key locked", null, false, false);
        this.lock = lock;
    }

    /** Returns a lock that stands in the way. */
    public KeyLock lock() {
        return lock;
    }
}
