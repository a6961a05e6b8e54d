package io.kvasir.gateway.command;

import java.nio.charset.StandardCharsets;

/**
 * Numbers as Redis reads them from arguments and stored values (redis util.c, string2ll; object.c,
 * getDoubleFromObject): the whole text, no blanks, integers in their one canonical form. Stateless.
 */
public final class NumberText {

    /** Longest text of a 64-bit integer. */
    public static final int LONG_BYTES_MAX = 20;

    private NumberText() {}

    /** Returns whether {@code text} is a 64-bit integer without sign +, leading zeros or blanks. */
    public static boolean isLong(byte[] text) {
        int length = text.length;
        if (length == 0 || length > LONG_BYTES_MAX) {
            return false;
        }
        boolean negative = text[0] == '-';
        int at = negative ? 1 : 0;
        if (length == at) {
            return false;
        }
        if (text[at] == '0') {
            return length == 1;
        }
        long value = 0;
        for (; at < length; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            // Accumulated as a negative number, which has room for one value more.
            if (value < (Long.MIN_VALUE + digit) / 10) {
                return false;
            }
            value = value * 10 - digit;
        }
        return negative || value != Long.MIN_VALUE;
    }

    /** Returns the value of {@code text}, for which {@link #isLong} holds. */
    public static long toLong(byte[] text) {
        boolean negative = text[0] == '-';
        long value = 0;
        for (int at = negative ? 1 : 0; at < text.length; at++) {
            value = value * 10 - (text[at] - '0');
        }
        return negative ? value : -value;
    }

    /**
     * Returns the value of {@code text}.
     *
     * @throws CommandError "ERR value is not an integer or out of range"
     */
    public static long parseLong(byte[] text) throws CommandError {
        if (!isLong(text)) {
            throw CommandError.NOT_AN_INTEGER;
        }
        return toLong(text);
    }

    /** Returns {@code value} in decimal. */
    public static byte[] bytes(long value) {
        return Long.toString(value).getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Returns the value of {@code text}: decimal or hexadecimal digits, "inf" or "infinity" in any case, as strtod
     * reads them, NaN excepted.
     *
     * @throws CommandError "ERR value is not a valid float"
     */
    public static double parseDouble(byte[] text) throws CommandError {
        double value = FloatText.parseDouble(text);
        if (Double.isNaN(value)) {
            throw CommandError.NOT_A_FLOAT;
        }
        return value;
    }

    /**
     * Returns what C's strtod makes of {@code text} up to its first byte 00, as the bounds of ZRANGEBYSCORE are read:
     * blanks may come first, nothing at all is 0, what is too large is infinite; NaN if it is no number.
     */
    public static double strtod(byte[] text) {
        return FloatText.strtod(text);
    }
}
