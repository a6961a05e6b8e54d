package io.kvasir.gateway.command.bitmap;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;

/**
 * The part of a string that BITCOUNT and BITPOS look at, as the user gave it: both ends inclusive, negative ones
 * counted from the end.
 *
 * @param endGiven whether the end was given; else it is the string's
 * @param inBits whether the ends are counted in bits, else in bytes
 */
record BitRange(long start, long end, boolean endGiven, boolean inBits) {

    static final BitRange ALL = new BitRange(0, -1, false, false);

    /**
     * Reads {@code start end [BYTE | BIT]}; {@code endRequired} says whether {@code start} may stand alone, as after
     * BITPOS, which looks at the unit before it looks at the end (redis bitops.c).
     */
    static BitRange parse(Arguments arguments, boolean endRequired) throws CommandError {
        if (!arguments.hasNext()) {
            return ALL;
        }
        if (arguments.remaining() > 3 || endRequired && arguments.remaining() < 2) {
            throw CommandError.SYNTAX;
        }
        long start = arguments.nextLong();
        if (!arguments.hasNext()) {
            return new BitRange(start, -1, false, false);
        }
        byte[] endWord = arguments.next();
        long early = endRequired ? NumberText.parseLong(endWord) : 0;
        boolean bits = arguments.accept("BIT");
        if (!bits) {
            arguments.accept("BYTE");
        }
        arguments.end();
        return new BitRange(start, endRequired ? early : NumberText.parseLong(endWord), true, bits);
    }

    /** Returns the first bit in a string of {@code lengthBits}. */
    long firstBit(long lengthBits) {
        long unit = inBits ? 1 : 8;
        return clamped(start, lengthBits / unit) * unit;
    }

    /** Returns the last bit in a string of {@code lengthBits}; it is before the first one if there is none. */
    long lastBit(long lengthBits) {
        long unit = inBits ? 1 : 8;
        long length = lengthBits / unit;
        return Math.min(clamped(end, length), length - 1) * unit + unit - 1;
    }

    /** Returns whether both ends count from the string's end, in the wrong order: Redis finds nothing then. */
    boolean isReversed() {
        return start < 0 && end < 0 && start > end;
    }

    private static long clamped(long index, long length) {
        // An index this large is beyond every string; multiplied by 8 it must still be.
        long within = Math.min(index, Long.MAX_VALUE >> 4);
        return within < 0 ? Math.max(0, length + within) : within;
    }
}
