package io.kvasir.gateway.rdb;

import java.io.IOException;

/** Says that bytes are not what they should be, and where. */
public final class CorruptRdbException extends IOException {

    private static final long serialVersionUID = 1;

    private final long offset;

    /** @param offset of the first byte that was not understood, or shortly behind it, from the start of the input */
    public CorruptRdbException(String message, long offset) {
        super(message);
        this.offset = offset;
    }

    /** Returns where reading stopped, in bytes from the start of the input. */
    public long offset() {
        return offset;
    }
}
