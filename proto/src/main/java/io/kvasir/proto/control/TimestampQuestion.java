package io.kvasir.proto.control;

import java.nio.ByteBuffer;

/** A request on the timestamp channel: one byte of kind, then its fields, big-endian. */
public sealed interface TimestampQuestion {

    /** Most timestamps one request may ask for. */
    int COUNT_MAX = 1 << 16;

    /** Asks the oracle for {@code count} consecutive timestamps, 1 to {@link #COUNT_MAX}. */
    record Issue(int count) implements TimestampQuestion {
        public Issue {
            if (count < 1 || count > COUNT_MAX) {
                throw new IllegalArgumentException("timestamp count " + count + " is not in 1 to " + COUNT_MAX);
            }
        }

        @Override
        public byte[] encode() {
            return ByteBuffer.allocate(5).put(ISSUE).putInt(count).array();
        }
    }

    /** Asks a placement store, leader or not, what its wall clock shows. */
    record WallTime() implements TimestampQuestion {
        @Override
        public byte[] encode() {
            return new byte[] {WALL_TIME};
        }
    }

    byte ISSUE = 1;
    byte WALL_TIME = 2;

    /** Returns the bytes on the wire. */
    byte[] encode();

    /**
     * Decodes a request.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    static TimestampQuestion decode(byte[] bytes) {
        if (bytes.length == 5 && bytes[0] == ISSUE) {
            return new Issue(ByteBuffer.wrap(bytes, 1, 4).getInt());
        }
        if (bytes.length == 1 && bytes[0] == WALL_TIME) {
            return new WallTime();
        }
        throw new IllegalArgumentException("malformed timestamp request of " + bytes.length + " bytes");
    }
}
