package io.kvasir.region;

/** Thrown where a procedure reaches a key outside its range. A signal, not a fault; it carries no stack trace. */
public final class OutOfRange extends RuntimeException {

    private static final long serialVersionUID = 1;

    public static final OutOfRange SIGNAL = new OutOfRange();

    private OutOfRange() {
        super("key outside the range", null, false, false);
    }
}
