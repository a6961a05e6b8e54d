package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.region.KeySpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The parts of the key space that a transaction has looked through, cut at user keys: what it saw there, and what it
 * saw missing, must stay so. Parts that meet are one. Confined to the strand of the transaction.
 */
final class GuardSpans {

    /** Spans that a transaction locks in one range: beyond, one from the first to the end of the last. */
    static final int OF_RANGE_MAX = 16;

    /** Where each begins, and the first key beyond it, empty for none. */
    private final NavigableMap<byte[], byte[]> ends = new TreeMap<>(Arrays::compareUnsigned);

    boolean isEmpty() {
        return ends.isEmpty();
    }

    /**
     * Adds the user keys of which any record may lie from {@code from} to {@code to}, excluded; an empty {@code to} is
     * no bound.
     */
    void add(byte[] from, byte[] to) {
        if (to.length != 0 && Arrays.compareUnsigned(from, to) >= 0) {
            return;
        }
        byte[] start = stemBefore(from);
        byte[] end = stemEndAfter(to);
        Map.Entry<byte[], byte[]> before = ends.floorEntry(start);
        if (before != null && reaches(before.getValue(), start)) {
            start = before.getKey();
            end = later(end, before.getValue());
        }
        Map.Entry<byte[], byte[]> next = ends.ceilingEntry(start);
        while (next != null && reaches(end, next.getKey())) {
            end = later(end, next.getValue());
            ends.remove(next.getKey());
            next = ends.ceilingEntry(start);
        }
        ends.put(start, end);
    }

    /** Returns the spans in the bounds of {@code region}, in order. */
    List<KeySpan> within(RegionDescriptor region) {
        List<KeySpan> found = new ArrayList<>();
        ends.forEach((start, end) -> {
            byte[] from = Arrays.compareUnsigned(start, region.start()) < 0 ? region.start() : start;
            byte[] to = reaches(end, region.end()) ? region.end() : end;
            if (region.end().length == 0) {
                to = end;
            }
            if (to.length == 0 || Arrays.compareUnsigned(from, to) < 0) {
                found.add(new KeySpan(from, to));
            }
        });
        return found.size() <= OF_RANGE_MAX
                ? found
                : List.of(new KeySpan(found.getFirst().from(), found.getLast().to()));
    }

    private static boolean reaches(byte[] end, byte[] key) {
        return end.length == 0 || Arrays.compareUnsigned(end, key) >= 0;
    }

    private static byte[] later(byte[] one, byte[] other) {
        if (one.length == 0 || other.length == 0) {
            return new byte[0];
        }
        return Arrays.compareUnsigned(one, other) >= 0 ? one : other;
    }

    private static byte[] stemBefore(byte[] key) {
        int length = KeyLayout.findStemLength(key);
        return length < 0 ? key : Arrays.copyOf(key, length);
    }

    private static byte[] stemEndAfter(byte[] key) {
        int length = KeyLayout.findStemLength(key);
        return length < 0 || length == key.length ? key : KeyLayout.stemEnd(Arrays.copyOf(key, length));
    }
}
