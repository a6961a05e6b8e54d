package io.kvasir.proto.control;

import java.nio.ByteBuffer;

/**
 * Timestamps as the oracle issued them: {@code first} and the {@code count - 1} after it.
 *
 * @param bound a timestamp that no issued one reaches within {@code holdMillis} of the request being sent; 0 if the
 *     oracle promises none (rule K12)
 */
public record TimestampGrant(long first, int count, long bound, int holdMillis) {

    private static final int BYTES = 24;

    public TimestampGrant {
        if (first <= 0 || count < 1 || count > TimestampQuestion.COUNT_MAX || bound < 0 || holdMillis < 0) {
            throw new IllegalArgumentException(
                    "impossible grant: " + first + " x " + count + ", bound " + bound + " for " + holdMillis + " ms");
        }
    }

    /** Returns the last timestamp granted. */
    public long last() {
        return first + count - 1;
    }

    /** Returns the 24 bytes on the wire. */
    public byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putLong(first)
                .putInt(count)
                .putLong(bound)
                .putInt(holdMillis)
                .array();
    }

    /**
     * Decodes a grant.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    public static TimestampGrant decode(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("timestamp grant of " + bytes.length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new TimestampGrant(buffer.getLong(), buffer.getInt(), buffer.getLong(), buffer.getInt());
    }
}
