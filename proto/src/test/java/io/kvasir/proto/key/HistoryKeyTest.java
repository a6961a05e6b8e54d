package io.kvasir.proto.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class HistoryKeyTest {

    private static final long SLICE = 0x0100;

    @Test
    void versionsOfAKeyAreContiguousAndOldestFirst() {
        Random random = new Random(8);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            byte[] key = new byte[random.nextInt(5)];
            for (int j = 0; j < key.length; j++) {
                key[j] = new byte[] {0, 1, 'a', (byte) 0xFF}[random.nextInt(4)];
            }
            entries.add(new Entry(key, random.nextLong() >>> 1 + random.nextInt(60)));
        }
        entries.sort((a, b) -> Arrays.compareUnsigned(a.encoded(), b.encoded()));
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            assertArrayEquals(entry.key, HistoryKey.keyOf(entry.encoded()));
            assertEquals(SLICE, HistoryKey.sliceOf(entry.encoded()));
            assertEquals(entry.replacedAt, HistoryKey.replacedAtOf(entry.encoded()));
            if (i > 0) {
                Entry before = entries.get(i - 1);
                int order = Arrays.compareUnsigned(before.key, entry.key);
                assertTrue(order < 0 || order == 0 && before.replacedAt <= entry.replacedAt);
                byte[] behind = HistoryKey.behind(SLICE, before.key);
                assertTrue(Arrays.compareUnsigned(before.encoded(), behind) < 0);
                assertEquals(order < 0, Arrays.compareUnsigned(behind, entry.encoded()) < 0);
                assertTrue(Arrays.compareUnsigned(HistoryKey.before(SLICE, entry.key), entry.encoded()) < 0);
                assertEquals(
                        order < 0, Arrays.compareUnsigned(before.encoded(), HistoryKey.before(SLICE, entry.key)) < 0);
            }
        }
    }

    @Test
    void theExpiryIndexIsOrderedByTime() {
        byte[] root = KeyLayout.root(1, new byte[] {'k'});
        byte[] soon = ExpiryKey.of(255, root);
        byte[] late = ExpiryKey.of(256, new byte[0]);
        assertTrue(Arrays.compareUnsigned(soon, late) < 0);
        assertTrue(Arrays.compareUnsigned(soon, ExpiryKey.before(256)) < 0);
        assertTrue(Arrays.compareUnsigned(soon, ExpiryKey.before(255)) > 0);
        assertEquals(255, ExpiryKey.expiryMillisOf(soon));
        assertArrayEquals(root, ExpiryKey.rootKeyOf(soon));
    }

    private record Entry(byte[] key, long replacedAt) {

        byte[] encoded() {
            return HistoryKey.of(SLICE, key, replacedAt);
        }
    }
}
