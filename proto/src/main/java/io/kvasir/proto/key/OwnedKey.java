package io.kvasir.proto.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys of locks and fates: {@code stem | start timestamp of the transaction (8)}. They lie between the bounds of the
 * range that holds the stem. Specified with test vectors in {@code docs/keyspace.md}. Stateless and safe for any
 * thread.
 */
public final class OwnedKey {

    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** What follows the first key of a range in {@link #mapStem}: no stem has it there. */
    private static final byte[] MAP = {0, 0, 'M'};

    /** The same in {@link #spanStem}. */
    private static final byte[] SPAN = {0, 0, 0, 'S'};

    private OwnedKey() {}

    /** Returns the key of what the transaction of {@code owner} has at {@code stem}. */
    public static byte[] of(byte[] stem, long owner) {
        byte[] key = Arrays.copyOf(stem, stem.length + Long.BYTES);
        LONG_BE.set(key, stem.length, owner);
        return key;
    }

    /** Returns the stem in {@code key}. */
    public static byte[] stemOf(byte[] key) {
        return Arrays.copyOf(key, key.length - Long.BYTES);
    }

    /** Returns the start timestamp in {@code key}. */
    public static long ownerOf(byte[] key) {
        return (long) LONG_BE.get(key, key.length - Long.BYTES);
    }

    /**
     * Returns what stands for the map of databases of the range that begins at {@code start} in the place of a stem.
     */
    public static byte[] mapStem(byte[] start) {
        return joined(start, MAP);
    }

    /** Returns whether {@code stem} is one of {@link #mapStem}: a stem of a user key ends with 00. */
    public static boolean isMapStem(byte[] stem) {
        return stem.length >= MAP.length && stem[stem.length - 1] == 'M';
    }

    /**
     * Returns what stands, in the place of a stem, for the {@code number}-th part that a transaction has looked through
     * of the range that begins at {@code start}.
     *
     * @param number from 0 to 255
     */
    public static byte[] spanStem(byte[] start, int number) {
        byte[] stem = joined(start, SPAN);
        stem[stem.length - 2] = (byte) number;
        return stem;
    }

    private static byte[] joined(byte[] start, byte[] mark) {
        byte[] stem = Arrays.copyOf(start, start.length + mark.length);
        System.arraycopy(mark, 0, stem, start.length, mark.length);
        return stem;
    }
}
