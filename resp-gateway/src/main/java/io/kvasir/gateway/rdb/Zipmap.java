package io.kvasir.gateway.rdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The small hash of Redis 2.4: a byte of its size, then fields and values with their lengths, each value with a byte
 * that says how many unused ones follow it, and ff (redis zipmap.c). Read only. Stateless.
 */
final class Zipmap {

    private static final int END = 0xFF;
    private static final int LONG_LENGTH = 0xFE;

    private Zipmap() {}

    /** Returns fields and values by turns. */
    static List<byte[]> read(byte[] bytes, RdbInput input) throws CorruptRdbException {
        List<byte[]> elements = new ArrayList<>();
        int at = 1;
        while (at < bytes.length && (bytes[at] & 0xFF) != END) {
            boolean value = elements.size() % 2 == 1;
            int lengthBytes = (bytes[at] & 0xFF) == LONG_LENGTH ? 5 : 1;
            int start = at + lengthBytes + (value ? 1 : 0);
            if (start > bytes.length) {
                throw input.corrupt("a zipmap that ends early");
            }
            long length = lengthBytes == 1 ? bytes[at] & 0xFF : LittleEndian.number(bytes, at + 1, 4);
            long unused = value ? bytes[start - 1] & 0xFF : 0;
            if (length + unused > bytes.length - start) {
                throw input.corrupt("a zipmap that ends early");
            }
            elements.add(Arrays.copyOfRange(bytes, start, start + (int) length));
            at = start + (int) (length + unused);
        }
        if (at != bytes.length - 1 || elements.size() % 2 != 0) {
            throw input.corrupt("a zipmap that does not end where it should");
        }
        return elements;
    }
}
