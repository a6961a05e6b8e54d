package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that the log does not reach any more, on three nodes that keep little of it, while clients write. */
@Tag("kill")
final class SnapshotKillTest {

    private static final int CLIENTS = 6;
    private static final long PROGRESS_MILLIS_MAX = 40_000;
    private static final long INSTALL_MILLIS_MAX = 60_000;
    private static final String INSTALLED = "installed a snapshot";

    @TempDir
    private Path folder;

    @Test
    void aNodeThatWasAwayForLongerThanTheLogReachesIsSentSnapshots() throws IOException {
        Seed seed = Seed.of(11);
        try (Cluster cluster = cluster();
                Model model = new Model(CLIENTS)) {
            cluster.startAll();
            model.start(cluster.nodes(), seed.random());
            awaitDone(cluster, model, 300);
            NodeProcess away = cluster.node(2);
            away.kill();
            awaitDone(cluster, model, 4_000);
            Pause.millis(6_000); // twice the time between two looks at the length of logs
            awaitDone(cluster, model, 4_000);
            away.start();
            away.awaitReady();
            awaitInstalls(cluster, away, 3);
            awaitDone(cluster, model, 300);
            requireAllThere(cluster, model, seed);
        }
    }

    private Cluster cluster() throws IOException {
        return new Cluster(folder, 3, 3, "raft.truncate-entries=20", "raft.retained-entries=40");
    }

    private static void awaitInstalls(Cluster cluster, NodeProcess node, int count) {
        long begin = System.nanoTime();
        assertTrue(
                Pause.until(INSTALL_MILLIS_MAX, () -> installs(node) >= count),
                () -> installs(node) + " snapshots installed" + cluster.tails());
        System.out.println("snapshots installed after " + (System.nanoTime() - begin) / 1_000_000 + " ms");
    }

    private static long installs(NodeProcess node) {
        try {
            return Files.readAllLines(node.folder().resolve("log/kvasir.log")).stream()
                    .filter(line -> line.contains(INSTALLED) && !line.contains("region=r0"))
                    .count();
        } catch (IOException notYet) {
            return 0;
        }
    }

    private static void awaitDone(Cluster cluster, Model model, long more) {
        long before = model.done();
        assertTrue(
                Pause.until(PROGRESS_MILLIS_MAX, () -> model.done() > before + more),
                () -> "no progress " + model + cluster.tails());
    }

    private static void requireAllThere(Cluster cluster, Model model, Seed seed) throws IOException {
        model.close();
        System.out.println("snapshots: " + seed + " " + model);
        Map<String, Object> first = model.readAll(cluster.node(0));
        for (NodeProcess node : cluster.nodes()) {
            assertEquals(first, model.readAll(node));
            model.requireSize(node, first.size());
        }
        model.requireHolds(seed + cluster.tails());
        new ReplicaCheck(cluster).requireSameBytes();
        cluster.requireNoFault();
    }
}
