package io.kvasir.gateway.rdb;

import io.kvasir.gateway.command.NumberText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Bytes in RDB's format, read from the front: numbers, lengths and strings. A length is compared with what is left of
 * the input before anything is allocated by it. Confined to one thread.
 */
public final class RdbInput {

    /** Longest string or packed collection; Redis' own are shorter than a gigabyte. */
    private static final long STRING_BYTES_MAX = 1L << 30;

    private static final int ENCODED = 0xC0;
    private static final int LENGTH_32 = 0x80;
    private static final int LENGTH_64 = 0x81;
    private static final int INT_8 = 0;
    private static final int INT_16 = 1;
    private static final int INT_32 = 2;
    private static final int LZF = 3;

    private final InputStream in;
    private final long size;
    private long position;
    private long crc;
    private final byte[] small = new byte[8];

    /**
     * Makes an input of the next {@code size} bytes of {@code in}, which should be buffered.
     *
     * @param size bytes that {@code in} has; if it has fewer, reading beyond them is corruption
     */
    public RdbInput(InputStream in, long size) {
        this.in = in;
        this.size = size;
    }

    /** Returns an input of the first {@code size} of {@code bytes}. */
    public static RdbInput of(byte[] bytes, int size) {
        return new RdbInput(new ByteArrayInputStream(bytes, 0, size), size);
    }

    /** Returns the number of bytes read. */
    public long position() {
        return position;
    }

    /** Returns the number of bytes that are left. */
    public long remaining() {
        return size - position;
    }

    /** Returns the checksum of the bytes read ({@link Crc64}). */
    public long crc() {
        return crc;
    }

    /** Returns the exception that says {@code what} of this place. */
    public CorruptRdbException corrupt(String what) {
        return new CorruptRdbException(what, position);
    }

    /** Reads a byte, 0 to 255. */
    public int readByte() throws IOException {
        fill(small, 1);
        return small[0] & 0xFF;
    }

    /** Reads {@code count} bytes, up to 8, as a number with its lowest byte first, without sign. */
    public long readNumber(int count) throws IOException {
        fill(small, count);
        return LittleEndian.number(small, 0, count);
    }

    /** Reads a double in binary. */
    public double readDouble() throws IOException {
        return Double.longBitsToDouble(readNumber(Long.BYTES));
    }

    /** Reads {@code count} bytes. */
    public byte[] readBytes(long count) throws IOException {
        requireLeft(count);
        byte[] bytes = new byte[(int) count];
        fill(bytes, bytes.length);
        return bytes;
    }

    /** Reads a length, which is not negative. */
    public long readLength() throws IOException {
        int first = readByte();
        if ((first & ENCODED) == ENCODED) {
            throw corrupt("an encoding where a length should be");
        }
        return length(first);
    }

    /**
     * Reads the number of elements that follow, of at least {@code bytesEach} bytes each; more than the input can hold
     * is corruption.
     */
    public long readCount(int bytesEach) throws IOException {
        long count = readLength();
        if (count > remaining() / bytesEach) {
            throw corrupt("more elements than bytes");
        }
        return count;
    }

    /** Reads a string, whichever way it is kept. */
    public byte[] readString() throws IOException {
        int first = readByte();
        if ((first & ENCODED) != ENCODED) {
            return readBytes(length(first));
        }
        return switch (first & ~ENCODED) {
            case INT_8 -> decimal(1);
            case INT_16 -> decimal(2);
            case INT_32 -> decimal(4);
            case LZF -> packedString();
            default -> throw corrupt("unknown encoding of a string");
        };
    }

    private byte[] decimal(int count) throws IOException {
        fill(small, count);
        return NumberText.bytes(LittleEndian.signed(small, 0, count));
    }

    private byte[] packedString() throws IOException {
        long packedBytes = readLength();
        long bytes = readLength();
        requireLeft(packedBytes);
        if (bytes > STRING_BYTES_MAX || bytes > packedBytes * Lzf.EXPANSION_MAX) {
            throw corrupt("a compressed string that would be too long");
        }
        byte[] string = Lzf.decompress(readBytes(packedBytes), (int) bytes);
        if (string == null) {
            throw corrupt("a compressed string that does not unpack");
        }
        return string;
    }

    /** Reads a number that Redis writes in the form of a length, but which may have all 64 bits. */
    long readUnsigned() throws IOException {
        int first = readByte();
        return first == LENGTH_64 ? bigEndian(Long.BYTES) : length(first);
    }

    private long length(int first) throws IOException {
        return switch (first & ENCODED) {
            case 0 -> first;
            case 0x40 -> (first & 0x3FL) << 8 | readByte();
            default -> {
                int count = first == LENGTH_32 ? Integer.BYTES : first == LENGTH_64 ? Long.BYTES : 0;
                long length = count == 0 ? -1 : bigEndian(count);
                if (length < 0) {
                    throw corrupt("an impossible length");
                }
                yield length;
            }
        };
    }

    private long bigEndian(int count) throws IOException {
        long number = readNumber(count);
        return Long.reverseBytes(number) >>> Long.SIZE - 8 * count;
    }

    private void requireLeft(long count) throws CorruptRdbException {
        if (count > remaining()) {
            throw corrupt("the input ends within a string");
        }
        if (count > STRING_BYTES_MAX) {
            throw corrupt("a string longer than " + STRING_BYTES_MAX + " bytes");
        }
    }

    private void fill(byte[] bytes, int count) throws IOException {
        if (count > remaining() || in.readNBytes(bytes, 0, count) < count) {
            throw corrupt("the input ends");
        }
        crc = Crc64.update(crc, bytes, 0, count);
        position += count;
    }
}
