package io.kvasir.proto.wire;

/**
 * Bytes that are not what their format says: cut short, too long, of an unknown version or out of bounds. From a peer
 * it ends the connection; from the disk it is a fault of the store.
 */
public final class MalformedBytes extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int offset;

    /**
     * @param message what is wrong
     * @param offset index of the first byte that could not be used
     */
    public MalformedBytes(String message, int offset) {
        super(message + " (at byte " + offset + ")");
        this.offset = offset;
    }

    /** Returns the index of the first byte that could not be used. */
    public int offset() {
        return offset;
    }
}
