package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A follower that was away for a while, be it paused or killed, catches up by the log alone. */
@Tag("kill")
final class FollowerAwayTest {

    private static final int CLIENTS = 6;
    private static final long PROGRESS_MILLIS_MAX = 120_000;
    private static final String INSTALLED = "installed a snapshot";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFollowerThatWasAwayCatchesUpByTheLog(boolean paused) throws IOException {
        Seed seed = Seed.of(4);
        try (Cluster cluster = new Cluster(folder.resolve("nodes"), 3, 1);
                Model model = new Model(CLIENTS)) {
            cluster.startAll();
            assertTrue(
                    Pause.until(PROGRESS_MILLIS_MAX, () -> cluster.leaderOf(0).isPresent()), cluster::tails);
            NodeProcess leader = cluster.leaderOf(0).orElseThrow();
            NodeProcess away = cluster.node((leader.index() + 1) % 3);
            List<NodeProcess> others =
                    cluster.nodes().stream().filter(node -> node != away).toList();
            model.start(others, seed.random());
            awaitDone(cluster, model, 300);
            if (paused) {
                away.freeze();
            } else {
                away.kill();
            }
            long before = model.done();
            Pause.millis(seed.rounds() * 1_000L); // one round is one second
            awaitDone(cluster, model, 300);
            long missed = model.done() - before;
            long begin = System.nanoTime();
            if (paused) {
                away.thaw();
            } else {
                away.start();
                away.awaitReady();
            }
            cluster.requireEqualReplicas();
            System.out.println((paused ? "paused" : "killed") + " for " + seed.rounds() + " s, " + missed
                    + " commands missed, equal after " + (System.nanoTime() - begin) / 1_000_000 + " ms");
            model.stop();
            assertEquals(model.readAll(leader), model.readAll(away));
            model.requireHolds(seed + cluster.tails());
            assertEquals(0, installs(away), away::tail);
            cluster.requireNoFault();
        }
    }

    private static long installs(NodeProcess node) throws IOException {
        return Files.readAllLines(node.folder().resolve("log/kvasir.log")).stream()
                .filter(line -> line.contains(INSTALLED))
                .count();
    }

    private static void awaitDone(Cluster cluster, Model model, long more) {
        long before = model.done();
        assertTrue(
                Pause.until(PROGRESS_MILLIS_MAX, () -> model.done() > before + more),
                () -> "no progress " + model + cluster.tails());
    }
}
