package io.kvasir.gateway.rdb;

import io.kvasir.gateway.command.NumberText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The sequence that Redis had before listpacks: bytes in all (4), offset of the last element (4), number of elements
 * (2, 65535 if they must be counted), elements, ff. An element is the length of the one before, its own length or kind,
 * and its bytes (redis ziplist.c). Read only. Stateless.
 */
final class Ziplist {

    private static final int HEADER_BYTES = 10;
    private static final int END = 0xFF;
    private static final int LONG_LENGTH = 0xFE;
    private static final int COUNT_UNKNOWN = 0xFFFF;

    private Ziplist() {}

    /** Returns the elements, integers as texts. */
    static List<byte[]> read(byte[] bytes, RdbInput at) throws CorruptRdbException {
        if (bytes.length <= HEADER_BYTES
                || LittleEndian.number(bytes, 0, 4) != bytes.length
                || (bytes[bytes.length - 1] & 0xFF) != END) {
            throw at.corrupt("a ziplist with a wrong length");
        }
        int end = bytes.length - 1;
        List<byte[]> elements = new ArrayList<>();
        long before = 0;
        int last = HEADER_BYTES;
        for (int from = HEADER_BYTES; from < end; ) {
            int beforeBytes = (bytes[from] & 0xFF) == LONG_LENGTH ? 5 : 1;
            int entry = from + beforeBytes;
            int header = entry >= end ? 0 : headerBytes(bytes[entry] & 0xFF);
            if (header == 0 || header > end - entry || beforeLength(bytes, from) != before) {
                throw at.corrupt("a ziplist with a bad element");
            }
            long data = dataBytes(bytes, entry);
            if (data > end - entry - header) {
                throw at.corrupt("a ziplist with a bad element");
            }
            elements.add(element(bytes, entry, header, (int) data));
            last = from;
            before = beforeBytes + header + data;
            from += (int) before;
        }
        long count = LittleEndian.number(bytes, 8, 2);
        if (count != COUNT_UNKNOWN && count != elements.size() || LittleEndian.number(bytes, 4, 4) != last) {
            throw at.corrupt("a ziplist with a wrong number of elements");
        }
        return elements;
    }

    private static long beforeLength(byte[] bytes, int at) {
        int first = bytes[at] & 0xFF;
        return first == LONG_LENGTH ? LittleEndian.number(bytes, at + 1, 4) : first;
    }

    /** Returns the bytes that say the length or kind; 0 if there is no such kind. */
    private static int headerBytes(int first) {
        return switch (first & 0xC0) {
            case 0 -> 1;
            case 0x40 -> 2;
            case 0x80 -> first == 0x80 ? 5 : 0;
            default ->
                switch (first) {
                    case 0xC0, 0xD0, 0xE0, 0xF0, 0xFE -> 1;
                    default -> first >= 0xF1 && first <= 0xFD ? 1 : 0;
                };
        };
    }

    private static long dataBytes(byte[] bytes, int at) {
        int first = bytes[at] & 0xFF;
        return switch (first & 0xC0) {
            case 0 -> first;
            case 0x40 -> (first & 0x3F) << 8 | bytes[at + 1] & 0xFF;
            case 0x80 -> Integer.toUnsignedLong(Integer.reverseBytes((int) LittleEndian.number(bytes, at + 1, 4)));
            default -> integerBytes(first);
        };
    }

    private static int integerBytes(int first) {
        return switch (first) {
            case 0xC0 -> 2;
            case 0xD0 -> 4;
            case 0xE0 -> 8;
            case 0xF0 -> 3;
            case 0xFE -> 1;
            default -> 0;
        };
    }

    private static byte[] element(byte[] bytes, int at, int header, int data) {
        int first = bytes[at] & 0xFF;
        if (first < 0xC0) {
            return Arrays.copyOfRange(bytes, at + header, at + header + data);
        }
        return NumberText.bytes(data == 0 ? (first & 0x0F) - 1 : LittleEndian.signed(bytes, at + 1, data));
    }
}
