package io.kvasir.gateway.rdb;

/** Integers with their lowest byte first. Stateless. */
final class LittleEndian {

    private LittleEndian() {}

    /** Returns the {@code count} bytes at {@code at} as an unsigned number. */
    static long number(byte[] bytes, int at, int count) {
        long number = 0;
        for (int i = count - 1; i >= 0; i--) {
            number = number << 8 | bytes[at + i] & 0xFF;
        }
        return number;
    }

    /** Returns the {@code count} bytes at {@code at} as a number in two's complement. */
    static long signed(byte[] bytes, int at, int count) {
        int unused = Long.SIZE - 8 * count;
        return number(bytes, at, count) << unused >> unused;
    }

    /** Writes the lowest {@code count} bytes of {@code number} at {@code at}. */
    static void write(byte[] bytes, int at, long number, int count) {
        for (int i = 0; i < count; i++) {
            bytes[at + i] = (byte) (number >>> 8 * i);
        }
    }
}
