package io.kvasir.store.log;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class LogCrashTest {

    /** Seeds tried in a build; more with {@code -Dlog.simulation.seeds} and from another with {@code -Dlog.simulation.seed}. */
    private static final long SEEDS = Long.getLong("log.simulation.seeds", 150);

    private static final long FIRST_SEED = Long.getLong("log.simulation.seed", 1);

    @Test
    void everyCrashKeepsWhatWasAcknowledgedAndInventsNothing() throws IOException {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            new LogSimulation(seed).run(12);
        }
    }
}
