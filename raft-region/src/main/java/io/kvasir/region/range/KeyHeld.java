package io.kvasir.region.range;

/** Thrown where a command writes a key that {@link KeyHolds} keeps for another. A signal without stack trace. */
final class KeyHeld extends RuntimeException {

    private static final long serialVersionUID = 1;

    static final KeyHeld SIGNAL = new KeyHeld();

    private KeyHeld() {
        super("key held for another command", null, false, false);
    }
}
