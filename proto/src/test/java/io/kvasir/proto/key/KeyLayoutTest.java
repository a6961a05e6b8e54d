package io.kvasir.proto.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class KeyLayoutTest {

    private static final int INSTANCE = 0x01020304;

    private final Random random = new Random(20);

    @Test
    void aKeyGivesBackEveryPartOfIt() {
        for (int i = 0; i < 2_000; i++) {
            byte[] userKey = userKey();
            byte[] root = KeyLayout.root(INSTANCE, userKey);
            assertEquals(Slot.of(userKey), KeyLayout.slotOf(root));
            assertEquals(INSTANCE, KeyLayout.instanceOf(root));
            assertEquals(KeyHash.of(userKey), KeyLayout.hashOf(root));
            assertArrayEquals(userKey, KeyLayout.userKeyOf(root));
            assertTrue(KeyLayout.isRoot(root));
            byte[] stem = KeyLayout.stem(INSTANCE, userKey);
            assertEquals(stem.length, KeyLayout.stemLength(root));
            assertArrayEquals(root, KeyLayout.rootOfStem(stem));
        }
    }

    @Test
    void anElementIsNoRootEvenIfItEndsLikeOne() {
        byte[] stem = KeyLayout.stem(INSTANCE, new byte[] {'k'});
        byte[] suffix = {0, KeyLayout.KIND_ROOT};
        byte[] element = KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, new Version(7, 1), suffix);
        assertFalse(KeyLayout.isRoot(element));
        assertEquals(stem.length, KeyLayout.stemLength(element));
        assertArrayEquals(new byte[] {'k'}, KeyLayout.userKeyOf(element));
    }

    @Test
    void recordsOfAUserKeyAreContiguousWithTheRootFirst() {
        List<Owned> records = new ArrayList<>();
        for (int owner = 0; owner < 500; owner++) {
            byte[] stem = KeyLayout.stem(INSTANCE, tagged(owner));
            records.add(new Owned(owner, KeyLayout.rootOfStem(stem)));
            for (int i = 0; i < 3; i++) {
                Version generation = new Version(random.nextInt(1000), i);
                records.add(new Owned(owner, KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, generation, userKey())));
            }
        }
        records.sort((a, b) -> Arrays.compareUnsigned(a.key, b.key));
        for (int i = 0; i < records.size(); i += 4) {
            assertTrue(KeyLayout.isRoot(records.get(i).key));
            for (int j = i; j < i + 4; j++) {
                assertEquals(records.get(i).owner, records.get(j).owner);
            }
        }
    }

    /** Without the hash before them the two stems would be neighbours: one is a prefix of the other. */
    @Test
    void theEndOfAStemExcludesAUserKeyThatGoesOnWithAZeroByte() {
        byte[] stem = {0, 1, 0, 0, 0, 1, 9, 9, 9, 9, 'a', 0};
        byte[] longer = {0, 1, 0, 0, 0, 1, 9, 9, 9, 9, 'a', 0, (byte) 0xFF, 0, KeyLayout.KIND_ROOT};
        byte[] lastOwn = KeyLayout.element(stem, (byte) 0xFE, new Version(Long.MAX_VALUE, 1), new byte[] {-1, -1});
        assertTrue(Arrays.compareUnsigned(lastOwn, KeyLayout.stemEnd(stem)) < 0);
        assertTrue(Arrays.compareUnsigned(longer, KeyLayout.stemEnd(stem)) >= 0);
    }

    @Test
    void noRootIsAPrefixOfAnotherRoot() {
        List<byte[]> roots = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            roots.add(KeyLayout.root(INSTANCE, userKey()));
        }
        roots.sort(Arrays::compareUnsigned);
        for (int i = 1; i < roots.size(); i++) {
            byte[] a = roots.get(i - 1);
            byte[] b = roots.get(i);
            boolean prefix = a.length < b.length && Arrays.equals(a, 0, a.length, b, 0, a.length);
            assertFalse(prefix, () -> Arrays.toString(a) + " " + Arrays.toString(b));
        }
    }

    @Test
    void slotThenInstanceThenHashLeadTheOrder() {
        for (int i = 0; i < 2_000; i++) {
            byte[] a = userKey();
            byte[] b = userKey();
            int instanceA = random.nextInt(3);
            int instanceB = random.nextInt(3);
            int wanted = Integer.compare(Slot.of(a), Slot.of(b));
            wanted = wanted != 0 ? wanted : Integer.compare(instanceA, instanceB);
            wanted = wanted != 0 ? wanted : Integer.compareUnsigned(KeyHash.of(a), KeyHash.of(b));
            wanted = wanted != 0 ? wanted : Arrays.compareUnsigned(a, b);
            int order = Arrays.compareUnsigned(KeyLayout.root(instanceA, a), KeyLayout.root(instanceB, b));
            assertEquals(Integer.signum(wanted), Integer.signum(order));
        }
    }

    @Test
    void prefixesBoundWhatTheySay() {
        byte[] userKey = {'k'};
        byte[] root = KeyLayout.root(INSTANCE, userKey);
        int slot = Slot.of(userKey);
        for (byte[] prefix : List.of(
                KeyLayout.slotStart(slot),
                KeyLayout.databasePrefix(slot, INSTANCE),
                KeyLayout.hashPrefix(slot, INSTANCE, KeyHash.of(userKey)))) {
            assertArrayEquals(prefix, Arrays.copyOf(root, prefix.length));
            assertTrue(Arrays.compareUnsigned(root, KeyLayout.after(prefix)) < 0);
        }
        byte[] end = KeyLayout.slotStart(Slot.COUNT);
        assertTrue(Arrays.compareUnsigned(KeyLayout.hashPrefix(Slot.COUNT - 1, -1, -1), end) < 0);
    }

    @Test
    void afterCarriesOverFfBytes() {
        assertArrayEquals(new byte[] {2}, KeyLayout.after(new byte[] {1, -1, -1}));
        assertThrows(IllegalArgumentException.class, () -> KeyLayout.after(new byte[] {-1, -1}));
    }

    @Test
    void whatIsNoStoredKeyIsRejected() {
        byte[] endless = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 'a', 0, (byte) 0xFF};
        assertThrows(IllegalArgumentException.class, () -> KeyLayout.stemLength(endless));
        byte[] tooLong = new byte[KeyLayout.USER_KEY_BYTES_MAX + 1];
        assertThrows(IllegalArgumentException.class, () -> KeyLayout.root(INSTANCE, tooLong));
    }

    private record Owned(int owner, byte[] key) {}

    /** A user key of a common slot, so that keys of different owners stand close together. */
    private static byte[] tagged(int owner) {
        return ("{t}" + "\0".repeat(owner % 3) + (owner / 3)).getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] userKey() {
        byte[] userKey = new byte[random.nextInt(6)];
        for (int i = 0; i < userKey.length; i++) {
            userKey[i] = new byte[] {0, 1, 'a', '{', '}', (byte) 0xFF}[random.nextInt(6)];
        }
        return userKey;
    }
}
