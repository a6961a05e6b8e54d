package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.StreamId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/** Ids of entries as arguments (redis t_stream.c, streamGenericParseIDOrReply). Stateless. */
final class IdText {

    /** Longest text that is looked at. */
    private static final int BYTES_MAX = 127;

    private static final CommandError INVALID =
            new CommandError("ERR Invalid stream ID specified as stream command argument");
    private static final CommandError INVALID_START = new CommandError("ERR invalid start ID for the interval");
    private static final CommandError INVALID_END = new CommandError("ERR invalid end ID for the interval");

    private IdText() {}

    /**
     * An id as XADD takes it.
     *
     * @param id what is given of it
     * @param complete whether its second number is, too
     */
    record Given(StreamId id, boolean complete) {}

    /** Returns whether {@code word} is {@code letter} alone. */
    static boolean is(byte[] word, char letter) {
        return word.length == 1 && word[0] == letter;
    }

    /**
     * Reads an id whose second number is 0 if it is missing; - and + are none.
     *
     * @throws CommandError "ERR Invalid stream ID…"
     */
    static StreamId parse(byte[] word) throws CommandError {
        return parse(word, 0, true);
    }

    /**
     * Reads an id of which - and + are the smallest and the largest.
     *
     * @throws CommandError "ERR Invalid stream ID…"
     */
    static StreamId parseLoosely(byte[] word) throws CommandError {
        return parse(word, 0, false);
    }

    /**
     * Reads an id whose second number may be *.
     *
     * @throws CommandError "ERR Invalid stream ID…"
     */
    static Given parseGiven(byte[] word) throws CommandError {
        String text = text(word);
        int dash = text.indexOf('-');
        if (dash > 0 && text.substring(dash + 1).equals("*")) {
            return new Given(new StreamId(number(text.substring(0, dash)), 0), false);
        }
        return new Given(parse(word), true);
    }

    /**
     * Reads the first id of an interval; behind ( it is that after the one given.
     *
     * @throws CommandError "ERR Invalid stream ID…", or if there is none after it
     */
    static StreamId parseStart(byte[] word) throws CommandError {
        if (!isExclusive(word)) {
            return parse(word, 0, false);
        }
        StreamId excluded = parse(withoutBracket(word), 0, true);
        if (excluded.equals(StreamId.MAX)) {
            throw INVALID_START;
        }
        return excluded.next();
    }

    /**
     * Reads the last id of an interval; behind ( it is that before the one given.
     *
     * @throws CommandError "ERR Invalid stream ID…", or if there is none before it
     */
    static StreamId parseEnd(byte[] word) throws CommandError {
        if (!isExclusive(word)) {
            return parse(word, -1, false);
        }
        StreamId excluded = parse(withoutBracket(word), -1, true);
        if (excluded.isZero()) {
            throw INVALID_END;
        }
        return excluded.previous();
    }

    private static boolean isExclusive(byte[] word) {
        return word.length > 1 && word[0] == '(';
    }

    private static byte[] withoutBracket(byte[] word) {
        return Arrays.copyOfRange(word, 1, word.length);
    }

    private static StreamId parse(byte[] word, long missingSequence, boolean strict) throws CommandError {
        String text = text(word);
        if (text.equals("-") || text.equals("+")) {
            if (strict) {
                throw INVALID;
            }
            return text.equals("-") ? StreamId.ZERO : StreamId.MAX;
        }
        int dash = text.indexOf('-');
        if (dash < 0) {
            return new StreamId(number(text), missingSequence);
        }
        return new StreamId(number(text.substring(0, dash)), number(text.substring(dash + 1)));
    }

    /** Returns {@code word} up to its first byte 00. */
    private static String text(byte[] word) throws CommandError {
        if (word.length > BYTES_MAX) {
            throw INVALID;
        }
        return CommandError.quote(word, BYTES_MAX);
    }

    private static long number(String text) throws CommandError {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (NumberText.isLong(bytes)) {
            long value = NumberText.toLong(bytes);
            if (value < 0) {
                throw INVALID;
            }
            return value;
        }
        return strtoull(text).orElseThrow(() -> INVALID);
    }

    /** Reads what C's strtoull takes, to the end of the text: blanks and a sign may come first. */
    private static OptionalLong strtoull(String text) {
        int at = 0;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) >= '\t' && text.charAt(at) <= '\r')) {
            at++;
        }
        boolean negative = at < text.length() && text.charAt(at) == '-';
        if (negative || at < text.length() && text.charAt(at) == '+') {
            at++;
        }
        if (at == text.length()) {
            return OptionalLong.empty();
        }
        long value = 0;
        for (; at < text.length(); at++) {
            int digit = text.charAt(at) - '0';
            if (digit < 0 || digit > 9 || Long.compareUnsigned(value, Long.divideUnsigned(-1 - digit, 10)) > 0) {
                return OptionalLong.empty();
            }
            value = value * 10 + digit;
        }
        return OptionalLong.of(negative ? -value : value);
    }
}
