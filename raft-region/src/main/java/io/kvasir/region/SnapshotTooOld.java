package io.kvasir.region;

/** Thrown where a range does not know any more what stood at a timestamp. A signal; it carries no stack trace. */
public final class SnapshotTooOld extends RuntimeException {

    private static final long serialVersionUID = 1;

    public static final SnapshotTooOld SIGNAL = new SnapshotTooOld();

    private SnapshotTooOld() {
        super("snapshot too old", null, false, false);
    }
}
