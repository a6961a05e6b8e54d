package io.kvasir.proto.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The 4-byte hash of a user key that stands in its bytes before the key itself: XXH32 with seed 0.
 *
 * <p>It makes the SCAN cursor (slot, hash) exact and stateless, and spreads the keys of one slot (rule K30). It is part
 * of the stored format: another function would make stored keys unreachable. Stateless and safe for any thread.
 */
public final class KeyHash {

    private static final int PRIME_1 = 0x9E3779B1;
    private static final int PRIME_2 = 0x85EBCA77;
    private static final int PRIME_3 = 0xC2B2AE3D;
    private static final int PRIME_4 = 0x27D4EB2F;
    private static final int PRIME_5 = 0x165667B1;

    private static final VarHandle INT_LE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private KeyHash() {}

    /** Returns XXH32 of {@code userKey} with seed 0; all 32 bits are significant, read it as unsigned. */
    @SuppressWarnings("ConstantOverflow") // the arithmetic of XXH32 is modulo 2^32
    public static int of(byte[] userKey) {
        int length = userKey.length;
        int at = 0;
        int hash;
        if (length >= 16) {
            int v1 = PRIME_1 + PRIME_2;
            int v2 = PRIME_2;
            int v3 = 0;
            int v4 = -PRIME_1;
            while (at <= length - 16) {
                v1 = round(v1, (int) INT_LE.get(userKey, at));
                v2 = round(v2, (int) INT_LE.get(userKey, at + 4));
                v3 = round(v3, (int) INT_LE.get(userKey, at + 8));
                v4 = round(v4, (int) INT_LE.get(userKey, at + 12));
                at += 16;
            }
            hash = Integer.rotateLeft(v1, 1)
                    + Integer.rotateLeft(v2, 7)
                    + Integer.rotateLeft(v3, 12)
                    + Integer.rotateLeft(v4, 18);
        } else {
            hash = PRIME_5;
        }
        hash += length;
        while (at <= length - 4) {
            hash = Integer.rotateLeft(hash + (int) INT_LE.get(userKey, at) * PRIME_3, 17) * PRIME_4;
            at += 4;
        }
        while (at < length) {
            hash = Integer.rotateLeft(hash + (userKey[at] & 0xFF) * PRIME_5, 11) * PRIME_1;
            at++;
        }
        hash = (hash ^ (hash >>> 15)) * PRIME_2;
        hash = (hash ^ (hash >>> 13)) * PRIME_3;
        return hash ^ (hash >>> 16);
    }

    private static int round(int accumulator, int input) {
        return Integer.rotateLeft(accumulator + input * PRIME_2, 13) * PRIME_1;
    }
}
