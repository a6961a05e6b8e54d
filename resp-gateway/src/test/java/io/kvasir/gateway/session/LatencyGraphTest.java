package io.kvasir.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LatencyGraphTest {

    private static final long NOW = 1_000_000;

    @Test
    void columnsAreAsHighAsTheirSamplesWithTheirAgesBelow() {
        List<LatencyMonitor.Sample> samples = List.of(
                new LatencyMonitor.Sample(NOW - 90_000, 10),
                new LatencyMonitor.Sample(NOW - 7_200, 20),
                new LatencyMonitor.Sample(NOW - 120, 40),
                new LatencyMonitor.Sample(NOW - 12, 130));
        LatencyMonitor.Latest event = new LatencyMonitor.Latest("command", samples.getLast(), 200);
        assertEquals(
                "command - high 130 ms, low 10 ms (all time high 200 ms)\n" + "-".repeat(80) + "\n"
                        + "   #\n"
                        + "   |\n"
                        + "  _|\n"
                        + "_o||\n"
                        + "    \n"
                        + "1221\n"
                        + "dhm2\n"
                        + "   s\n",
                LatencyGraph.of(event, samples, NOW));
    }
}
