package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a range is halved by the bytes of its newest records: at the start of a slot, unless one slot is so large
 * that a part would get less than a quarter; then at a user key. Bisects the key space with sizes from the files'
 * indexes, so it costs some hundred lookups there and reads a few records; a small range is read. May wait for the
 * disk.
 */
final class MiddleKey {

    /** A part is not smaller than the range by more than this factor, if a slot's start can do that. */
    private static final long PARTS_MAX = 4;

    /** User keys looked at: the one before the middle, the one around it, the one behind it. */
    private static final int STEMS = 3;

    /** A range with at most so many records is read: of so few the indexes tell little. */
    static final int READ_RECORDS_MAX = 20_000;

    /** And with at most so many bytes. */
    private static final long READ_BYTES_MAX = 4 << 20;

    private final Engine engine;
    private final RegionDescriptor range;

    /** By the first key of each user key that was read, how many bytes lie before it; null if there are too many. */
    private final @Nullable NavigableMap<byte[], Long> read;

    private final long total;

    private MiddleKey(Engine engine, RegionDescriptor range) {
        this.engine = engine;
        this.range = range;
        NavigableMap<byte[], Long> sums = new TreeMap<>(Arrays::compareUnsigned);
        OptionalLong bytes = sums(sums);
        this.read = bytes.isPresent() ? sums : null;
        this.total = bytes.orElseGet(() -> engine.approximateBytes(Family.NEWEST, range.start(), range.end()));
    }

    /** Fills {@code sums} and returns the bytes of all records; empty if there are too many. */
    private OptionalLong sums(NavigableMap<byte[], Long> sums) {
        long sum = 0;
        int records = 0;
        try (Engine.Cursor cursor = engine.cursor(Family.NEWEST, range.start(), range.end(), false, false)) {
            while (cursor.next()) {
                if (++records > READ_RECORDS_MAX || sum > READ_BYTES_MAX) {
                    return OptionalLong.empty();
                }
                byte[] key = cursor.key();
                sums.putIfAbsent(Arrays.copyOf(key, KeyLayout.stemLength(key)), sum);
                sum += key.length + cursor.value().length;
            }
        }
        return OptionalLong.of(sum);
    }

    /**
     * Returns the start of a slot or the stem of a user key within {@code range} and after its start; empty if it holds
     * the records of one user key at most. A range that has no records is halved by slots.
     */
    static Optional<byte[]> find(Engine engine, RegionDescriptor range) {
        return new MiddleKey(engine, range).find();
    }

    private Optional<byte[]> find() {
        int first = range.firstSlot();
        int end = endSlot();
        if (total == 0) {
            return end - first < 2 ? Optional.empty() : Optional.of(KeyLayout.slotStart(first + (end - first) / 2));
        }
        int above = Math.toIntExact(bisect(first + 1L, end, slot -> KeyLayout.slotStart((int) slot)));
        List<byte[]> slots = new ArrayList<>();
        for (int slot = above - 1; slot <= above; slot++) {
            byte[] bound = KeyLayout.slotStart(slot);
            if (slot < Slot.COUNT && lies(bound) && smaller(bound) >= total / PARTS_MAX) {
                slots.add(bound);
            }
        }
        if (!slots.isEmpty()) {
            return evenest(slots);
        }
        List<byte[]> bounds = inside(above - 1);
        for (int slot = above - 1; slot <= Math.min(above, Slot.COUNT - 1); slot++) {
            bounds.add(KeyLayout.slotStart(slot));
        }
        return evenest(bounds);
    }

    /** Returns the first slot of which the range holds nothing, nor of any above. */
    private int endSlot() {
        byte[] end = range.end();
        if (end.length == 0) {
            return Slot.COUNT;
        }
        int slot = KeyLayout.slotOf(end);
        return Arrays.equals(end, KeyLayout.slotStart(slot)) ? slot : slot + 1;
    }

    /** Returns the stems next to the middle, which lies in {@code slot}. */
    private List<byte[]> inside(int slot) {
        // Instance and hash as one number: the order of the keys of a slot, and their even spread within an instance.
        long above = bisect(0, -1L >>> 1, half -> prefix(slot, half << 1));
        byte[] from = prefix(slot, Math.max(0, above - 1) << 1);
        List<byte[]> stems = new ArrayList<>();
        while (stems.size() < STEMS) {
            Optional<byte[]> stem = stemAt(stems.isEmpty() ? from : KeyLayout.stemEnd(stems.getLast()));
            if (stem.isEmpty()) {
                break;
            }
            stems.add(stem.get());
        }
        return stems;
    }

    private static byte[] prefix(int slot, long number) {
        return KeyLayout.hashPrefix(slot, (int) (number >>> Integer.SIZE), (int) number);
    }

    /** Returns the stem of the first record of the range at or after {@code from}. */
    private Optional<byte[]> stemAt(byte[] from) {
        byte[] start = later(range.start(), from);
        if (range.end().length != 0 && Arrays.compareUnsigned(start, range.end()) >= 0) {
            return Optional.empty();
        }
        try (Engine.Cursor records = engine.cursor(Family.NEWEST, start, range.end(), false, false)) {
            return records.next()
                    ? Optional.of(Arrays.copyOf(records.key(), KeyLayout.stemLength(records.key())))
                    : Optional.empty();
        }
    }

    private static byte[] later(byte[] one, byte[] other) {
        return Arrays.compareUnsigned(one, other) >= 0 ? one : other;
    }

    /** Returns the smallest number from {@code low} to {@code high} before whose bound lies half of the bytes. */
    private long bisect(long low, long high, LongFunction<byte[]> bounds) {
        while (low < high) {
            long middle = low + (high - low) / 2;
            if (before(bounds.apply(middle)) * 2 >= total) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Returns about how many bytes of the range lie before {@code bound}. */
    private long before(byte[] bound) {
        if (Arrays.compareUnsigned(bound, range.start()) <= 0) {
            return 0;
        }
        if (range.end().length != 0 && Arrays.compareUnsigned(bound, range.end()) >= 0) {
            return total;
        }
        if (read != null) {
            Map.Entry<byte[], Long> first = read.ceilingEntry(bound);
            return first == null ? total : first.getValue();
        }
        return engine.approximateBytes(Family.NEWEST, range.start(), bound);
    }

    /** Returns the bytes of the smaller part. */
    private long smaller(byte[] bound) {
        long left = before(bound);
        return Math.min(left, total - left);
    }

    private boolean lies(byte[] bound) {
        return range.contains(bound) && !Arrays.equals(bound, range.start());
    }

    private Optional<byte[]> evenest(List<byte[]> bounds) {
        return bounds.stream()
                .filter(bound -> lies(bound) && smaller(bound) > 0)
                .max(Comparator.comparingLong(this::smaller));
    }
}
