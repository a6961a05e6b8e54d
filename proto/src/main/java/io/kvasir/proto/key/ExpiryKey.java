package io.kvasir.proto.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys of the expiry index: {@code expiry in ms since the Unix epoch (8) | root key}, so that what expires first comes
 * first.
 *
 * <p>Specified with test vectors in {@code docs/keyspace.md}. Stateless and safe for any thread.
 */
public final class ExpiryKey {

    /** Bytes before the root key. */
    public static final int PREFIX_BYTES = 8;

    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private ExpiryKey() {}

    /** Returns the index key of {@code rootKey}, which expires at {@code expiryMillis}, at least 0. */
    public static byte[] of(long expiryMillis, byte[] rootKey) {
        byte[] key = new byte[PREFIX_BYTES + rootKey.length];
        LONG_BE.set(key, 0, expiryMillis);
        System.arraycopy(rootKey, 0, key, PREFIX_BYTES, rootKey.length);
        return key;
    }

    /** Returns the end of the keys of all that expires before {@code expiryMillis}. */
    public static byte[] before(long expiryMillis) {
        return of(expiryMillis, new byte[0]);
    }

    /** Returns the expiry in {@code key}, in ms since the Unix epoch. */
    public static long expiryMillisOf(byte[] key) {
        return (long) LONG_BE.get(key, 0);
    }

    /** Returns the root key in {@code key}. */
    public static byte[] rootKeyOf(byte[] key) {
        return Arrays.copyOfRange(key, PREFIX_BYTES, key.length);
    }
}
