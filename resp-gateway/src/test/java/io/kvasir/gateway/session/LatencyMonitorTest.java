package io.kvasir.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LatencyMonitorTest {

    private static final long MS = 1_000_000;

    private long unixMillis = 5_000;
    private final LatencyMonitor monitor = new LatencyMonitor(() -> unixMillis);

    @Test
    void theLargestOfEachSecondIsKeptFromTheThresholdOn() {
        monitor.offer("command", 900 * MS);
        monitor.threshold(10);
        monitor.offer("command", 9 * MS);
        monitor.offer("command", 10 * MS);
        monitor.offer("command", 30 * MS);
        monitor.offer("command", 20 * MS);
        unixMillis += 1_000;
        monitor.offer("command", 15 * MS);
        assertEquals(
                List.of(new LatencyMonitor.Sample(5, 30), new LatencyMonitor.Sample(6, 15)),
                monitor.history("command"));
        assertEquals(
                List.of(new LatencyMonitor.Latest("command", new LatencyMonitor.Sample(6, 15), 30)), monitor.latest());
        assertEquals(List.of(), monitor.history("fast-command"));
    }

    @Test
    void samplesAreBoundedAndForgotten() {
        monitor.threshold(1);
        for (int i = 0; i < 2 * LatencyMonitor.SAMPLES_MAX; i++) {
            unixMillis += 1_000;
            monitor.offer("command", MS);
        }
        monitor.offer("fast-command", MS);
        assertEquals(LatencyMonitor.SAMPLES_MAX, monitor.history("command").size());
        assertEquals(1, monitor.reset(List.of("command", "nosuch")));
        assertEquals(1, monitor.reset(List.of()));
        assertEquals(List.of(), monitor.latest());
    }
}
