package io.kvasir.gateway.type;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The order of a sorted set as the order of bytes: the position of a member is its score as {@value #BYTES} bytes whose
 * unsigned order is that of numbers, followed by the member. -0 stands where 0 stands. Stateless.
 */
final class ScoreOrder {

    /** Bytes of a score. */
    static final int BYTES = 8;

    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private ScoreOrder() {}

    /** Returns the number whose unsigned order is that of {@code score}, which is not NaN. */
    static long encode(double score) {
        long bits = Double.doubleToRawLongBits(score + 0.0); // -0 + 0 is 0
        return bits < 0 ? ~bits : bits ^ Long.MIN_VALUE;
    }

    /** Returns the score that {@link #encode} made {@code ordered} of. */
    static double decode(long ordered) {
        return Double.longBitsToDouble(ordered < 0 ? ordered ^ Long.MIN_VALUE : ~ordered);
    }

    /** Returns the score at {@code at}. */
    static double read(byte[] bytes, int at) {
        return decode((long) LONG_BE.get(bytes, at));
    }

    /** Writes the score at {@code at}. */
    static void write(byte[] bytes, int at, double score) {
        LONG_BE.set(bytes, at, encode(score));
    }

    /** Returns {@code score} alone: the bound before all members that have it. */
    static byte[] bytes(double score) {
        byte[] bytes = new byte[BYTES];
        write(bytes, 0, score);
        return bytes;
    }

    /** Returns the bound behind all members that have {@code score}. */
    static byte[] after(double score) {
        byte[] bytes = new byte[BYTES];
        LONG_BE.set(bytes, 0, encode(score) + 1);
        return bytes;
    }

    /** Returns the position of a member. */
    static byte[] position(double score, byte[] member) {
        byte[] position = new byte[BYTES + member.length];
        write(position, 0, score);
        System.arraycopy(member, 0, position, BYTES, member.length);
        return position;
    }

    /** Returns the member at {@code position}. */
    static byte[] member(byte[] position) {
        return Arrays.copyOfRange(position, BYTES, position.length);
    }
}
