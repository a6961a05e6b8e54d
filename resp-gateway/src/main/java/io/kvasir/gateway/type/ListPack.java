package io.kvasir.gateway.type;

import io.kvasir.gateway.command.NumberText;
import java.util.Arrays;

/**
 * What a list would take in one of Redis' listpacks (redis listpack.c), by which OBJECT ENCODING is decided, and the
 * limits set by {@code list-max-listpack-size}. Stateless.
 */
final class ListPack {

    /** Bytes of a listpack without elements: its header and its end. */
    static final int EMPTY_BYTES = 7;

    /** Largest listpack if the limit is a number of elements. */
    private static final int SAFETY_BYTES = 8_192;

    private static final int[] LEVEL_BYTES = {4_096, 8_192, 16_384, 32_768, 65_536};

    private ListPack() {}

    /** Returns the bytes that the element from {@code from} to {@code to} takes in a listpack. */
    static long entryBytes(byte[] bytes, int from, int to) {
        int length = to - from;
        long encoded;
        if (length <= NumberText.LONG_BYTES_MAX && isNumber(bytes, from, to)) {
            encoded = numberBytes(NumberText.toLong(Arrays.copyOfRange(bytes, from, to)));
        } else {
            encoded = length + (length < 64 ? 1L : length < 4_096 ? 2 : 5);
        }
        return encoded + (encoded <= 127 ? 1 : encoded < 16_383 ? 2 : encoded < 2_097_151 ? 3 : 4);
    }

    /** Returns the bytes that {@code element} takes in a listpack. */
    static long entryBytes(byte[] element) {
        return entryBytes(element, 0, element.length);
    }

    /** Returns the bytes that the integer {@code value} takes in a listpack. */
    static long entryBytes(long value) {
        return numberBytes(value) + 1L;
    }

    /**
     * Returns whether a listpack is too large to stay one.
     *
     * @param limit list-max-listpack-size: a number of elements from 0, or a level of bytes from -1 to -5
     */
    static boolean exceeds(int limit, long packBytes, long count) {
        return limit < 0 ? packBytes > levelBytes(limit) : packBytes > SAFETY_BYTES || count > Math.max(1, limit);
    }

    /** Returns whether a quicklist has shrunk so far that Redis makes it a listpack again. */
    static boolean fitsHalf(int limit, long packBytes, long count) {
        return limit < 0
                ? packBytes <= levelBytes(limit) / 2
                : packBytes <= SAFETY_BYTES && count <= Math.max(1, limit) / 2;
    }

    private static int levelBytes(int limit) {
        return LEVEL_BYTES[Math.min(LEVEL_BYTES.length, -limit) - 1];
    }

    private static boolean isNumber(byte[] bytes, int from, int to) {
        if (from == to || bytes[to - 1] < '0' || bytes[to - 1] > '9') {
            return false;
        }
        return NumberText.isLong(Arrays.copyOfRange(bytes, from, to));
    }

    private static int numberBytes(long value) {
        if (value >= 0 && value <= 127) {
            return 1;
        }
        if (value >= -4_096 && value <= 4_095) {
            return 2;
        }
        long magnitude = value < 0 ? ~value : value;
        int bits = Long.SIZE - Long.numberOfLeadingZeros(magnitude) + 1;
        return bits <= 16 ? 3 : bits <= 24 ? 4 : bits <= 32 ? 5 : 9;
    }
}
