package io.kvasir.proto.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys of replaced versions (rule K8): {@code stored key, escaped | 00 01 | timestamp at which it was replaced (8)}.
 *
 * <p>In the stored key each byte 00 becomes 00 FF. Without that, a stored key that goes on where another ends could
 * stand between the versions of the other; with it the versions of one key are contiguous, oldest first, and a read at
 * T is one seek to {@link #of of(key, T + 1)}: the first version replaced after T. Specified with test vectors in
 * {@code docs/keyspace.md}. Stateless and safe for any thread.
 */
public final class HistoryKey {

    /** Bytes after the escaped key: its end and the timestamp. */
    private static final int SUFFIX_BYTES = 10;

    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private HistoryKey() {}

    /** Returns the key of the version of {@code key} that was replaced at {@code replacedAt}. */
    public static byte[] of(byte[] key, long replacedAt) {
        byte[] historyKey = new byte[escapedLength(key) + SUFFIX_BYTES];
        int at = 0;
        for (byte b : key) {
            historyKey[at++] = b;
            if (b == 0) {
                historyKey[at++] = (byte) 0xFF;
            }
        }
        historyKey[at + 1] = 1;
        LONG_BE.set(historyKey, at + 2, replacedAt);
        return historyKey;
    }

    /** Returns the timestamp in {@code historyKey}. */
    public static long replacedAtOf(byte[] historyKey) {
        return (long) LONG_BE.get(historyKey, historyKey.length - 8);
    }

    /** Returns the stored key in {@code historyKey}. */
    public static byte[] keyOf(byte[] historyKey) {
        byte[] key = new byte[historyKey.length - SUFFIX_BYTES];
        int length = 0;
        for (int i = 0; i < historyKey.length - SUFFIX_BYTES; i++) {
            key[length++] = historyKey[i];
            if (historyKey[i] == 0) {
                i++;
            }
        }
        return Arrays.copyOf(key, length);
    }

    private static int escapedLength(byte[] key) {
        int length = key.length;
        for (byte b : key) {
            if (b == 0) {
                length++;
            }
        }
        return length;
    }
}
