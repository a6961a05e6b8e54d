package io.kvasir.tools.demo;

import java.util.List;

/**
 * A write, whose key is its second word.
 *
 * <p>Repeatable ones leave the same however often and in whatever order they take effect: each field, member, score,
 * bit and deadline is only ever given one value. Those that are not repeatable, a push and an increment, must not be
 * sent again unless the server said that they had no effect.
 */
record Mutation(Kind kind, List<byte[]> words) {

    /** How it may be repeated, and how its key compares if its outcome is not known. */
    enum Kind {
        REPEATABLE,

        /**
         * A deadline of a key that another write creates: repeatable, and to be repeated while the key is not there.
         */
        DEADLINE,

        /** The only write of its key: its key is whole or absent. */
        PUSH,

        /** Adds one: its counter is one less if it had no effect. */
        INCREMENT
    }

    static Mutation repeatable(String... words) {
        return new Mutation(Kind.REPEATABLE, Connection.words(words));
    }

    static Mutation of(Kind kind, List<String> words) {
        return new Mutation(kind, Connection.words(words.toArray(String[]::new)));
    }

    boolean mayRepeat() {
        return kind == Kind.REPEATABLE || kind == Kind.DEADLINE;
    }

    Name key() {
        return new Name(words.get(1));
    }
}
