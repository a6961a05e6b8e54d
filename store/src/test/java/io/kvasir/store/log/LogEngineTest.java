package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.store.disk.RealDisk;
import io.kvasir.store.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogEngineTest {

    private static final LogSettings SMALL = new LogSettings(64 << 10, 16 << 10, 64 << 10, 8 << 10, 128 << 10, 1, 2);
    private static final RegionId REGION = new RegionId(7);
    private static final ReplicaId CANDIDATE = new ReplicaId(new StoreId(3), 1);
    private static final ReplicaId OTHER = new ReplicaId(new StoreId(4), 1);
    private static final Path DIRECTORY = Path.of("/log");

    @TempDir
    Path temporary;

    private final SimulatedDisk disk = new SimulatedDisk(1);

    private LogEngine openInline() throws IOException {
        return LogEngine.openInline(disk, DIRECTORY, SMALL, fault -> {});
    }

    private static GroupLog create(LogEngine engine, RegionId region) {
        return assertInstanceOf(Creation.Created.class, engine.create(region, 1, new byte[] {1, 2}))
                .log();
    }

    private static Entry entry(long term, String data) {
        return new Entry(term, Entry.DATA, data.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void entriesSurviveARestartOnARealDisk() throws IOException {
        Path directory = temporary.resolve("store/log");
        try (LogEngine engine = LogEngine.open(new RealDisk(), directory, SMALL, fault -> {})) {
            GroupLog log = create(engine, REGION);
            for (int i = 1; i <= 3000; i++) {
                log.append(i, List.of(entry(i / 1000, "value " + i)));
            }
            log.truncatePrefix(1500);
            log.saveHardState(new HardState(9, CANDIDATE));
        }
        try (LogEngine engine = LogEngine.open(new RealDisk(), directory, SMALL, fault -> {})) {
            Replica replica = engine.live().getFirst();
            assertArrayEquals(new byte[] {1, 2}, replica.initialState());
            GroupLog log = replica.log();
            assertEquals(1500, log.firstIndex());
            assertEquals(3000, log.lastIndex());
            assertEquals(new HardState(9, CANDIDATE), log.hardState());
            for (int i = 1500; i <= 3000; i++) {
                assertEquals(i / 1000, log.termAt(i));
                assertArrayEquals(("value " + i).getBytes(StandardCharsets.UTF_8), log.read(i));
            }
            assertNull(log.read(1499));
            assertNull(log.read(3001));
            assertEquals(-1, log.termAt(3001));
        }
    }

    @Test
    void groupsThatWaitShareOneSync() throws IOException {
        try (LogEngine engine = openInline()) {
            GroupLog first = create(engine, REGION);
            GroupLog second = create(engine, new RegionId(8));
            long syncs = engine.syncs();
            AtomicInteger durable = new AtomicInteger();
            first.append(1, List.of(entry(1, "a")), durable::incrementAndGet);
            second.append(1, List.of(entry(1, "b"), entry(1, "c")), durable::incrementAndGet);
            first.append(2, List.of(entry(1, "d")), durable::incrementAndGet);
            assertEquals(0, first.lastIndex());
            engine.drain();
            assertEquals(3, durable.get());
            assertEquals(syncs + 1, engine.syncs());
            assertEquals(2, first.lastIndex());
            assertEquals(2, second.lastIndex());
        }
    }

    @Test
    void manyThreadsAppendThroughOneWriter() throws Exception {
        int threads = 8;
        int appends = 200;
        try (LogEngine engine = LogEngine.open(new RealDisk(), temporary, SMALL, fault -> {})) {
            List<Thread> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                GroupLog log = create(engine, new RegionId(i));
                running.add(Thread.ofPlatform().start(() -> {
                    for (int at = 1; at <= appends; at++) {
                        log.append(at, List.of(entry(1, "x".repeat(at))));
                    }
                }));
            }
            for (Thread thread : running) {
                thread.join();
            }
            assertEquals(threads * appends + threads, engine.appends());
            assertTrue(engine.syncs() < engine.appends(), engine.syncs() + " syncs");
            for (Replica replica : engine.live()) {
                assertEquals(appends, replica.log().lastIndex());
            }
        }
    }

    @Test
    void aReaderThatIsInterruptedHurtsNobody() throws Exception {
        LogSettings uncached = new LogSettings(64 << 10, 1 << 10, 1 << 10, 0, 1 << 10, 1, 2);
        try (LogEngine engine = LogEngine.open(new RealDisk(), temporary, uncached, fault -> {})) {
            GroupLog log = create(engine, REGION);
            log.append(1, List.of(entry(1, "a")));
            Thread.currentThread().interrupt();
            assertArrayEquals(new byte[] {'a'}, log.read(1));
            log.append(2, List.of(entry(1, "b")));
            assertTrue(Thread.interrupted());
            assertEquals(2, log.lastIndex());
        }
    }

    @Test
    void appendsLeaveNoGapAndTermsDoNotFall() throws IOException {
        try (LogEngine engine = openInline()) {
            GroupLog log = create(engine, REGION);
            log.append(1, List.of(entry(5, "a")));
            assertThrows(IllegalArgumentException.class, () -> log.append(3, List.of(entry(5, "b"))));
            assertThrows(IllegalArgumentException.class, () -> log.append(1, List.of(entry(5, "b"))));
            assertThrows(IllegalArgumentException.class, () -> log.append(2, List.of(entry(4, "b"))));
            assertThrows(IllegalArgumentException.class, () -> log.append(2, List.of()));
            log.append(2, List.of(entry(6, "b")));
            assertEquals(2, log.lastIndex());
        }
    }

    @Test
    void aTermNeverGoesBackAndAVoteIsGivenOnce() throws IOException {
        try (LogEngine engine = openInline()) {
            GroupLog log = create(engine, REGION);
            log.saveHardState(new HardState(5, CANDIDATE));
            assertThrows(IllegalArgumentException.class, () -> log.saveHardState(new HardState(4, null)));
            assertThrows(IllegalArgumentException.class, () -> log.saveHardState(new HardState(5, OTHER)));
            log.saveHardState(new HardState(5, null));
            assertEquals(new HardState(5, CANDIDATE), log.hardState());
            log.saveHardState(new HardState(6, null));
            log.saveHardState(new HardState(6, OTHER));
            assertEquals(new HardState(6, OTHER), log.hardState());
        }
    }

    @Test
    void savingWhatIsKnownCostsNoSync() throws IOException {
        try (LogEngine engine = openInline()) {
            GroupLog log = create(engine, REGION);
            log.saveHardState(new HardState(5, CANDIDATE));
            long syncs = engine.syncs();
            log.saveHardState(new HardState(5, CANDIDATE));
            log.truncatePrefix(1);
            log.truncateSuffix(0);
            assertEquals(syncs, engine.syncs());
        }
    }

    @Test
    void aPrefixTruncatedBeyondTheEndLetsTheLogContinueThere() throws IOException {
        try (LogEngine engine = openInline()) {
            GroupLog log = create(engine, REGION);
            log.append(1, List.of(entry(1, "a"), entry(1, "b")));
            log.truncatePrefix(100);
            assertEquals(100, log.firstIndex());
            assertEquals(99, log.lastIndex());
            log.append(100, List.of(entry(1, "c")));
        }
        try (LogEngine engine = openInline()) {
            GroupLog log = engine.find(REGION).orElseThrow();
            assertEquals(100, log.firstIndex());
            assertEquals(100, log.lastIndex());
        }
    }

    @Test
    void aReplicaOfASplitStartsWithTheStateItIsGiven() throws IOException {
        try (LogEngine engine = openInline()) {
            engine.create(REGION, 3, new byte[] {9}, 6, new HardState(5, null));
        }
        try (LogEngine engine = openInline()) {
            GroupLog log = engine.find(REGION).orElseThrow();
            assertEquals(6, log.firstIndex());
            assertEquals(5, log.lastIndex());
            assertEquals(new HardState(5, null), log.hardState());
            assertEquals(3, log.incarnation());
        }
    }

    @Test
    void whatHasATombstoneIsNotCreatedAgain() throws IOException {
        try (LogEngine engine = openInline()) {
            GroupLog log = create(engine, REGION);
            log.append(1, List.of(entry(1, "a")));
            log.saveHardState(new HardState(5, CANDIDATE));
            assertTrue(engine.destroy(REGION, 1, new Epoch(2, 3)));
            assertThrows(IllegalStateException.class, () -> log.saveHardState(new HardState(6, null)));
            assertEquals(
                    Creation.Destroyed.class,
                    engine.create(REGION, 1, new byte[0]).getClass());
        }
        try (LogEngine engine = openInline()) {
            assertTrue(engine.live().isEmpty());
            assertEquals(
                    new Creation.Destroyed(new Tombstone(REGION, 1, new Epoch(2, 3))),
                    engine.create(REGION, 1, new byte[0]));
            GroupLog second = assertInstanceOf(Creation.Created.class, engine.create(REGION, 2, new byte[0]))
                    .log();
            assertEquals(HardState.NONE, second.hardState());
            assertEquals(0, second.lastIndex());
            assertFalse(engine.destroy(REGION, 1, Epoch.FIRST));
            assertEquals(new Creation.AlreadyLive(second), engine.create(REGION, 3, new byte[0]));
        }
    }

    @Test
    void replayOfASplitNeverOverwritesALiveReplica() throws IOException {
        try (LogEngine engine = openInline()) {
            GroupLog log = create(engine, REGION);
            log.append(1, List.of(entry(6, "acknowledged")));
            log.saveHardState(new HardState(6, CANDIDATE));
            assertInstanceOf(
                    Creation.AlreadyLive.class, engine.create(REGION, 1, new byte[] {1, 2}, 6, new HardState(5, null)));
            assertEquals(new HardState(6, CANDIDATE), log.hardState());
            assertEquals(1, log.lastIndex());
        }
    }

    @Test
    void anInstallLeavesAMarkUntilItEnds() throws IOException {
        try (LogEngine engine = openInline()) {
            GroupLog log = create(engine, REGION);
            log.append(1, List.of(entry(1, "a")));
            engine.markInstalling(REGION, 40, 3);
        }
        try (LogEngine engine = openInline()) {
            assertEquals(new InstallMark(40, 3), engine.installing(REGION).orElseThrow());
            assertThrows(IllegalArgumentException.class, () -> engine.installed(REGION, 41, 3));
            engine.installed(REGION, 40, 3);
        }
        try (LogEngine engine = openInline()) {
            assertTrue(engine.installing(REGION).isEmpty());
            GroupLog log = engine.find(REGION).orElseThrow();
            assertEquals(41, log.firstIndex());
            assertEquals(40, log.lastIndex());
        }
    }

    @Test
    void configurationsAreFoundWithoutReadingTheLog() throws IOException {
        try (LogEngine engine = openInline()) {
            GroupLog log = create(engine, REGION);
            log.append(1, List.of(entry(1, "a"), new Entry(1, (byte) 1, new byte[3]), entry(1, "b")));
            log.append(4, List.of(new Entry(2, (byte) 1, new byte[3]), new Entry(2, (byte) 2, new byte[0])));
        }
        try (LogEngine engine = openInline()) {
            GroupLog log = engine.find(REGION).orElseThrow();
            assertArrayEquals(new long[] {2, 4}, log.indexesOfType((byte) 1));
            assertArrayEquals(new long[] {5}, log.indexesOfType((byte) 2));
            assertEquals(Entry.DATA, log.typeAt(3));
            log.truncateSuffix(3);
            assertArrayEquals(new long[] {2}, log.indexesOfType((byte) 1));
        }
    }

    @Test
    void aFailedSyncStopsTheEngineWithinASecondAndIsNeverRetried() throws Exception {
        CountDownLatch halted = new CountDownLatch(1);
        AtomicInteger faults = new AtomicInteger();
        try (LogEngine engine = LogEngine.open(disk, DIRECTORY, SMALL, fault -> {
            faults.incrementAndGet();
            halted.countDown();
        })) {
            GroupLog log = create(engine, REGION);
            long syncs = disk.syncs();
            disk.failSyncAfter(1);
            assertThrows(LogFault.class, () -> log.append(1, List.of(entry(1, "a"))));
            assertTrue(halted.await(1, TimeUnit.SECONDS));
            assertThrows(LogFault.class, () -> log.append(1, List.of(entry(1, "a"))));
            assertThrows(LogFault.class, () -> engine.destroy(REGION, 1, Epoch.FIRST));
            assertEquals(1, faults.get());
            assertEquals(syncs + 1, disk.syncs());
        }
    }

    @Test
    void aFullDiskStopsTheEngineAndLosesNothing() throws IOException {
        int appended = 0;
        try (LogEngine engine = openInline()) {
            GroupLog log = create(engine, REGION);
            disk.capacity(200 << 10);
            while (true) {
                log.append(appended + 1, List.of(new Entry(1, Entry.DATA, new byte[5000])));
                appended++;
            }
        } catch (LogFault full) {
            assertTrue(appended > 10);
        }
        disk.powerCut();
        disk.capacity(Long.MAX_VALUE);
        try (LogEngine engine = openInline()) {
            assertTrue(engine.find(REGION).orElseThrow().lastIndex() >= appended);
        }
    }

    @Test
    void aClosedEngineRefusesWork() throws IOException {
        LogEngine engine = openInline();
        GroupLog log = create(engine, REGION);
        engine.close();
        assertThrows(LogFault.class, () -> log.append(1, List.of(entry(1, "a"))));
    }
}
