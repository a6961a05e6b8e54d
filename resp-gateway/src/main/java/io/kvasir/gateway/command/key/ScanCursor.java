package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.CommandError;

/** The text of a cursor as C's strtoul reads it (redis db.c, parseScanCursorOrReply). Stateless. */
public final class ScanCursor {

    private static final CommandError INVALID = new CommandError("ERR invalid cursor");

    private ScanCursor() {}

    /**
     * Returns the cursor, of which all 64 bits count: a number with a sign or without, of any number of leading zeros,
     * up to the first byte 00.
     *
     * @throws CommandError "ERR invalid cursor"
     */
    public static long parse(byte[] text) throws CommandError {
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        if (end == 0) {
            return 0;
        }
        boolean signed = text[0] == '-' || text[0] == '+';
        int at = signed ? 1 : 0;
        if (at == end) {
            throw INVALID;
        }
        long value = 0;
        for (; at < end; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9 || exceeds(value, digit)) {
                throw INVALID;
            }
            value = value * 10 + digit;
        }
        return text[0] == '-' ? -value : value;
    }

    /** Returns whether ten times {@code value} plus {@code digit} has more than 64 bits. */
    private static boolean exceeds(long value, int digit) {
        long limit = Long.divideUnsigned(-1L, 10);
        int comparison = Long.compareUnsigned(value, limit);
        return comparison > 0 || comparison == 0 && digit > Long.remainderUnsigned(-1L, 10);
    }
}
