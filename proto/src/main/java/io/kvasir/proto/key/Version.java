package io.kvasir.proto.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The stamp of a stored record: the commit timestamp and the ordinal of the command within its batch (rule K17). It is
 * also the generation of the elements that the command created, unique for a user key for ever.
 *
 * @param timestamp commit timestamp, see {@link io.kvasir.proto.time.Timestamp}
 * @param ordinal position of the command in its batch, from 0
 */
public record Version(long timestamp, int ordinal) implements Comparable<Version> {

    /** Encoded size: timestamp (8) and ordinal (4), big-endian. */
    public static final int BYTES = 12;

    /** Before every version. */
    public static final Version NONE = new Version(0, 0);

    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT_BE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    public Version {
        if (timestamp < 0 || ordinal < 0) {
            throw new IllegalArgumentException("negative version " + timestamp + "/" + ordinal);
        }
    }

    /** Reads the version at {@code offset} of {@code bytes}. */
    public static Version read(byte[] bytes, int offset) {
        return new Version((long) LONG_BE.get(bytes, offset), (int) INT_BE.get(bytes, offset + 8));
    }

    /** Writes this version into {@code bytes} at {@code offset}, {@link #BYTES} bytes. */
    public void write(byte[] bytes, int offset) {
        LONG_BE.set(bytes, offset, timestamp);
        INT_BE.set(bytes, offset + 8, ordinal);
    }

    @Override
    public int compareTo(Version other) {
        int byTime = Long.compare(timestamp, other.timestamp);
        return byTime != 0 ? byTime : Integer.compare(ordinal, other.ordinal);
    }
}
