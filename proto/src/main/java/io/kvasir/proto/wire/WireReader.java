package io.kvasir.proto.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link WireWriter} wrote. Every method throws {@link MalformedBytes} instead of reading past the end, and
 * a length or a count is checked against the bytes left before anything of that size is allocated: the memory that
 * decoding takes is bounded by a small multiple of the message, whatever its bytes say. Confined to one thread.
 */
public final class WireReader {

    private static final VarHandle INT_BE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private int at;

    /** Elements announced by {@link #count} and not yet begun; each takes a byte at least. */
    private long owed;

    public WireReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns the index of the next byte. */
    public int offset() {
        return at;
    }

    /** Returns the number of bytes left. */
    public int remaining() {
        return bytes.length - at;
    }

    /** Reads one byte, 0 to 255. */
    public int u8() {
        require(1);
        return bytes[at++] & 0xFF;
    }

    /** Reads 4 bytes. */
    public int i32() {
        require(4);
        int value = (int) INT_BE.get(bytes, at);
        at += 4;
        return value;
    }

    /** Reads 8 bytes. */
    public long i64() {
        require(8);
        long value = (long) LONG_BE.get(bytes, at);
        at += 8;
        return value;
    }

    /** Reads a varint of up to 64 bits; its shortest form only, so that equal values have equal bytes. */
    public long varint() {
        int start = at;
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = u8();
            if (shift == 63 && next > 1 || shift > 0 && next == 0) {
                throw new MalformedBytes("a varint is too long", start);
            }
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new MalformedBytes("a varint is too long", start);
    }

    /** Reads a varint from {@code min} to {@code max}, both at least 0. */
    public int varint(String what, int min, int max) {
        int start = at;
        long value = varint();
        if (value < min || value > max) {
            throw new MalformedBytes(what + " is not from " + min + " to " + max, start);
        }
        return (int) value;
    }

    /** Reads a signed number written by {@link WireWriter#zigzag}. */
    public long zigzag() {
        long value = varint();
        return value >>> 1 ^ -(value & 1);
    }

    /**
     * Reads the number of elements that follow, each of which the caller announces with {@link #element} before it
     * reads it. All elements announced so far fit in the bytes left, so an array of this size may be allocated.
     */
    public int count(String what, int max) {
        int count = varint(what, 0, max);
        owed += count;
        if (owed > remaining()) {
            throw new MalformedBytes(what + " says more elements than there are bytes", at);
        }
        return count;
    }

    /** Begins an element of a {@link #count}. */
    public void element() {
        assert owed > 0;
        owed--;
    }

    /** Reads {@code length} bytes. */
    public byte[] raw(int length) {
        require(length);
        byte[] copy = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return copy;
    }

    /** Reads a byte string with its length before it. */
    public byte[] bytes() {
        return raw(length());
    }

    /** Reads text with its length in bytes before it; bytes that are not UTF-8 are malformed. */
    public String text() {
        int length = length();
        int start = at;
        at += length;
        for (int i = start; i < at; i++) {
            if (bytes[i] < 0) {
                return decodeUtf8(start, length);
            }
        }
        return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    }

    /** Reads a format version from 1 to {@code newest}. */
    public int version(String what, int newest) {
        int start = at;
        int version = u8();
        if (version < 1 || version > newest) {
            throw new MalformedBytes(
                    what + " has format version " + version + ", this program reads 1 to " + newest, start);
        }
        return version;
    }

    /** Checks that no bytes are left. */
    public void end() {
        if (at != bytes.length) {
            throw new MalformedBytes(remaining() + " bytes too many", at);
        }
    }

    private int length() {
        int start = at;
        long length = varint();
        if (length < 0 || length > remaining()) {
            throw new MalformedBytes("a length passes the end", start);
        }
        return (int) length;
    }

    private void require(int count) {
        if (count > remaining()) {
            throw new MalformedBytes("cut short: " + count + " bytes wanted, " + remaining() + " left", at);
        }
    }

    private String decodeUtf8(int start, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, start, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedBytes("text is not UTF-8", start);
        }
    }
}
