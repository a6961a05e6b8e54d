package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import java.util.Arrays;

/**
 * The bits of a string, bit 0 being the highest of byte 0; beyond the end all are zero. Long strings are read window by
 * window, so that memory stays small. Confined to the thread that runs the command.
 */
public final class Bits {

    /** Largest bit offset that Redis takes, plus 1: the bits of a string of the greatest length. */
    public static final long OFFSET_LIMIT = StringValue.LENGTH_MAX * 8;

    private static final int WINDOW_BYTES = 16 * StringValue.CHUNK_BYTES;

    private final StringValue string;

    public Bits(StringValue string) {
        this.string = string;
    }

    /** Returns the string. */
    public StringValue string() {
        return string;
    }

    /** Returns the number of bits. */
    public long length() {
        return string.length() * 8;
    }

    /** Returns the bit at {@code offset}, 0 or 1. */
    public int get(long offset) {
        return string.byteAt(offset >> 3) >> (7 - (offset & 7)) & 1;
    }

    /**
     * Returns the {@code width} bits from {@code offset} on as an unsigned number.
     *
     * @param width 1 to 64
     */
    public long field(long offset, int width) {
        byte[] bytes = window(offset, width);
        long value = 0;
        for (int i = 0, at = (int) (offset & 7); i < width; i++, at++) {
            value = value << 1 | bytes[at >> 3] >> (7 - (at & 7)) & 1;
        }
        return value;
    }

    /**
     * Writes the lowest {@code width} bits of {@code value} from {@code offset} on, growing the string if it is
     * shorter.
     *
     * @throws CommandError if it would become too long
     */
    public void setField(long offset, int width, long value) throws CommandError {
        byte[] bytes = window(offset, width);
        for (int i = 0, at = (int) (offset & 7); i < width; i++, at++) {
            int mask = 0x80 >> (at & 7);
            boolean one = (value >>> (width - 1 - i) & 1) != 0;
            bytes[at >> 3] = (byte) (one ? bytes[at >> 3] | mask : bytes[at >> 3] & ~mask);
        }
        string.write(offset >> 3, bytes);
    }

    /** Counts a coming {@link #setField} against what the command may write, see {@link StringValue#claimWrite}. */
    public void claimField(long offset, int width) throws CommandError {
        string.claimWrite(offset >> 3, windowBytes(offset, width));
    }

    /**
     * Makes the string at least as long as to hold bit {@code offset}; returns whether it was shorter.
     *
     * @throws CommandError if it would become too long
     */
    public boolean growTo(long offset) throws CommandError {
        boolean shorter = string.length() <= offset >> 3;
        if (shorter) {
            string.write(offset >> 3, new byte[1]);
        }
        return shorter;
    }

    /** Returns the number of ones from bit {@code first} to bit {@code last}, both inclusive and within the string. */
    public long count(long first, long last) {
        long count = 0;
        long lastByte = last >> 3;
        for (long at = first >> 3; at <= lastByte; at += WINDOW_BYTES) {
            byte[] bytes =
                    string.range(at, Math.min(at + WINDOW_BYTES, lastByte + 1)).clone();
            clearOutside(bytes, at, first, last);
            for (byte b : bytes) {
                count += Integer.bitCount(b & 0xFF);
            }
        }
        return count;
    }

    /**
     * Returns the offset of the first bit that is {@code bit} from bit {@code first} to bit {@code last}, both
     * inclusive and within the string; -1 if there is none.
     */
    public long find(int bit, long first, long last) {
        int uninteresting = bit == 1 ? 0 : 0xFF;
        long lastByte = last >> 3;
        for (long at = first >> 3; at <= lastByte; at += WINDOW_BYTES) {
            byte[] bytes = string.range(at, Math.min(at + WINDOW_BYTES, lastByte + 1));
            for (int i = 0; i < bytes.length; i++) {
                int candidates = (bytes[i] & 0xFF) ^ uninteresting;
                if (at + i == first >> 3) {
                    candidates &= 0xFF >> (first & 7);
                }
                if (candidates != 0) {
                    long found = (at + i) * 8 + Integer.numberOfLeadingZeros(candidates) - 24;
                    return found <= last ? found : -1;
                }
            }
        }
        return -1;
    }

    private static void clearOutside(byte[] bytes, long at, long first, long last) {
        if (at == first >> 3) {
            bytes[0] &= (byte) (0xFF >> (first & 7));
        }
        if (at + bytes.length > last >> 3) {
            bytes[bytes.length - 1] &= (byte) (0xFF << (7 - (last & 7)));
        }
    }

    private byte[] window(long offset, int width) {
        long from = offset >> 3;
        int bytes = windowBytes(offset, width);
        return Arrays.copyOf(string.range(from, from + bytes), bytes);
    }

    private static int windowBytes(long offset, int width) {
        return (int) ((offset & 7) + width + 7) >> 3;
    }
}
