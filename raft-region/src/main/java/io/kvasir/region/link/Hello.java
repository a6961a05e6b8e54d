package io.kvasir.region.link;

import io.kvasir.proto.id.StoreId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Who speaks, to whom, and what: the payload of the first frame of each direction. Bytes: format version (1), class of
 * the stream (1), sender (8), receiver (8), cluster id (UTF-8, the rest).
 *
 * @param streamClass what the stream is for: {@link #MESSAGES} or {@link #BULK}
 */
record Hello(int format, int streamClass, StoreId from, StoreId to, String cluster) {

    /** The class of the stream that carries all channels of {@link Link} but {@link Link.Channel#BULK}. */
    static final int MESSAGES = 0;

    /** The class of the stream that carries {@link Link.Channel#BULK}. */
    static final int BULK = 1;

    /** Returns the class of the streams that carry channel {@code number}. */
    static int classOf(int number) {
        return number == Link.Channel.BULK.number() ? BULK : MESSAGES;
    }

    byte[] encode() {
        byte[] name = cluster.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(18 + name.length)
                .put((byte) format)
                .put((byte) streamClass)
                .putLong(from.value())
                .putLong(to.value())
                .put(name)
                .array();
    }

    /** @throws IllegalArgumentException if {@code payload} is not one */
    static Hello decode(byte[] payload) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(payload);
            int format = bytes.get();
            int streamClass = bytes.get();
            StoreId from = new StoreId(bytes.getLong());
            StoreId to = new StoreId(bytes.getLong());
            return new Hello(
                    format,
                    streamClass,
                    from,
                    to,
                    StandardCharsets.UTF_8.decode(bytes).toString());
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("not a greeting", e);
        }
    }

    /**
     * Returns why a store that expects {@code other} to be {@code mine}'s counterpart must not talk to it, if it must
     * not.
     */
    static Optional<String> objection(Hello mine, Hello other) {
        if (other.format != mine.format) {
            return Optional.of("format version " + other.format + ", not " + mine.format);
        }
        if (!other.cluster.equals(mine.cluster)) {
            return Optional.of("cluster " + other.cluster + ", not " + mine.cluster);
        }
        if (other.streamClass != mine.streamClass) {
            return Optional.of("class of stream " + other.streamClass + ", not " + mine.streamClass);
        }
        if (!other.to.equals(mine.from)) {
            return Optional.of("it looks for " + other.to + ", this is " + mine.from);
        }
        if (!other.from.equals(mine.to)) {
            return Optional.of("it is " + other.from + ", not " + mine.to);
        }
        return Optional.empty();
    }
}
