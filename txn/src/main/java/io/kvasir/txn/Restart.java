package io.kvasir.txn;

import io.kvasir.txn.percolator.SnapshotRead;

/** Thrown where an attempt of a transaction cannot go on and another may. A signal; it carries no stack trace. */
final class Restart extends RuntimeException {

    private static final long serialVersionUID = 1;

    Restart(String reason) {
        super(reason, null, false, false);
    }

    /** Returns whether a range does not know any more what stood at the attempt's timestamp. */
    boolean isTooOld() {
        return SnapshotRead.TOO_OLD.text().equals(getMessage());
    }
}
