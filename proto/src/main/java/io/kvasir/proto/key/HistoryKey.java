package io.kvasir.proto.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys of replaced versions (rule K8): {@code slice (8) | stored key, escaped | 00 01 | timestamp at which it was
 * replaced (8)}.
 *
 * <p>The slice is the timestamp with which the range began the stretch of time that the version was replaced in; all of
 * a slice lies together, so that it is dropped whole. In the stored key each byte 00 becomes 00 FF. Without that, a
 * stored key that goes on where another ends could stand between the versions of the other; with it the versions of one
 * key in a slice are contiguous, oldest first, and a read at T is one seek in each slice that reaches beyond T, to
 * {@link #of of(slice, key, T + 1)}: the first version replaced after T. Specified with test vectors in
 * {@code docs/keyspace.md}. Stateless and safe for any thread.
 */
public final class HistoryKey {

    /** Bytes before the escaped key: the slice. */
    private static final int PREFIX_BYTES = 8;

    /** Bytes after the escaped key: its end and the timestamp. */
    private static final int SUFFIX_BYTES = 10;

    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private HistoryKey() {}

    /** Returns the key of the version of {@code key} that was replaced at {@code replacedAt}, in {@code slice}. */
    public static byte[] of(long slice, byte[] key, long replacedAt) {
        byte[] historyKey = escaped(slice, key, SUFFIX_BYTES);
        historyKey[historyKey.length - SUFFIX_BYTES + 1] = 1;
        LONG_BE.set(historyKey, historyKey.length - 8, replacedAt);
        return historyKey;
    }

    /** Returns what stands before all versions, in {@code slice}, of keys from {@code bound} on. */
    public static byte[] before(long slice, byte[] bound) {
        return escaped(slice, bound, 0);
    }

    /** Returns what stands behind all versions of {@code key} in {@code slice}, and before those of later keys. */
    public static byte[] behind(long slice, byte[] key) {
        byte[] historyKey = escaped(slice, key, 2);
        historyKey[historyKey.length - 1] = 2;
        return historyKey;
    }

    private static byte[] escaped(long slice, byte[] key, int more) {
        byte[] historyKey = new byte[PREFIX_BYTES + escapedLength(key) + more];
        LONG_BE.set(historyKey, 0, slice);
        int at = PREFIX_BYTES;
        for (byte b : key) {
            historyKey[at++] = b;
            if (b == 0) {
                historyKey[at++] = (byte) 0xFF;
            }
        }
        return historyKey;
    }

    /** Returns the slice in {@code historyKey}. */
    public static long sliceOf(byte[] historyKey) {
        return (long) LONG_BE.get(historyKey, 0);
    }

    /** Returns the timestamp in {@code historyKey}. */
    public static long replacedAtOf(byte[] historyKey) {
        return (long) LONG_BE.get(historyKey, historyKey.length - 8);
    }

    /** Returns the stored key in {@code historyKey}. */
    public static byte[] keyOf(byte[] historyKey) {
        byte[] key = new byte[historyKey.length - PREFIX_BYTES - SUFFIX_BYTES];
        int length = 0;
        for (int i = PREFIX_BYTES; i < historyKey.length - SUFFIX_BYTES; i++) {
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
