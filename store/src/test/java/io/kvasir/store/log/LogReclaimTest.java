package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.store.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LogReclaimTest {

    private static final Path DIRECTORY = Path.of("/log");
    private static final int SEGMENT_BYTES = 16 << 10;
    private static final LogSettings SETTINGS =
            new LogSettings(SEGMENT_BYTES, 4 << 10, 64 << 10, 2 << 10, 64 << 10, 2, 3);

    private final SimulatedDisk disk = new SimulatedDisk(1);

    private LogEngine open() throws IOException {
        return LogEngine.openInline(disk, DIRECTORY, SETTINGS, fault -> {});
    }

    private static GroupLog create(LogEngine engine, long region) {
        return assertInstanceOf(Creation.Created.class, engine.create(new RegionId(region), 1, new byte[] {1}))
                .log();
    }

    private static List<Entry> entry(int fill, int bytes) {
        byte[] data = new byte[bytes];
        data[0] = (byte) fill;
        return List.of(new Entry(1, Entry.DATA, data));
    }

    @Test
    void aLogOfWhichLittleIsKeptStaysSmall() throws IOException {
        try (LogEngine engine = open()) {
            GroupLog log = create(engine, 1);
            for (int i = 1; i <= 3000; i++) {
                log.append(i, entry(i, 400));
                log.truncatePrefix(i - 5);
                assertTrue(disk.usedBytes() <= (3 + 2 + 2) * SEGMENT_BYTES, disk.usedBytes() + " bytes at " + i);
            }
        }
    }

    @Test
    void aSlowGroupDoesNotPinTheLogOfTheOthers() throws IOException {
        try (LogEngine engine = open()) {
            GroupLog slow = create(engine, 1);
            GroupLog quick = create(engine, 2);
            long liveMax = 41 * 440 + 6 * 440;
            for (int i = 1; i <= 3000; i++) {
                if (i <= 40) {
                    slow.append(i, entry(i, 400));
                }
                quick.append(i, entry(i, 400));
                quick.truncatePrefix(i - 5);
                long bound = 3 * liveMax + (3 + 2 + 2) * SEGMENT_BYTES;
                assertTrue(disk.usedBytes() <= bound, disk.usedBytes() + " bytes at " + i);
            }
        }
        disk.powerCut();
        try (LogEngine engine = open()) {
            GroupLog slow = engine.find(new RegionId(1)).orElseThrow();
            assertEquals(1, slow.firstIndex());
            assertEquals(40, slow.lastIndex());
            for (int i = 1; i <= 40; i++) {
                assertArrayEquals(entry(i, 400).getFirst().data(), slow.read(i));
            }
        }
    }

    @Test
    void aHardStateSavedOftenLeavesNothingBehind() throws IOException {
        try (LogEngine engine = open()) {
            GroupLog idle = create(engine, 1);
            idle.append(1, entry(1, 10));
            GroupLog voter = create(engine, 2);
            for (int term = 1; term <= 3000; term++) {
                voter.saveHardState(new HardState(term, null));
            }
            assertTrue(disk.usedBytes() <= (3 + 2 + 2) * SEGMENT_BYTES, disk.usedBytes() + " bytes");
            assertEquals(1, idle.lastIndex());
        }
    }

    @Test
    void anEntryLongerThanASegmentIsKept() throws IOException {
        try (LogEngine engine = open()) {
            GroupLog log = create(engine, 1);
            for (int i = 1; i <= 5; i++) {
                log.append(i, entry(i, 3 * SEGMENT_BYTES));
            }
        }
        try (LogEngine engine = open()) {
            GroupLog log = engine.find(new RegionId(1)).orElseThrow();
            for (int i = 1; i <= 5; i++) {
                assertArrayEquals(entry(i, 3 * SEGMENT_BYTES).getFirst().data(), log.read(i));
            }
        }
    }
}
