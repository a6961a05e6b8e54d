package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code ./kvasir restart --rolling} while clients write that connect anew when their connection ends. */
@Tag("kill")
final class RollingRestartTest {

    private static final int NODES = 3;
    private static final int CLIENTS = 6;

    @Test
    void allNodesAreRestartedAndNoOperationFails() throws Exception {
        try (LaunchedCluster cluster = LaunchedCluster.startWithRanges(NODES, 6)) {
            List<ReconnectingSeries> series = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                series.add(new ReconnectingSeries(cluster, i % NODES, "rolled-" + i));
                threads.add(Thread.ofPlatform().start(series.get(i)));
            }
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            int code = cluster.run(said, "restart", "--rolling", "--timeout=60");
            series.forEach(ReconnectingSeries::end);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(0, code, said::toString);
            System.out.println(said.toString(StandardCharsets.UTF_8) + series);
            for (ReconnectingSeries each : series) {
                assertEquals(List.of(), each.errors());
                assertTrue(each.reconnects() >= 1, "its node was restarted");
            }
            assertTrue(Pause.until(30_000, () -> cluster.verify(new ByteArrayOutputStream()) == 0));

            said.reset();
            cluster.stop(1);
            assertEquals(1, cluster.run(said, "restart", "--rolling"), "a node is missing");
            assertTrue(said.toString(StandardCharsets.UTF_8).contains("node 1 does not run"), said::toString);
        }
    }
}
