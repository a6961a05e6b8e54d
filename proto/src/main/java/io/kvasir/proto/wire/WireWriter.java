package io.kvasir.proto.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Appends numbers and byte strings to a growing array. Fixed-width numbers are big-endian; a <em>varint</em> holds 7
 * bits a byte, lowest first, with the high bit set on all bytes but the last. Confined to one thread.
 */
public final class WireWriter {

    /** Largest message, in bytes; a writer that would pass it throws {@link IllegalStateException}. */
    public static final int BYTES_MAX = Integer.MAX_VALUE - 16;

    private static final VarHandle INT_BE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] buffer;
    private int length;

    public WireWriter() {
        this(64);
    }

    /** @param capacityBytes first size of the array, at least 1 */
    public WireWriter(int capacityBytes) {
        buffer = new byte[capacityBytes];
    }

    /** Returns the number of bytes written so far. */
    public int length() {
        return length;
    }

    /** Appends the low 8 bits of {@code value}. */
    public WireWriter u8(int value) {
        reserve(1);
        buffer[length++] = (byte) value;
        return this;
    }

    /** Appends 4 bytes. */
    public WireWriter i32(int value) {
        reserve(4);
        INT_BE.set(buffer, length, value);
        length += 4;
        return this;
    }

    /** Appends 8 bytes. */
    public WireWriter i64(long value) {
        reserve(8);
        LONG_BE.set(buffer, length, value);
        length += 8;
        return this;
    }

    /** Appends {@code value}, read as unsigned, in 1 to 10 bytes. */
    public WireWriter varint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            buffer[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[length++] = (byte) rest;
        return this;
    }

    /**
     * Appends {@code value} as a varint in which small negative numbers are short too (0, -1, 1, -2 are 0, 1, 2, 3).
     */
    public WireWriter zigzag(long value) {
        return varint(value << 1 ^ value >> 63);
    }

    /** Appends {@code bytes} without a length. */
    public WireWriter raw(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
        return this;
    }

    /** Appends the length of {@code bytes} as a varint, then the bytes. */
    public WireWriter bytes(byte[] bytes) {
        return varint(bytes.length).raw(bytes);
    }

    /** Appends {@code text} in UTF-8, with its length in bytes before it; unpaired surrogates become "?". */
    public WireWriter text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a copy of what was written. */
    public byte[] toBytes() {
        return Arrays.copyOf(buffer, length);
    }

    private void reserve(int more) {
        if (buffer.length - length >= more) {
            return;
        }
        long needed = (long) length + more;
        if (needed > BYTES_MAX) {
            throw new IllegalStateException("message longer than " + BYTES_MAX + " bytes");
        }
        buffer = Arrays.copyOf(buffer, (int) Math.min(BYTES_MAX, Math.max(needed, 2L * buffer.length)));
    }
}
