package io.kvasir.txn;

/** Thrown where an attempt of a transaction cannot go on and another may. A signal; it carries no stack trace. */
final class Restart extends RuntimeException {

    private static final long serialVersionUID = 1;

    Restart(String reason) {
        super(reason, null, false, false);
    }
}
