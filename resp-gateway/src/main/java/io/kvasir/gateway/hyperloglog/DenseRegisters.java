package io.kvasir.gateway.hyperloglog;

/** Registers of 6 bits each, the first in the lowest bits, behind the header of a dense HyperLogLog. Stateless. */
final class DenseRegisters {

    /** Number of registers. */
    static final int COUNT = 1 << 14;

    /** Bits of a register. */
    static final int BITS = 6;

    /** Largest value of a register. */
    static final int VALUE_MAX = (1 << BITS) - 1;

    /** Bytes of a dense HyperLogLog, header included. */
    static final int LENGTH = Header.BYTES + COUNT * BITS / Byte.SIZE;

    private DenseRegisters() {}

    static int get(byte[] bytes, int register) {
        int bit = register * BITS;
        int at = Header.BYTES + bit / Byte.SIZE;
        int word = bytes[at] & 0xFF;
        if (at + 1 < bytes.length) {
            word |= (bytes[at + 1] & 0xFF) << Byte.SIZE;
        }
        return word >>> bit % Byte.SIZE & VALUE_MAX;
    }

    static void set(byte[] bytes, int register, int value) {
        int bit = register * BITS;
        int at = Header.BYTES + bit / Byte.SIZE;
        int shift = bit % Byte.SIZE;
        int mask = ~(VALUE_MAX << shift);
        int shifted = value << shift;
        bytes[at] = (byte) (bytes[at] & mask | shifted);
        if (shift + BITS > Byte.SIZE) {
            bytes[at + 1] = (byte) (bytes[at + 1] & mask >> Byte.SIZE | shifted >> Byte.SIZE);
        }
    }

    /** Sets the register if it is smaller; returns whether it was. */
    static boolean raise(byte[] bytes, int register, int value) {
        if (get(bytes, register) >= value) {
            return false;
        }
        set(bytes, register, value);
        return true;
    }
}
