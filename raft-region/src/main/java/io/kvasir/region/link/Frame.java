package io.kvasir.region.link;

import java.nio.charset.StandardCharsets;

/**
 * One frame between two stores. Bytes, all big-endian: length of what follows (4), format version (1), kind (1),
 * channel number (1), request id (8), payload. A gRPC message holds one or more frames. The id is the requester's and
 * comes back with the response; channel and id are 0 where they mean nothing.
 */
record Frame(Kind kind, int channel, long id, byte[] payload) {

    /** What a frame is; numbers are part of the format and never reused. */
    enum Kind {
        /** The first frame of each direction: a {@link Hello}. */
        HELLO(1),
        REQUEST(2),
        RESPONSE(3),
        /** Instead of a response: the request had no effect; the payload says why, in UTF-8. */
        REFUSAL(4),
        /** Instead of a response: the handler failed, with what effect is unknown; the payload says why, in UTF-8. */
        FAULT(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        static Kind of(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("unknown kind of frame: " + number);
        }
    }

    /** The version of all of this; two stores of different versions refuse each other. */
    static final byte FORMAT = 1;

    /** Bytes of a frame that are not payload. */
    static final int HEADER_BYTES = 15;

    /** Longest payload. */
    static final int PAYLOAD_BYTES_MAX = Link.REQUEST_BYTES_MAX;

    static Frame refusal(Kind kind, long id, String reason) {
        return new Frame(kind, 0, id, reason.getBytes(StandardCharsets.UTF_8));
    }

    int bytes() {
        return HEADER_BYTES + payload.length;
    }

    String reason() {
        return new String(payload, StandardCharsets.UTF_8);
    }
}
