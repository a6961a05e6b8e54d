package io.kvasir.gateway.type;

/** Unsigned integers in groups of 7 bits, least group first, as in Protocol Buffers: at most 10 bytes. Stateless. */
public final class Varint {

    /** Longest encoding of a 64-bit number, in bytes. */
    public static final int BYTES_MAX = 10;

    private Varint() {}

    /** Returns the number of bytes that encode {@code value}, read as unsigned. */
    public static int size(long value) {
        return (Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(value)) + 6) / 7;
    }

    /** Writes {@code value} at {@code at} and returns the index behind it. */
    public static int write(byte[] bytes, int at, long value) {
        while ((value & ~0x7FL) != 0) {
            bytes[at++] = (byte) (value | 0x80);
            value >>>= 7;
        }
        bytes[at] = (byte) value;
        return at + 1;
    }

    /**
     * Returns the number at {@code at}; it is {@link #size} bytes long.
     *
     * @throws IllegalArgumentException if the bytes end within it, or it is not in its shortest form
     */
    public static long read(byte[] bytes, int at) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE && at < bytes.length; shift += 7) {
            byte group = bytes[at++];
            value |= (group & 0x7FL) << shift;
            if (group >= 0) {
                if (group == 0 && shift > 0 || shift == 63 && group > 1) {
                    throw new IllegalArgumentException("varint not in its shortest form");
                }
                return value;
            }
        }
        throw new IllegalArgumentException("varint does not end");
    }
}
