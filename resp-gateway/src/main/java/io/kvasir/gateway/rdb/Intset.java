package io.kvasir.gateway.rdb;

import io.kvasir.gateway.command.NumberText;

/**
 * Redis' array of integers in ascending order: bytes of each (4), number (4), integers; lowest bytes first (redis
 * intset.c). Stateless.
 */
final class Intset {

    private static final int HEADER_BYTES = 8;

    private Intset() {}

    /** Returns the integers, which are different ones in ascending order, as texts. */
    static byte[][] read(byte[] bytes, RdbInput at) throws CorruptRdbException {
        long width = bytes.length < HEADER_BYTES ? 0 : LittleEndian.number(bytes, 0, 4);
        if (width != 2 && width != 4 && width != 8) {
            throw at.corrupt("a bad set of integers");
        }
        long count = LittleEndian.number(bytes, 4, 4);
        if (bytes.length != HEADER_BYTES + count * width) {
            throw at.corrupt("a set of integers with a wrong length");
        }
        byte[][] members = new byte[(int) count][];
        long last = 0;
        for (int i = 0; i < members.length; i++) {
            long value = LittleEndian.signed(bytes, HEADER_BYTES + i * (int) width, (int) width);
            if (i > 0 && value <= last) {
                throw at.corrupt("a set of integers that are not in order");
            }
            members[i] = NumberText.bytes(value);
            last = value;
        }
        return members;
    }

    /** Returns the form of {@code sorted}, different integers in ascending order. */
    static byte[] write(long[] sorted) {
        long low = sorted.length == 0 ? 0 : sorted[0];
        long high = sorted.length == 0 ? 0 : sorted[sorted.length - 1];
        int width = low == (short) low && high == (short) high ? 2 : low == (int) low && high == (int) high ? 4 : 8;
        byte[] bytes = new byte[HEADER_BYTES + sorted.length * width];
        LittleEndian.write(bytes, 0, width, 4);
        LittleEndian.write(bytes, 4, sorted.length, 4);
        for (int i = 0; i < sorted.length; i++) {
            LittleEndian.write(bytes, HEADER_BYTES + i * width, sorted[i], width);
        }
        return bytes;
    }
}
