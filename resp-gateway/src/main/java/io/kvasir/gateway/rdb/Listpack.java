package io.kvasir.gateway.rdb;

import io.kvasir.gateway.command.NumberText;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Redis' compact sequence of strings and integers: bytes in all (4), number of elements (2, 65535 if they must be
 * counted), elements, ff; numbers have their lowest byte first. Behind each element stands its length, to walk
 * backwards (redis listpack.c, "Listpack specification"). Stateless but for {@link Writer}.
 */
final class Listpack {

    private static final int HEADER_BYTES = 6;
    private static final int END = 0xFF;
    private static final int COUNT_UNKNOWN = 0xFFFF;

    private Listpack() {}

    /** Returns the elements, integers as texts. */
    static List<byte[]> read(byte[] bytes, RdbInput at) throws CorruptRdbException {
        if (bytes.length <= HEADER_BYTES
                || LittleEndian.number(bytes, 0, 4) != bytes.length
                || (bytes[bytes.length - 1] & 0xFF) != END) {
            throw at.corrupt("a listpack with a wrong length");
        }
        int end = bytes.length - 1;
        List<byte[]> elements = new ArrayList<>();
        for (int from = HEADER_BYTES; from < end; ) {
            long header = headerBytes(bytes[from] & 0xFF);
            long length = header == 0 || header > end - from ? end : header + dataBytes(bytes, from);
            int backBytes = backBytes(length);
            if (length + backBytes > end - from || !backMatches(bytes, (int) (from + length), backBytes, length)) {
                throw at.corrupt("a listpack with a bad element");
            }
            elements.add(element(bytes, from, (int) header, (int) length));
            from += (int) length + backBytes;
        }
        long count = LittleEndian.number(bytes, 4, 2);
        if (count != COUNT_UNKNOWN && count != elements.size()) {
            throw at.corrupt("a listpack with a wrong number of elements");
        }
        return elements;
    }

    /** Returns the bytes before an element's data that say its length, and of an integer all; 0 if there is none. */
    private static int headerBytes(int first) {
        if (first < 0xC0) {
            return 1;
        }
        if (first < 0xF0) {
            return 2;
        }
        return switch (first) {
            case 0xF0 -> 5;
            case 0xF1 -> 3;
            case 0xF2 -> 4;
            case 0xF3 -> 5;
            case 0xF4 -> 9;
            default -> 0;
        };
    }

    /** Returns the bytes of the string behind the header at {@code at}, 0 if an integer is there. */
    private static long dataBytes(byte[] bytes, int at) {
        int first = bytes[at] & 0xFF;
        if ((first & 0xC0) == 0x80) {
            return first & 0x3F;
        }
        if ((first & 0xF0) == 0xE0) {
            return (first & 0x0FL) << 8 | bytes[at + 1] & 0xFF;
        }
        return first == 0xF0 ? LittleEndian.number(bytes, at + 1, 4) : 0;
    }

    private static byte[] element(byte[] bytes, int at, int header, int length) {
        int first = bytes[at] & 0xFF;
        boolean string = (first & 0xC0) == 0x80 || (first & 0xF0) == 0xE0 || first == 0xF0;
        if (string) {
            return Arrays.copyOfRange(bytes, at + header, at + length);
        }
        long value;
        if (first < 0x80) {
            value = first;
        } else if (first < 0xF0) {
            value = (long) ((first & 0x1F) << 8 | bytes[at + 1] & 0xFF) << 51 >> 51;
        } else {
            value = LittleEndian.signed(bytes, at + 1, header - 1);
        }
        return NumberText.bytes(value);
    }

    /** Returns the bytes that the length behind an element takes. */
    private static int backBytes(long length) {
        return length <= 127 ? 1 : length < 16_383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5;
    }

    private static byte backByte(long length, int count, int index) {
        return (byte) (length >>> 7 * (count - 1 - index) & 0x7F | (index == 0 ? 0 : 0x80));
    }

    private static boolean backMatches(byte[] bytes, int at, int count, long length) {
        for (int i = 0; i < count; i++) {
            if (bytes[at + i] != backByte(length, count, i)) {
                return false;
            }
        }
        return true;
    }

    /** Puts a listpack together. Confined to one thread. */
    static final class Writer {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);
        private int count;

        Writer() {
            clear();
        }

        /** Adds an element; it becomes an integer if it is the text of one. */
        void add(byte[] element) {
            int before = out.size();
            if (NumberText.isLong(element)) {
                addInteger(NumberText.toLong(element));
            } else {
                addHeader(element.length);
                out.write(element, 0, element.length);
            }
            int length = out.size() - before;
            int backBytes = backBytes(length);
            for (int i = 0; i < backBytes; i++) {
                out.write(backByte(length, backBytes, i));
            }
            count++;
        }

        int count() {
            return count;
        }

        /** Returns the bytes so far, the end not counted. */
        int size() {
            return out.size();
        }

        /** Returns the listpack and starts the next. */
        byte[] finish() {
            out.write(END);
            byte[] bytes = out.toByteArray();
            LittleEndian.write(bytes, 0, bytes.length, 4);
            LittleEndian.write(bytes, 4, Math.min(count, COUNT_UNKNOWN), 2);
            clear();
            return bytes;
        }

        private void clear() {
            out.reset();
            out.write(new byte[HEADER_BYTES], 0, HEADER_BYTES);
            count = 0;
        }

        private void addHeader(int length) {
            if (length < 64) {
                out.write(0x80 | length);
            } else if (length < 4_096) {
                out.write(0xE0 | length >>> 8);
                out.write(length);
            } else {
                out.write(0xF0);
                addBytes(length, 4);
            }
        }

        private void addInteger(long value) {
            if (value >= 0 && value <= 127) {
                out.write((int) value);
            } else if (value >= -4_096 && value <= 4_095) {
                out.write(0xC0 | (int) (value >>> 8) & 0x1F);
                out.write((int) value);
            } else if (value == (short) value) {
                out.write(0xF1);
                addBytes(value, 2);
            } else if (value == value << 40 >> 40) {
                out.write(0xF2);
                addBytes(value, 3);
            } else if (value == (int) value) {
                out.write(0xF3);
                addBytes(value, 4);
            } else {
                out.write(0xF4);
                addBytes(value, 8);
            }
        }

        private void addBytes(long value, int bytes) {
            for (int i = 0; i < bytes; i++) {
                out.write((int) (value >>> 8 * i));
            }
        }
    }
}
