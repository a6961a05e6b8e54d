package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.store.disk.RealDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a log remembers of the entries that it has dropped. */
final class LogMemoryTest {

    private static final RegionId REGION = new RegionId(4);
    private static final LogSettings SMALL = new LogSettings(16 << 10, 64 << 10, 1 << 20, 1 << 20, 64 << 10, 1, 1);

    @TempDir
    private Path directory;

    @Test
    void comesBackAfterARestartFromTheRecordAndFromACheckpoint() throws Exception {
        try (LogEngine engine = open()) {
            engine.create(REGION, 1, new byte[] {9});
            GroupLog log = log(engine);
            assertTrue(log.memory().isEmpty());
            append(log, 10);
            log.truncatePrefix(4, new byte[] {1, 2, 3});
        }
        try (LogEngine engine = open()) {
            assertArrayEquals(new byte[] {1, 2, 3}, log(engine).memory().orElseThrow());
            assertEquals(4, log(engine).firstIndex());
            log(engine).truncatePrefix(5);
            append(log(engine), 200);
            log(engine).truncatePrefix(150);
            append(log(engine), 200);
        }
        try (LogEngine engine = open()) {
            assertArrayEquals(new byte[] {1, 2, 3}, log(engine).memory().orElseThrow());
            assertArrayEquals(new byte[] {9}, engine.live().getFirst().initialState());
            log(engine).truncatePrefix(log(engine).firstIndex(), new byte[] {7});
            assertArrayEquals(new byte[] {1, 2, 3}, log(engine).memory().orElseThrow(), "nothing was dropped");
        }
    }

    @Test
    void isBounded() throws Exception {
        try (LogEngine engine = open()) {
            engine.create(REGION, 1, new byte[0]);
            append(log(engine), 2);
            byte[] tooLong = new byte[GroupLog.MEMORY_BYTES_MAX + 1];
            assertThrows(IllegalArgumentException.class, () -> log(engine).truncatePrefix(2, tooLong));
            assertThrows(IllegalArgumentException.class, () -> log(engine).truncatePrefix(2, new byte[0]));
        }
    }

    private LogEngine open() throws IOException {
        return LogEngine.open(new RealDisk(), directory, SMALL, fault -> {
            throw new AssertionError(fault);
        });
    }

    private static GroupLog log(LogEngine engine) {
        return engine.find(REGION).orElseThrow();
    }

    private static void append(GroupLog log, int count) {
        for (int i = 0; i < count; i += 10) {
            int size = Math.min(10, count - i);
            log.append(log.lastIndex() + 1, Collections.nCopies(size, new Entry(1, Entry.DATA, new byte[200])));
        }
    }
}
