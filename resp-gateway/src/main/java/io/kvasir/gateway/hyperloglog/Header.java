package io.kvasir.gateway.hyperloglog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The header of a HyperLogLog: "HYLL", the form (0 dense, 1 sparse), 3 bytes of no meaning, and the number of elements
 * last counted (8, little-endian), whose highest bit says that it is out of date. Stateless.
 */
final class Header {

    static final int BYTES = 16;

    static final byte DENSE = 0;
    static final byte SPARSE = 1;

    private static final int FORM_AT = 4;
    private static final int COUNT_AT = 8;
    private static final int STALE_AT = 15;
    private static final byte STALE = (byte) 0x80;

    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Header() {}

    /** Writes a header whose count is 0 and up to date. */
    static void write(byte[] bytes, byte form) {
        bytes[0] = 'H';
        bytes[1] = 'Y';
        bytes[2] = 'L';
        bytes[3] = 'L';
        bytes[FORM_AT] = form;
    }

    static boolean isValid(byte[] bytes) {
        return bytes.length >= BYTES
                && bytes[0] == 'H'
                && bytes[1] == 'Y'
                && bytes[2] == 'L'
                && bytes[3] == 'L'
                && (bytes[FORM_AT] == SPARSE || bytes[FORM_AT] == DENSE && bytes.length == DenseRegisters.LENGTH);
    }

    static byte form(byte[] bytes) {
        return bytes[FORM_AT];
    }

    /** Copies the header, count included, and makes it one of the dense form. */
    static void copyAsDense(byte[] from, byte[] to) {
        System.arraycopy(from, 0, to, 0, BYTES);
        to[FORM_AT] = DENSE;
    }

    static boolean isCounted(byte[] bytes) {
        return (bytes[STALE_AT] & STALE) == 0;
    }

    static long count(byte[] bytes) {
        return (long) LONG_LE.get(bytes, COUNT_AT);
    }

    static void setCount(byte[] bytes, long count) {
        LONG_LE.set(bytes, COUNT_AT, count);
    }

    static void outdate(byte[] bytes) {
        bytes[STALE_AT] |= STALE;
    }
}
