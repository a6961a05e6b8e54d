package io.kvasir.store.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.store.engine.EngineStatistics.Stall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the disk engine adds: memory tiers, files, faults and exact errors. */
final class RocksEngineTest {

    @TempDir
    Path directory;

    private final List<EngineFault> faults = new CopyOnWriteArrayList<>();

    @Test
    void aLookUpInMemoryTellsAbsentFromUnknown() {
        try (RocksEngine engine = open()) {
            fill(engine, 5_000);
            engine.flush();
        }
        try (RocksEngine engine = open()) {
            assertSame(Engine.Lookup.UNKNOWN, engine.getCached(Family.NEWEST, key(17)));
            try (Engine.Cursor cursor = engine.cursor(Family.NEWEST, key(17), key(20), false, true)) {
                assertThrows(NotCached.class, cursor::next);
            }
            assertArrayEquals(value(17), engine.get(Family.NEWEST, key(17)));
            assertArrayEquals(
                    value(17), engine.getCached(Family.NEWEST, key(17)).value());
            assertNull(engine.get(Family.NEWEST, bytes("absent")));
            assertSame(Engine.Lookup.ABSENT, engine.getCached(Family.NEWEST, bytes("absent")));
            assertArrayEquals(value(17), engine.getFlushed(Family.NEWEST, key(17)));
        }
    }

    @Test
    void theWritePathHasNoLogAndItsFencesAreUp() throws IOException {
        try (RocksEngine engine = open()) {
            fill(engine, 100);
            try (Stream<Path> files = Files.list(directory.resolve(RocksEngine.RECORDS))) {
                for (Path log :
                        files.filter(it -> it.toString().endsWith(".log")).toList()) {
                    assertEquals(0, Files.size(log));
                }
            }
        }
        String options = newestOptions();
        assertTrue(options.contains("\n  atomic_flush=true\n"), options);
        assertTrue(options.contains("\n  unordered_write=false\n"));
        assertTrue(options.contains("\n  two_write_queues=false\n"));
        assertTrue(options.contains("\n  enable_pipelined_write=false\n"));
        assertTrue(options.contains("\n  max_bgerror_resume_count=0\n"));
        assertTrue(options.contains("\n  paranoid_checks=true\n"));
    }

    @Test
    void memtablesStayWithinTheirPartOfTheCache() {
        try (RocksEngine engine = open()) {
            byte[] large = new byte[100_000];
            for (int i = 0; i < 300; i++) {
                try (Engine.Batch batch = engine.newBatch()) {
                    batch.put(Family.NEWEST, key(i), large);
                    engine.write(batch);
                }
                EngineStatistics statistics = engine.statistics();
                assertTrue(
                        statistics.memtableBytes() <= 2 * EngineUnderTest.SMALL.memtableBytes(), () -> "" + statistics);
                assertTrue(statistics.cacheUsedBytes() <= EngineUnderTest.SMALL.cacheBytes(), () -> "" + statistics);
            }
        }
    }

    @Test
    void statisticsCountWhatIsThere() {
        try (RocksEngine engine = open()) {
            fill(engine, 1_000);
            EngineStatistics before = engine.statistics();
            assertTrue(before.memtableBytes() > 0);
            assertTrue(before.cacheUsedBytes() >= before.memtableBytes() / 2);
            assertEquals(0, before.diskBytes());
            assertEquals(Stall.NONE, before.stall());
            engine.flush();
            try (Engine.Snapshot snapshot = engine.snapshot();
                    Engine.Cursor cursor = snapshot.cursor(Family.NEWEST, key(0), key(9), false, false)) {
                assertTrue(cursor.next());
                EngineStatistics after = engine.statistics();
                assertTrue(after.diskBytes() > 0);
                assertTrue(after.tableReaderBytes() >= 0);
                assertEquals(1, after.snapshots());
                assertEquals(2, after.cursors());
            }
            assertEquals(0, engine.statistics().cursors());
        }
    }

    @Test
    void whatIsFlushedUnaskedIsOnePointInTheOrderOfWrites() {
        RocksEngine engine = open();
        byte[] large = new byte[50_000];
        int written = 0;
        while (written < 1_000 && (written < 200 || engine.getFlushed(Family.RANGE, key(0)) == null)) {
            try (Engine.Batch batch = engine.newBatch()) {
                batch.put(Family.NEWEST, key(++written), large);
                batch.put(Family.RANGE, key(0), value(written));
                engine.write(batch);
            }
        }
        engine.closeWithoutFlush();
        try (RocksEngine reopened = open()) {
            String state = new String(reopened.get(Family.RANGE, key(0)), StandardCharsets.US_ASCII);
            int applied = Integer.parseInt(state.substring("value-".length()));
            assertTrue(applied < written, "all was flushed");
            for (int i = 1; i <= written; i++) {
                assertEquals(i <= applied, reopened.get(Family.NEWEST, key(i)) != null, "record " + i);
            }
        }
    }

    @Test
    void recordsDeletedOneByOneAreCompactedAwaySoon() {
        try (RocksEngine engine = open()) {
            fill(engine, 20_000);
            engine.flush();
            long full = engine.statistics().diskBytes();
            try (Engine.Batch batch = engine.newBatch()) {
                for (int i = 0; i < 20_000; i++) {
                    batch.delete(Family.NEWEST, key(i));
                }
                engine.write(batch);
            }
            engine.flush();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (engine.statistics().diskBytes() > full / 10 && System.nanoTime() < deadline) {
                Thread.yield();
            }
            assertTrue(engine.statistics().diskBytes() <= full / 10, () -> full + " " + engine.statistics());
        }
    }

    @Test
    void rangeDeletesAreCountedAndTheirMemtableIsFlushed() {
        try (RocksEngine engine = open()) {
            fill(engine, 10);
            for (int i = 0; i < 1_000; i++) {
                try (Engine.Batch batch = engine.newBatch()) {
                    batch.deleteRange(Family.NEWEST, key(2 * i), key(2 * i + 1));
                    engine.write(batch);
                }
            }
            assertEquals(1_000, engine.statistics().rangeDeletes());
            assertArrayEquals(value(1), engine.getFlushed(Family.NEWEST, key(1)));
        }
    }

    @Test
    void aDirectoryThatIsOpenIsRefused() {
        try (RocksEngine engine = open()) {
            assertEquals(
                    "data directory " + directory + " is already open in this process",
                    assertThrows(EngineFault.class, this::open).getMessage());
            assertNull(engine.get(Family.NEWEST, key(1)));
        }
        open().close();
    }

    @Test
    void aDirectoryLockedByAnotherProcessIsRefused() throws Exception {
        open().close();
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String classPath = System.getProperty("java.class.path");
        Process other = new ProcessBuilder(
                        java.toString(), "-cp", classPath, Holder.class.getName(), directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertEquals('L', other.getInputStream().read());
            assertEquals(
                    "data directory " + directory + " is in use by another process",
                    assertThrows(EngineFault.class, this::open).getMessage());
        } finally {
            other.getOutputStream().close();
            other.waitFor();
        }
        open().close();
    }

    @Test
    void aNewerFormatIsRefusedAndLeftAlone() throws IOException {
        open().close();
        Files.writeString(directory.resolve("FORMAT"), "kvasir-data 2\nsomething else\n");
        assertEquals(
                "data directory " + directory
                        + " has format version 2, written by a newer program; this one reads 1 to 1",
                assertThrows(EngineFault.class, this::open).getMessage());
        assertEquals("kvasir-data 2\nsomething else\n", Files.readString(directory.resolve("FORMAT")));
    }

    @Test
    void aDamagedOrLostFormatFileIsNamed() throws IOException {
        open().close();
        Files.writeString(directory.resolve("FORMAT"), "kvasir-data");
        assertEquals(
                "data directory " + directory + " is corrupt: file FORMAT is not readable text",
                assertThrows(EngineFault.class, this::open).getMessage());
        Files.delete(directory.resolve("FORMAT"));
        assertEquals(
                "data directory " + directory + " is corrupt: file FORMAT is missing",
                assertThrows(EngineFault.class, this::open).getMessage());
    }

    @Test
    void theOwnerIsKeptAndAnotherIsRefused() throws IOException {
        try (RocksEngine engine = open()) {
            assertTrue(engine.directory().owner().isEmpty());
            engine.directory().claim(new DataDirectory.Owner(77, 3));
            engine.directory().claim(new DataDirectory.Owner(77, 3));
        }
        assertEquals("kvasir-data 1\ncluster 77\nstore 3\n", Files.readString(directory.resolve("FORMAT")));
        try (RocksEngine engine = open()) {
            assertEquals(
                    new DataDirectory.Owner(77, 3), engine.directory().owner().orElseThrow());
            DataDirectory.Owner other = new DataDirectory.Owner(78, 3);
            assertEquals(
                    "data directory " + directory + " belongs to store 3 of cluster 77, not to store 3 of cluster 78",
                    assertThrows(EngineFault.class, () -> engine.directory().claim(other))
                            .getMessage());
        }
    }

    @Test
    void aDamagedTableFileIsNamedAtOpen() throws IOException {
        fillAndClose();
        Path table = tables().getFirst();
        try (FileChannel file = FileChannel.open(table, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[60]), file.size() - 60);
        }
        String message = assertThrows(EngineFault.class, this::open).getMessage();
        assertTrue(
                message.startsWith(
                        "data directory " + directory + " is corrupt: file records/" + table.getFileName() + ": "),
                message);
        assertFalse(message.contains("\n"), message);
    }

    @Test
    void aLostTableFileIsNamedAtOpen() throws IOException {
        fillAndClose();
        Path table = tables().getFirst();
        Files.delete(table);
        String message = assertThrows(EngineFault.class, this::open).getMessage();
        assertTrue(message.contains("is corrupt: file records/" + table.getFileName()), message);
    }

    @Test
    void aChecksumFailureIsAFaultToldOnceAndEndsWriting() throws IOException {
        fillAndClose();
        Path table = tables().getFirst();
        try (FileChannel file = FileChannel.open(table, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[64]), 128);
        }
        RocksEngine engine = open();
        assertThrows(EngineFault.class, () -> readAll(engine));
        assertThrows(EngineFault.class, () -> readAll(engine));
        assertEquals(1, faults.size());
        assertTrue(
                faults.getFirst().getMessage().contains("checksum mismatch"),
                faults.getFirst().getMessage());
        try (Engine.Batch batch = engine.newBatch()) {
            batch.put(Family.NEWEST, key(1), value(1));
            assertThrows(EngineFault.class, () -> engine.write(batch));
        }
        assertThrows(EngineFault.class, engine::flush);
        engine.close();
    }

    @Test
    void aFailedFlushInTheBackgroundIsToldWithoutACaller() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        RocksEngine engine = RocksEngine.open(DataDirectory.open(directory), EngineUnderTest.SMALL, fault -> {
            faults.add(fault);
            told.countDown();
        });
        blockNewTables();
        byte[] large = new byte[(int) EngineUnderTest.SMALL.memtableBytes() / 3];
        for (int i = 0; i < 2; i++) {
            try (Engine.Batch batch = engine.newBatch()) {
                batch.put(Family.NEWEST, key(i), large);
                engine.write(batch);
            }
        }
        assertTrue(told.await(20, TimeUnit.SECONDS));
        assertTrue(
                faults.getFirst().getMessage().contains(".sst"),
                faults.getFirst().getMessage());
        assertThrows(EngineFault.class, () -> fill(engine, 1));
        engine.close();
        assertEquals(1, faults.size());
    }

    @Test
    void aFailedFlushEndsTheEngine() throws IOException {
        RocksEngine engine = open();
        fill(engine, 10);
        blockNewTables();
        assertThrows(EngineFault.class, engine::flush);
        assertEquals(1, faults.size());
        assertThrows(EngineFault.class, () -> fill(engine, 1));
        engine.close();
    }

    /** Puts directories in the place of the next table files, so that these cannot be created. */
    private void blockNewTables() throws IOException {
        for (int number = 1; number < 100; number++) {
            Path next = directory.resolve(RocksEngine.RECORDS).resolve("%06d.sst".formatted(number));
            if (!Files.exists(next)) {
                Files.createDirectories(next);
            }
        }
    }

    /** Locks a directory until its input ends. */
    static final class Holder {

        private Holder() {}

        static void main(String[] arguments) throws IOException {
            try (DataDirectory held = DataDirectory.open(Path.of(arguments[0]))) {
                System.out.write(held.owner().isEmpty() ? 'L' : 'O');
                System.out.flush();
                System.in.read();
            }
        }
    }

    private RocksEngine open() {
        return RocksEngine.open(DataDirectory.open(directory), EngineUnderTest.SMALL, faults::add);
    }

    private void fillAndClose() {
        try (RocksEngine engine = open()) {
            fill(engine, 5_000);
        }
    }

    private static void fill(RocksEngine engine, int count) {
        try (Engine.Batch batch = engine.newBatch()) {
            for (int i = 0; i < count; i++) {
                batch.put(Family.NEWEST, key(i), value(i));
            }
            engine.write(batch);
        }
    }

    private static void readAll(RocksEngine engine) {
        try (Engine.Cursor cursor = engine.cursor(Family.NEWEST, new byte[0], new byte[0], false, false)) {
            while (cursor.next()) {
                assertTrue(cursor.value().length > 0);
            }
        }
    }

    private List<Path> tables() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(RocksEngine.RECORDS))) {
            return files.filter(it -> it.toString().endsWith(".sst")).sorted().toList();
        }
    }

    private String newestOptions() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(RocksEngine.RECORDS))) {
            return Files.readString(
                    files.filter(it -> it.getFileName().toString().startsWith("OPTIONS-"))
                            .sorted()
                            .toList()
                            .getLast());
        }
    }

    private static byte[] key(int number) {
        return bytes("key-%06d".formatted(number));
    }

    private static byte[] value(int number) {
        return bytes("value-" + number);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
