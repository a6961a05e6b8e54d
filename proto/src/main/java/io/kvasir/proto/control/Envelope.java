package io.kvasir.proto.control;

import io.kvasir.proto.id.StoreId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a placement store answers to any request, before the answer proper: whether it leads. One byte of kind, then the
 * body, or the leader's number in 8 bytes (0: unknown), or nothing.
 */
public sealed interface Envelope {

    /** The leader's answer. */
    record Answered(byte[] body) implements Envelope {}

    /** The store asked does not lead; it believes that {@code leader} does. Nothing was done. */
    record NotLeader(Optional<StoreId> leader) implements Envelope {}

    /**
     * The store asked cannot tell now: it is about to lead, or no longer does. The request may have taken effect; every
     * request may therefore be repeated without harm.
     */
    record Unknown() implements Envelope {}

    byte ANSWERED = 1;
    byte NOT_LEADER = 2;
    byte UNKNOWN = 3;

    /** Returns the bytes of {@link Answered}. */
    static byte[] answered(byte[] body) {
        byte[] bytes = new byte[1 + body.length];
        bytes[0] = ANSWERED;
        System.arraycopy(body, 0, bytes, 1, body.length);
        return bytes;
    }

    /** Returns the bytes of {@link NotLeader}. */
    static byte[] notLeader(Optional<StoreId> leader) {
        return ByteBuffer.allocate(9)
                .put(NOT_LEADER)
                .putLong(leader.map(StoreId::value).orElse(0L))
                .array();
    }

    /** Returns the bytes of {@link Unknown}. */
    static byte[] unknown() {
        return new byte[] {UNKNOWN};
    }

    /**
     * Decodes an answer.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    static Envelope decode(byte[] bytes) {
        if (bytes.length == 0) {
            throw new IllegalArgumentException("empty answer of the placement driver");
        }
        return switch (bytes[0]) {
            case ANSWERED -> new Answered(Arrays.copyOfRange(bytes, 1, bytes.length));
            case NOT_LEADER -> {
                if (bytes.length != 9) {
                    throw new IllegalArgumentException("not-leader answer of " + bytes.length + " bytes");
                }
                long leader = ByteBuffer.wrap(bytes, 1, 8).getLong();
                yield new NotLeader(leader == 0 ? Optional.empty() : Optional.of(new StoreId(leader)));
            }
            case UNKNOWN -> new Unknown();
            default -> throw new IllegalArgumentException("placement answer of unknown kind " + bytes[0]);
        };
    }
}
