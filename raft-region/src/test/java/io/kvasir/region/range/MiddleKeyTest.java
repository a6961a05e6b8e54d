package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MiddleKeyTest {

    private static final byte[] OPEN = new byte[0];

    /** As many records as are read, and as many as are estimated. */
    private static final int FEW = 2_000;

    private static final int MANY = MiddleKey.READ_RECORDS_MAX + 5_000;

    private final MemoryEngine engine = new MemoryEngine();

    private static RegionDescriptor range(byte[] start, byte[] end) {
        return new RegionDescriptor(
                new RegionId(1), start, end, Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));
    }

    private void put(byte[] key, int bytes) {
        putAll(1, i -> key, bytes);
    }

    private void putAll(int count, IntFunction<byte[]> keys, int bytes) {
        try (Engine.Batch batch = engine.newBatch()) {
            for (int i = 0; i < count; i++) {
                batch.put(Family.NEWEST, keys.apply(i), new byte[bytes]);
            }
            engine.write(batch);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private long bytes(byte[] from, byte[] to) {
        return engine.approximateBytes(Family.NEWEST, from, to);
    }

    @ParameterizedTest
    @ValueSource(ints = {FEW, MANY})
    void keysAreHalvedAtTheStartOfASlot(int keys) {
        putAll(keys, i -> KeyLayout.root(0, text("key" + i)), 10);
        byte[] middle = MiddleKey.find(engine, range(OPEN, OPEN)).orElseThrow();
        assertEquals(2, middle.length);
        double left = (double) bytes(OPEN, middle) / bytes(OPEN, OPEN);
        assertTrue(left > 0.48 && left < 0.52, "left part " + left);
    }

    @ParameterizedTest
    @ValueSource(ints = {FEW, MANY})
    void aSlotIsHalvedAtAUserKey(int keys) {
        putAll(keys, i -> KeyLayout.root(70_000 * (i % 3), text("{one}" + i)), 10);
        byte[] middle = MiddleKey.find(engine, range(OPEN, OPEN)).orElseThrow();
        assertEquals(middle.length, KeyLayout.stemLength(middle));
        double left = (double) bytes(OPEN, middle) / bytes(OPEN, OPEN);
        assertTrue(left > 0.48 && left < 0.52, "left part " + left);
    }

    @ParameterizedTest
    @ValueSource(ints = {FEW, MANY})
    void aKeyIsNeverCut(int elements) {
        byte[] large = KeyLayout.stem(0, text("{one}large"));
        putAll(elements, i -> KeyLayout.element(large, KeyLayout.KIND_ELEMENT, new Version(5, 0), text("f" + i)), 10);
        put(KeyLayout.rootOfStem(large), 10);
        assertEquals(Optional.empty(), MiddleKey.find(engine, range(OPEN, OPEN)), "one key");
        put(KeyLayout.root(0, text("{one}other")), 10);
        byte[] middle = MiddleKey.find(engine, range(OPEN, OPEN)).orElseThrow();
        byte[] other = KeyLayout.stem(0, text("{one}other"));
        assertArrayEquals(Arrays.compareUnsigned(large, other) < 0 ? other : large, middle);
    }

    @Test
    void aRangeWithoutRecordsIsHalvedBySlotsIfItHasSome() {
        assertArrayEquals(
                KeyLayout.slotStart(8192),
                MiddleKey.find(engine, range(OPEN, OPEN)).orElseThrow());
        assertFalse(MiddleKey.find(engine, range(KeyLayout.slotStart(5), KeyLayout.slotStart(6)))
                .isPresent());
    }

    @Test
    void whateverTheKeysBothPartsHaveSome() {
        SplittableRandom random = new SplittableRandom(4);
        for (int round = 0; round < 300; round++) {
            MemoryEngine here = new MemoryEngine();
            int keys = random.nextInt(2, 40);
            int tags = random.nextInt(1, 4);
            byte[] smallest = null;
            byte[] largest = null;
            try (Engine.Batch batch = here.newBatch()) {
                for (int i = 0; i < keys; i++) {
                    byte[] userKey = text("{" + random.nextInt(tags) + "}" + i);
                    byte[] root = KeyLayout.root(random.nextInt(2) * -1, userKey);
                    batch.put(Family.NEWEST, root, new byte[random.nextInt(1, 2_000)]);
                    smallest = smallest == null || Arrays.compareUnsigned(root, smallest) < 0 ? root : smallest;
                    largest = largest == null || Arrays.compareUnsigned(root, largest) > 0 ? root : largest;
                }
                here.write(batch);
            }
            byte[] middle = MiddleKey.find(here, range(OPEN, OPEN)).orElseThrow();
            assertTrue(Arrays.compareUnsigned(smallest, middle) < 0, "round " + round);
            assertTrue(Arrays.compareUnsigned(middle, largest) <= 0, "round " + round);
        }
    }
}
