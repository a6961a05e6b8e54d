package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.store.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class LogCrashTest {

    /**
     * Seeds tried in a build; more with {@code -Dlog.simulation.seeds} and from another with
     * {@code -Dlog.simulation.seed}.
     */
    private static final long SEEDS = Long.getLong("log.simulation.seeds", 30);

    private static final long FIRST_SEED = Long.getLong("log.simulation.seed", 1);

    private static final LogSettings SETTINGS = new LogSettings(16 << 10, 8 << 10, 8 << 10, 0, 64 << 10, 1, 2);

    @Test
    void everyCrashKeepsWhatWasAcknowledgedAndInventsNothing() throws IOException {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            new LogSimulation(seed).run(12);
        }
    }

    @Test
    void everySingleCrashPointKeepsWhatWasAcknowledged() throws IOException {
        long operation = 1;
        while (new LogSimulation(FIRST_SEED).runWithCrashAt(operation, 50)) {
            operation++;
        }
        assertTrue(operation > 100, operation + " operations");
    }

    @Test
    void aProcessKilledWhileItStartedLeavesNothingThatAPowerCutCouldTake() throws IOException {
        Path directory = Path.of("/log");
        RegionId region = new RegionId(1);
        for (int seed = 0; seed < 20; seed++) {
            for (int operation = 1; operation < 12; operation++) {
                SimulatedDisk disk = new SimulatedDisk(seed);
                disk.crashAfter(operation);
                try {
                    LogEngine.openInline(disk, directory, SETTINGS, fault -> {});
                } catch (IOException stopped) {
                    assertTrue(disk.crashed());
                }
                disk.processKill();
                LogEngine engine = LogEngine.openInline(disk, directory, SETTINGS, fault -> {});
                engine.create(region, 1, new byte[0]);
                disk.powerCut();
                engine = LogEngine.openInline(disk, directory, SETTINGS, fault -> {});
                assertTrue(engine.find(region).isPresent(), "seed " + seed + ", operation " + operation);
            }
        }
    }
}
