package io.kvasir.gateway.hyperloglog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What an element says to a HyperLogLog: MurmurHash64A of it (Appleby) with the seed that Redis uses, of which 14 bits
 * choose a register and the others the value it must have at least (redis hyperloglog.c, hllPatLen).
 *
 * @param register 0 to {@link DenseRegisters#COUNT} - 1
 * @param value one more than the number of trailing zeros, 1 to 51
 */
record ElementHash(int register, int value) {

    private static final long SEED = 0xadc83b19L;
    private static final long MULTIPLIER = 0xc6a4a7935bd1e995L;
    private static final int SHIFT = 47;

    private static final int REGISTER_BITS = 14;

    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static ElementHash of(byte[] element) {
        long hash = murmur(element);
        // A bit beyond the highest ends the run of zeros at the latest.
        long pattern = hash >>> REGISTER_BITS | 1L << Long.SIZE - REGISTER_BITS;
        return new ElementHash((int) hash & DenseRegisters.COUNT - 1, 1 + Long.numberOfTrailingZeros(pattern));
    }

    static long murmur(byte[] bytes) {
        long hash = SEED ^ bytes.length * MULTIPLIER;
        int at = 0;
        for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
            long word = (long) LONG_LE.get(bytes, at) * MULTIPLIER;
            word ^= word >>> SHIFT;
            hash = (hash ^ word * MULTIPLIER) * MULTIPLIER;
        }
        if (at < bytes.length) {
            for (int shift = 0; at < bytes.length; at++, shift += Byte.SIZE) {
                hash ^= (bytes[at] & 0xFFL) << shift;
            }
            hash *= MULTIPLIER;
        }
        hash = (hash ^ hash >>> SHIFT) * MULTIPLIER;
        return hash ^ hash >>> SHIFT;
    }
}
