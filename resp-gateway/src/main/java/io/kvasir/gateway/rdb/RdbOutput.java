package io.kvasir.gateway.rdb;

import io.kvasir.gateway.command.NumberText;
import java.io.IOException;
import java.io.OutputStream;

/** Writes numbers, lengths and strings in RDB's format. Confined to one thread. */
public final class RdbOutput {

    /** Shorter strings are not worth compressing; as in redis rdb.c. */
    private static final int COMPRESSED_BYTES_MIN = 21;

    /** Longest text of an integer that is kept in binary. */
    private static final int INTEGER_BYTES_MAX = 11;

    private final OutputStream out;
    private final byte[] small = new byte[Long.BYTES];
    private long position;
    private long crc;

    /** Makes an output to {@code out}, which should be buffered and is closed by the caller. */
    public RdbOutput(OutputStream out) {
        this.out = out;
    }

    /** Returns the number of bytes written. */
    public long position() {
        return position;
    }

    /** Returns the checksum of the bytes written ({@link Crc64}). */
    public long crc() {
        return crc;
    }

    public void writeByte(int value) throws IOException {
        writeNumber(value, 1);
    }

    /** Writes the lowest {@code count} bytes, up to 8, of {@code value}, the lowest first. */
    public void writeNumber(long value, int count) throws IOException {
        LittleEndian.write(small, 0, value, count);
        writeBytes(small, 0, count);
    }

    /** Writes the bytes from {@code from} to {@code to}, excluded, as they are. */
    public void writeBytes(byte[] bytes, int from, int to) throws IOException {
        out.write(bytes, from, to - from);
        crc = Crc64.update(crc, bytes, from, to);
        position += to - from;
    }

    /** Writes {@code length}, at least 0. */
    public void writeLength(long length) throws IOException {
        if (length < 1 << 6) {
            writeByte((int) length);
        } else if (length < 1 << 14) {
            writeByte(0x40 | (int) (length >>> 8));
            writeByte((int) length & 0xFF);
        } else if (length <= 0xFFFF_FFFFL) {
            writeByte(0x80);
            writeNumber(Long.reverseBytes(length) >>> Integer.SIZE, Integer.BYTES);
        } else {
            writeByte(0x81);
            writeNumber(Long.reverseBytes(length), Long.BYTES);
        }
    }

    /** Writes a number of 64 bits, without sign, in the form of a length. */
    void writeUnsigned(long number) throws IOException {
        if (number >= 0) {
            writeLength(number);
        } else {
            writeByte(0x81);
            writeNumber(Long.reverseBytes(number), Long.BYTES);
        }
    }

    /** Writes a string: an integer of 32 bits in binary, another compressed where that is shorter. */
    public void writeString(byte[] string) throws IOException {
        if (string.length <= INTEGER_BYTES_MAX && NumberText.isLong(string)) {
            long value = NumberText.toLong(string);
            if (value == (int) value) {
                writeInteger((int) value);
                return;
            }
        }
        byte[] packed = string.length < COMPRESSED_BYTES_MIN ? null : Lzf.compress(string);
        if (packed != null) {
            writeByte(0xC3);
            writeLength(packed.length);
            writeLength(string.length);
            writeBytes(packed, 0, packed.length);
        } else {
            writeLength(string.length);
            writeBytes(string, 0, string.length);
        }
    }

    private void writeInteger(int value) throws IOException {
        int count = value == (byte) value ? 1 : value == (short) value ? 2 : 4;
        writeByte(count == 1 ? 0xC0 : count == 2 ? 0xC1 : 0xC2);
        writeNumber(value, count);
    }
}
