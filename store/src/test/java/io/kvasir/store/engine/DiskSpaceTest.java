package io.kvasir.store.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.store.engine.DiskSpace.State;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskSpaceTest {

    private final DiskSpace space = new DiskSpace(1_000, 200, 100);

    @Test
    void aStateIsEnteredBelowItsThresholdAtOnce() {
        assertEquals(State.AMPLE, space.next(State.AMPLE, 1_000));
        assertEquals(State.LOW, space.next(State.AMPLE, 999));
        assertEquals(State.CRITICAL, space.next(State.AMPLE, 199));
        assertEquals(State.CRITICAL, space.next(State.LOW, 0));
    }

    @Test
    void aStateIsLeftOnlyWithSlack() {
        assertEquals(State.LOW, space.next(State.LOW, 1_000));
        assertEquals(State.LOW, space.next(State.LOW, 1_099));
        assertEquals(State.AMPLE, space.next(State.LOW, 1_100));
        assertEquals(State.CRITICAL, space.next(State.CRITICAL, 299));
        assertEquals(State.LOW, space.next(State.CRITICAL, 300));
        assertEquals(State.LOW, space.next(State.CRITICAL, 1_099));
        assertEquals(State.AMPLE, space.next(State.CRITICAL, 1_100));
    }

    @Test
    void thresholdsOutOfOrderAreRejected() {
        assertThrows(IllegalArgumentException.class, () -> new DiskSpace(100, 200, 0));
        assertEquals(new DiskSpace(800, 200, 100), DiskSpace.reserving(800));
    }

    @Test
    void theDiskBelowADirectoryIsRead(@TempDir Path directory) {
        DiskSpaceWatch ample = new DiskSpaceWatch(DiskSpace.reserving(0), List.of(directory));
        assertEquals(State.AMPLE, ample.read());
        assertTrue(ample.freeBytes() > 0 && ample.freeBytes() < Long.MAX_VALUE);
        DiskSpaceWatch full =
                new DiskSpaceWatch(DiskSpace.reserving(Long.MAX_VALUE / 2), List.of(directory, directory));
        assertEquals(State.CRITICAL, full.read());
        assertEquals(State.CRITICAL, full.state());
    }
}
