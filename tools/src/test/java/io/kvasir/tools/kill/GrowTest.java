package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.admin.Ctl;
import io.kvasir.tools.process.LaunchedCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A cluster that grows and shrinks by the commands that users have, while a client writes. */
@Tag("kill")
final class GrowTest {

    private static final int RANGES = 4;

    @Test
    void aNodeThatIsAddedGetsReplicasAndOneThatIsDrainedGivesThemAway() throws Exception {
        try (LaunchedCluster cluster = LaunchedCluster.startWithRanges(3, RANGES)) {
            KeySeries series = new KeySeries(cluster.port(0), "grown");
            Thread client = Thread.ofPlatform().start(series);
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            assertEquals(0, cluster.run(said, "node", "add"), said::toString);
            assertTrue(Pause.until(60_000, () -> replicasAt(cluster, 3) >= RANGES * 3 / 4), said::toString);
            assertTrue(Pause.until(60_000, () -> cluster.verify(new ByteArrayOutputStream()) == 0), said::toString);
            said.reset();
            assertEquals(0, cluster.run(said, "node", "drain", "3"), said::toString);
            assertTrue(said.toString(StandardCharsets.UTF_8).contains("holds nothing any more"), said::toString);
            assertTrue(Pause.until(30_000, () -> replicasAt(cluster, 3) == 0), said::toString);
            said.reset();
            assertEquals(1, cluster.run(said, "node", "drain", "0"), "it has a replica of the placement driver");
            assertTrue(said.toString(StandardCharsets.UTF_8).contains("placement driver"), said::toString);
            assertEquals(0, cluster.run(said, "node", "stop", "3"), said::toString);
            series.end();
            client.join();
            assertEquals(List.of(), series.errors());
        }
    }

    @Test
    void aNodeThatWasAloneGivesHalfOfItsRangesToAnotherAndThreeReplicasOfEachAreMadeIfWanted() throws Exception {
        try (LaunchedCluster cluster = LaunchedCluster.startWithRanges(1, RANGES)) {
            KeySeries series = new KeySeries(cluster.port(0), "grown");
            Thread client = Thread.ofPlatform().start(series);
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            assertEquals(0, cluster.run(said, "node", "add"), said::toString);
            assertTrue(
                    Pause.until(
                            60_000, () -> replicasAt(cluster, 1) == RANGES / 2 && replicasAt(cluster, 0) == RANGES / 2),
                    said::toString);
            assertEquals(0, cluster.run(said, "node", "add"), said::toString);
            List<String> three = List.of("--dir", cluster.folder().toString(), "config", "set", "replicas", "3");
            assertEquals(0, Ctl.run(three, System.out, System.out));
            assertTrue(
                    Pause.until(
                            60_000,
                            () -> replicasAt(cluster, 0) + replicasAt(cluster, 1) + replicasAt(cluster, 2)
                                    == 3 * RANGES),
                    said::toString);
            assertTrue(Pause.until(60_000, () -> cluster.verify(new ByteArrayOutputStream()) == 0), said::toString);
            series.end();
            client.join();
            assertEquals(List.of(), series.errors());
        }
    }

    /** Returns how many ranges {@code node} holds, -1 if it does not say. */
    private static long replicasAt(LaunchedCluster cluster, int node) {
        try (Connection connection = Connection.open(cluster.port(node))) {
            return connection.call("INFO", "everything") instanceof Answer.Done info
                    ? info.text()
                            .lines()
                            .filter(line -> line.startsWith("region_"))
                            .count()
                    : -1;
        } catch (IOException silent) {
            return -1;
        }
    }
}
