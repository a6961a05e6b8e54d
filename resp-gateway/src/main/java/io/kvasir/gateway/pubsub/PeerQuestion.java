package io.kvasir.gateway.pubsub;

import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What one gateway asks another: a version (1), the kind, the topic, and words; specified in docs/keyspace.md.
 *
 * @param words channel and message of one to deliver; else names
 */
record PeerQuestion(Kind kind, Topic topic, List<byte[]> words) {

    static final int VERSION = 1;
    private static final int WORDS_MAX = 1 << 20;

    /** Numbers are part of the wire format and never reused. */
    enum Kind {
        /** Deliver a message; answered by the number of receivers. */
        DELIVER(1),
        /** Answered by all names that somebody subscribes to. */
        NAMES(2),
        /** Answered by how many subscribe to each name. */
        COUNTS(3),
        /** The asker's clients want keyspace events; without words, answered by 0. */
        WANTS_EVENTS(4),
        /** Users have changed: read them; answered by 0 once that is done. */
        USERS_CHANGED(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }
    }

    byte[] encode() {
        WireWriter out =
                new WireWriter().u8(VERSION).u8(kind.number).u8(topic.number).varint(words.size());
        words.forEach(out::bytes);
        return out.toBytes();
    }

    /** @throws IllegalArgumentException if {@code bytes} are no question */
    static PeerQuestion decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        in.version("a question about subscribers", VERSION);
        Kind kind = kind(in.u8());
        Topic topic = Topic.of(in.u8());
        int count = in.count("words", WORDS_MAX);
        List<byte[]> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(in.bytes());
        }
        in.end();
        if (kind == Kind.DELIVER && count != 2) {
            throw new IllegalArgumentException("a message of " + count + " words");
        }
        return new PeerQuestion(kind, topic, words);
    }

    private static Kind kind(int number) {
        for (Kind kind : Kind.values()) {
            if (kind.number == number) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no question has kind " + number);
    }
}
