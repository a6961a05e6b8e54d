package io.kvasir.gateway.command;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Where some of a command's keys stand among its words; word 0 is the command's name ("Redis command key
 * specifications"). Immutable.
 */
public sealed interface KeySpec {

    /** Returns what the command does to these keys. */
    Access access();

    /**
     * Adds the keys found in {@code words}, name included, to {@code keys}; adds nothing where the words do not fit,
     * which is for the command's parser to report.
     */
    void collect(byte[][] words, List<byte[]> keys);

    /** What a command does to a key. */
    enum Access {
        READ,
        WRITE,
        READ_WRITE;

        /** Returns whether the value is read. */
        public boolean reads() {
            return this != WRITE;
        }

        /** Returns whether the value is changed. */
        public boolean writes() {
            return this != READ;
        }
    }

    /**
     * Every {@code step}-th word from {@code first} to {@code last}.
     *
     * @param first from 1
     * @param last inclusive; negative counts from the end, -1 being the last word
     * @param step from 1
     */
    record Range(int first, int last, int step, Access access) implements KeySpec {

        public Range {
            if (first < 1 || step < 1) {
                throw new IllegalArgumentException("bad key range");
            }
        }

        @Override
        public void collect(byte[][] words, List<byte[]> keys) {
            int end = last < 0 ? words.length + last : Math.min(last, words.length - 1);
            for (int i = first; i <= end; i += step) {
                keys.add(words[i]);
            }
        }
    }

    /**
     * As many words as the number at {@code countAt} says, from {@code first} on.
     *
     * @param countAt position of the number, from 1
     * @param first position of the first key, from 1
     */
    record Counted(int countAt, int first, Access access) implements KeySpec {

        public Counted {
            if (countAt < 1 || first < 1) {
                throw new IllegalArgumentException("bad counted keys");
            }
        }

        @Override
        public void collect(byte[][] words, List<byte[]> keys) {
            if (countAt >= words.length) {
                return;
            }
            long count = NumberText.isLong(words[countAt]) ? NumberText.toLong(words[countAt]) : 0;
            for (int i = first; i < words.length && i - first < count; i++) {
                keys.add(words[i]);
            }
        }
    }

    /**
     * The words after the word {@code keyword}.
     *
     * @param keyword in upper case
     * @param from position at which the search for the keyword starts, from 1
     * @param divisor the keys are the first 1/{@code divisor} of the words that follow; 0 for just one word
     */
    record After(String keyword, int from, int divisor, Access access) implements KeySpec {

        @Override
        public void collect(byte[][] words, List<byte[]> keys) {
            byte[] wanted = keyword.getBytes(StandardCharsets.US_ASCII);
            for (int i = from; i < words.length; i++) {
                if (Arguments.equalsIgnoreCase(words[i], wanted)) {
                    int following = words.length - i - 1;
                    int count = divisor == 0 ? Math.min(1, following) : following / divisor;
                    for (int k = 1; k <= count; k++) {
                        keys.add(words[i + k]);
                    }
                    return;
                }
            }
        }
    }

    /**
     * Keys whose places follow from no rule that clients could apply.
     *
     * @param keyword in upper case: the word behind the last one of these is a key; empty if even that cannot be said
     */
    record Unknown(String keyword, Access access) implements KeySpec {

        @Override
        public void collect(byte[][] words, List<byte[]> keys) {
            byte[] wanted = keyword.getBytes(StandardCharsets.US_ASCII);
            for (int i = words.length - 2; i > 1 && wanted.length > 0; i--) {
                if (Arguments.equalsIgnoreCase(words[i], wanted)) {
                    keys.add(words[i + 1]);
                    return;
                }
            }
        }
    }

    /** The one key of MIGRATE, word 3; none if it is empty and KEYS stands among the options. */
    record MigratedKey(Access access) implements KeySpec {

        @Override
        public void collect(byte[][] words, List<byte[]> keys) {
            if (words.length > MigratedKeys.KEY_AT && MigratedKeys.firstOf(words) < 0) {
                keys.add(words[MigratedKeys.KEY_AT]);
            }
        }
    }

    /** The keys of MIGRATE behind KEYS (redis db.c, migrateGetKeys). */
    record MigratedKeys(Access access) implements KeySpec {

        /** Where the one key of MIGRATE stands. */
        public static final int KEY_AT = 3;

        private static final int OPTIONS_AT = 6;

        @Override
        public void collect(byte[][] words, List<byte[]> keys) {
            int first = firstOf(words);
            for (int i = first; first >= 0 && i < words.length; i++) {
                keys.add(words[i]);
            }
        }

        private static int firstOf(byte[][] words) {
            if (words.length <= OPTIONS_AT || words[KEY_AT].length > 0) {
                return -1;
            }
            for (int i = OPTIONS_AT; i < words.length; i++) {
                if (Arguments.equalsIgnoreCase(words[i], "KEYS")) {
                    return i + 1;
                }
                boolean password = Arguments.equalsIgnoreCase(words[i], "AUTH");
                i += password ? 1 : Arguments.equalsIgnoreCase(words[i], "AUTH2") ? 2 : 0;
            }
            return -1;
        }
    }
}
