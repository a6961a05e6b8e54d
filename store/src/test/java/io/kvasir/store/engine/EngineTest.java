package io.kvasir.store.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What both engines promise. */
final class EngineTest {

    private static final byte[] NONE = {};

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void aBatchIsVisibleOverAllFamiliesAndItsLastWriteWins(EngineUnderTest under) {
        try (Engine engine = under.open(directory)) {
            try (Engine.Batch batch = engine.newBatch()) {
                batch.put(Family.NEWEST, key(1), key(10));
                batch.put(Family.NEWEST, key(2), key(20));
                batch.put(Family.RANGE, key(1), key(11));
                batch.deleteRange(Family.NEWEST, key(2), key(3));
                batch.put(Family.NEWEST, key(1), key(12));
                batch.delete(Family.RANGE, key(7));
                assertTrue(batch.bytes() > 0);
                assertNull(engine.get(Family.NEWEST, key(1)));
                engine.write(batch);
            }
            assertArrayEquals(key(12), engine.get(Family.NEWEST, key(1)));
            assertArrayEquals(key(12), engine.getCached(Family.NEWEST, key(1)).value());
            assertArrayEquals(key(11), engine.get(Family.RANGE, key(1)));
            assertNull(engine.get(Family.NEWEST, key(2)));
            assertSame(Engine.Lookup.ABSENT, engine.getCached(Family.NEWEST, key(2)));
            assertNull(engine.get(Family.LOCK, key(1)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCrashLosesWhatIsNotFlushedInAllFamiliesAlike(EngineUnderTest under) {
        Engine engine = under.open(directory);
        put(engine, Family.NEWEST, 1, 1);
        put(engine, Family.RANGE, 1, 1);
        engine.flush();
        put(engine, Family.NEWEST, 1, 2);
        put(engine, Family.NEWEST, 2, 2);
        put(engine, Family.RANGE, 1, 2);
        assertArrayEquals(key(1), engine.getFlushed(Family.RANGE, key(1)));
        assertNull(engine.getFlushed(Family.NEWEST, key(2)));
        engine = under.crash(engine, directory);
        assertArrayEquals(key(1), engine.get(Family.NEWEST, key(1)));
        assertNull(engine.get(Family.NEWEST, key(2)));
        assertArrayEquals(key(1), engine.get(Family.RANGE, key(1)));
        engine.close();
    }

    @ParameterizedTest
    @EnumSource
    void aCursorReadsItsBoundsBothWaysAndKeepsItsSnapshot(EngineUnderTest under) {
        try (Engine engine = under.open(directory)) {
            for (int i = 0; i < 10; i++) {
                put(engine, Family.NEWEST, i, i);
            }
            try (Engine.Cursor up = engine.cursor(Family.NEWEST, key(3), key(6), false, true);
                    Engine.Cursor down = engine.cursor(Family.NEWEST, key(3), key(6), true, false);
                    Engine.Cursor all = engine.cursor(Family.NEWEST, NONE, NONE, true, false)) {
                put(engine, Family.NEWEST, 4, 400);
                delete(engine, Family.NEWEST, 5);
                assertThrows(IllegalStateException.class, up::key);
                assertEquals(List.of("3=3", "4=4", "5=5"), read(up));
                assertEquals(List.of("5=5", "4=4", "3=3"), read(down));
                assertFalse(up.next());
                assertThrows(IllegalStateException.class, up::value);
                assertEquals(10, read(all).size());
            }
            try (Engine.Cursor empty = engine.cursor(Family.NEWEST, key(20), NONE, false, false)) {
                assertFalse(empty.next());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSnapshotSeesAllFamiliesAtItsInstant(EngineUnderTest under) {
        try (Engine engine = under.open(directory)) {
            put(engine, Family.NEWEST, 1, 1);
            try (Engine.Snapshot snapshot = engine.snapshot()) {
                put(engine, Family.NEWEST, 1, 2);
                put(engine, Family.LOCK, 1, 2);
                engine.flush();
                assertArrayEquals(key(1), snapshot.get(Family.NEWEST, key(1)));
                assertNull(snapshot.get(Family.LOCK, key(1)));
                try (Engine.Cursor cursor = snapshot.cursor(Family.NEWEST, NONE, NONE, false, false)) {
                    assertEquals(List.of("1=1"), read(cursor));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatASnapshotExportsReplacesARangeElsewhereAndSurvivesACrash(EngineUnderTest under) {
        List<Engine.RecordFile> files = new ArrayList<>();
        try (Engine source = under.open(directory.resolve("source"))) {
            for (int i = 0; i < 500; i++) {
                put(source, Family.NEWEST, i, i);
            }
            put(source, Family.LOCK, 200, 1);
            try (Engine.Snapshot snapshot = source.snapshot()) {
                put(source, Family.NEWEST, 200, 777);
                snapshot.export(range(Family.NEWEST, 100, 300), directory, 512, files::add);
                snapshot.export(range(Family.LOCK, 100, 300), directory, 512, files::add);
                snapshot.export(range(Family.FATE, 100, 300), directory, 512, files::add);
            }
        }
        assertTrue(files.size() > 2, () -> files.toString());
        assertEquals(201, files.stream().mapToLong(Engine.RecordFile::records).sum());

        Engine target = under.open(directory.resolve("target"));
        for (int i = 0; i < 500; i++) {
            put(target, Family.NEWEST, i, 1_000);
        }
        put(target, Family.LOCK, 250, 1);
        target.deleteAndFlush(List.of(range(Family.NEWEST, 100, 300), range(Family.LOCK, 100, 300)));
        put(target, Family.NEWEST, 99, 2_000);
        for (Family family : List.of(Family.NEWEST, Family.LOCK)) {
            target.ingest(
                    family,
                    files.stream()
                            .filter(file -> file.family() == family)
                            .map(Engine.RecordFile::path)
                            .toList());
        }
        target.ingest(Family.FATE, List.of());
        assertArrayEquals(key(200), target.get(Family.NEWEST, key(200)));
        target = under.crash(target, directory.resolve("target"));
        try (Engine.Cursor cursor = target.cursor(Family.NEWEST, NONE, NONE, false, false)) {
            List<String> records = read(cursor);
            assertEquals(500, records.size());
            for (int i = 0; i < 500; i++) {
                String value = i >= 100 && i < 300 ? i + "=" + i : i + "=1000";
                if (i != 99) {
                    assertEquals(value, records.get(i));
                }
            }
        }
        assertNull(target.get(Family.LOCK, key(250)));
        assertArrayEquals(key(1), target.get(Family.LOCK, key(200)));
        target.close();
    }

    @ParameterizedTest
    @EnumSource
    void randomWritesFlushesAndCrashesAgreeWithAModel(EngineUnderTest under) {
        Random random = new Random(11);
        Map<Family, NavigableMap<Integer, Integer>> model = emptyModel();
        Map<Family, NavigableMap<Integer, Integer>> flushed = emptyModel();
        Engine engine = under.open(directory);
        for (int step = 0; step < 400; step++) {
            int what = random.nextInt(100);
            if (what < 80) {
                try (Engine.Batch batch = engine.newBatch()) {
                    for (int i = random.nextInt(20); i >= 0; i--) {
                        writeRandom(random, batch, model);
                    }
                    engine.write(batch);
                }
            } else if (what < 90) {
                engine.flush();
                flushed = copy(model);
            } else if (what < 93) {
                engine = under.crash(engine, directory);
                model = copy(flushed);
            } else {
                Family family = Family.values()[random.nextInt(6)];
                int from = random.nextInt(100);
                int to = from + random.nextInt(100);
                boolean descending = random.nextBoolean();
                NavigableMap<Integer, Integer> wanted = model.get(family).subMap(from, true, to, false);
                List<String> expected = (descending ? wanted.descendingMap() : wanted)
                        .entrySet().stream()
                                .map(it -> it.getKey() + "=" + it.getValue())
                                .toList();
                try (Engine.Cursor cursor = engine.cursor(family, key(from), key(to), descending, false)) {
                    assertEquals(expected, read(cursor), "step " + step);
                }
            }
            Family family = Family.values()[random.nextInt(6)];
            int number = random.nextInt(200);
            Integer value = model.get(family).get(number);
            assertArrayEquals(value == null ? null : key(value), engine.get(family, key(number)), "step " + step);
            Integer onDisk = flushed.get(family).get(number);
            assertArrayEquals(
                    onDisk == null ? null : key(onDisk), engine.getFlushed(family, key(number)), "step " + step);
        }
        engine.close();
    }

    @ParameterizedTest
    @EnumSource
    void aRangeThatEndsBeforeItStartsIsRejected(EngineUnderTest under) {
        try (Engine engine = under.open(directory);
                Engine.Batch batch = engine.newBatch()) {
            assertThrows(IllegalArgumentException.class, () -> batch.deleteRange(Family.NEWEST, key(2), key(1)));
            assertThrows(IllegalArgumentException.class, () -> batch.deleteRange(Family.NEWEST, key(2), NONE));
        }
    }

    @ParameterizedTest
    @EnumSource
    void closingUnderAnOpenCursorOrSnapshotIsRefused(EngineUnderTest under) {
        Engine engine = under.open(directory);
        Engine.Cursor cursor = engine.cursor(Family.NEWEST, key(0), key(9), false, false);
        assertThrows(IllegalStateException.class, engine::close);
        cursor.close();
        cursor.close();
        Engine.Snapshot snapshot = engine.snapshot();
        assertThrows(IllegalStateException.class, engine::close);
        snapshot.close();
        snapshot.close();
        engine.close();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedEngineRefusesWork(EngineUnderTest under) {
        Engine engine = under.open(directory);
        engine.close();
        assertThrows(IllegalStateException.class, () -> engine.get(Family.NEWEST, key(1)));
        assertThrows(IllegalStateException.class, engine::flush);
        engine.close();
    }

    @ParameterizedTest
    @EnumSource
    void sizesAreAboutRightInMemoryAndOnDisk(EngineUnderTest under) {
        Random random = new Random(7);
        try (Engine engine = under.open(directory)) {
            for (int i = 0; i < 4_000; i++) {
                byte[] value = new byte[1_000];
                random.nextBytes(value);
                try (Engine.Batch batch = engine.newBatch()) {
                    batch.put(Family.NEWEST, wide(i), value);
                    engine.write(batch);
                }
            }
            for (int round = 0; round < 2; round++) {
                double all = engine.approximateBytes(Family.NEWEST, NONE, NONE);
                double half = engine.approximateBytes(Family.NEWEST, NONE, wide(2_000));
                assertTrue(all > 3e6 && all < 6e6, "all " + all);
                assertTrue(half > 0.4 * all && half < 0.6 * all, "half " + half + " of " + all);
                engine.flush();
            }
        }
    }

    private static byte[] wide(int number) {
        return new byte[] {(byte) (number >> 8), (byte) number};
    }

    private static void writeRandom(
            Random random, Engine.Batch batch, Map<Family, NavigableMap<Integer, Integer>> model) {
        Family family = Family.values()[random.nextInt(6)];
        int number = random.nextInt(200);
        switch (random.nextInt(10)) {
            case 0 -> {
                int to = number + random.nextInt(10);
                batch.deleteRange(family, key(number), key(to));
                model.get(family).subMap(number, to).clear();
            }
            case 1, 2 -> {
                batch.delete(family, key(number));
                model.get(family).remove(number);
            }
            default -> {
                int value = random.nextInt();
                batch.put(family, key(number), key(value));
                model.get(family).put(number, value);
            }
        }
    }

    private static Map<Family, NavigableMap<Integer, Integer>> emptyModel() {
        Map<Family, NavigableMap<Integer, Integer>> model = new EnumMap<>(Family.class);
        for (Family family : Family.values()) {
            model.put(family, new TreeMap<>());
        }
        return model;
    }

    private static Map<Family, NavigableMap<Integer, Integer>> copy(Map<Family, NavigableMap<Integer, Integer>> model) {
        Map<Family, NavigableMap<Integer, Integer>> copy = emptyModel();
        model.forEach((family, records) -> copy.get(family).putAll(records));
        return copy;
    }

    private static KeyRange range(Family family, int from, int to) {
        return new KeyRange(family, key(from), key(to));
    }

    private static void put(Engine engine, Family family, int key, int value) {
        try (Engine.Batch batch = engine.newBatch()) {
            batch.put(family, key(key), key(value));
            engine.write(batch);
        }
    }

    private static void delete(Engine engine, Family family, int key) {
        try (Engine.Batch batch = engine.newBatch()) {
            batch.delete(family, key(key));
            engine.write(batch);
        }
    }

    private static List<String> read(Engine.Cursor cursor) {
        List<String> records = new ArrayList<>();
        while (cursor.next()) {
            records.add(number(cursor.key()) + "=" + number(cursor.value()));
        }
        return records;
    }

    private static byte[] key(int number) {
        return HexFormat.of().parseHex(HexFormat.of().toHexDigits(number));
    }

    private static int number(byte[] key) {
        return HexFormat.fromHexDigits(HexFormat.of().formatHex(Arrays.copyOf(key, 4)));
    }
}
