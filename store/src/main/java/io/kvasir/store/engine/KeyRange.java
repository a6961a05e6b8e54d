package io.kvasir.store.engine;

import java.util.Arrays;

/**
 * The keys of one family from {@code from} inclusive to {@code to} exclusive, both bounds given: RocksDB knows no range
 * delete without an end. The end of the key space is {@code KeyLayout.slotStart(Slot.COUNT)}.
 */
public record KeyRange(Family family, byte[] from, byte[] to) {

    public KeyRange {
        requireOrdered(from, to);
        from = from.clone();
        to = to.clone();
    }

    static void requireOrdered(byte[] from, byte[] to) {
        if (Arrays.compareUnsigned(from, to) > 0) {
            throw new IllegalArgumentException("a range ends before it starts");
        }
    }
}
