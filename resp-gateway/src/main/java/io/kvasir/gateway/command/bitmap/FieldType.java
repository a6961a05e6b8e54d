package io.kvasir.gateway.command.bitmap;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import java.util.Arrays;

/**
 * The type of a bit field: i1 to i64, u1 to u63. Its arithmetic wraps in 64 bits exactly as that of Redis does (redis
 * bitops.c, checkSignedBitfieldOverflow and checkUnsignedBitfieldOverflow), odd cases included.
 */
record FieldType(boolean signed, int width) {

    private static final CommandError BAD_TYPE = new CommandError(
            "ERR Invalid bitfield type. Use something like i16 u8." + " Note that u64 is not supported but i64 is.");

    FieldType {
        if (width < 1 || width > (signed ? 64 : 63)) {
            throw new IllegalArgumentException("no field of " + width + " bits");
        }
    }

    static FieldType parse(byte[] word) throws CommandError {
        boolean signed = word.length > 0 && word[0] == 'i';
        if (!signed && (word.length == 0 || word[0] != 'u')) {
            throw BAD_TYPE;
        }
        byte[] digits = Arrays.copyOfRange(word, 1, word.length);
        long width = NumberText.isLong(digits) ? NumberText.toLong(digits) : 0;
        if (width < 1 || width > (signed ? 64 : 63)) {
            throw BAD_TYPE;
        }
        return new FieldType(signed, (int) width);
    }

    /** Returns the number that the lowest bits of {@code raw} are. */
    long decode(long raw) {
        int unused = Long.SIZE - width;
        return signed ? raw << unused >> unused : raw;
    }

    /** Returns 1 if {@code value + increment} is above what the type holds, -1 if below, 0 if within. */
    int overflow(long value, long increment) {
        return signed ? signedOverflow(value, increment) : unsignedOverflow(value, increment);
    }

    /** Returns {@code value + increment} cut to the type's bits. */
    long wrap(long value, long increment) {
        int unused = Long.SIZE - width;
        long sum = value + increment;
        return signed ? sum << unused >> unused : sum << unused >>> unused;
    }

    /** Returns the largest value for {@code direction} 1, the smallest for -1. */
    long limit(int direction) {
        long max = signed ? Long.MAX_VALUE >> (64 - width) : (1L << width) - 1;
        return direction > 0 ? max : signed ? -max - 1 : 0;
    }

    private int signedOverflow(long value, long increment) {
        long max = limit(1);
        long min = limit(-1);
        long up = max - value;
        long down = min - value;
        if (value > max || width != 64 && increment > up || value >= 0 && increment > 0 && increment > up) {
            return 1;
        }
        boolean below =
                value < min || width != 64 && increment < down || value < 0 && increment < 0 && increment < down;
        return below ? -1 : 0;
    }

    private int unsignedOverflow(long value, long increment) {
        long max = limit(1);
        if (Long.compareUnsigned(value, max) > 0 || increment > 0 && increment > max - value) {
            return 1;
        }
        return increment < 0 && increment < -value ? -1 : 0;
    }
}
