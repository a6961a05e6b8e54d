package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

    @Test
    void aNodeWhoseDataAreGoneRejoinsByItself() throws IOException {
        Seed seed = Seed.of(12);
        try (Cluster cluster = cluster();
                Model model = new Model(CLIENTS)) {
            cluster.startAll();
            model.start(cluster.nodes(), seed.random());
            awaitDone(cluster, model, 3_000);
            Pause.millis(6_000);
            awaitDone(cluster, model, 1_000);
            NodeProcess wiped = cluster.node(1);
            wiped.kill();
            remove(wiped.folder().resolve("data"));
            remove(wiped.folder().resolve("raft"));
            awaitDone(cluster, model, 1_000);
            wiped.start();
            wiped.awaitReady();
            awaitInstalls(cluster, wiped, 3);
            awaitDone(cluster, model, 300);
            awaitVoter(cluster, wiped);
            // Now nothing is decided without the one that was empty.
            cluster.node(0).kill();
            awaitDone(cluster, model, 300);
            cluster.startAll();
            requireAllThere(cluster, model, seed);
        }
    }

    /** Waits until the leaders of three ranges and of the placement group have made {@code node} a voter again. */
    private static void awaitVoter(Cluster cluster, NodeProcess node) {
        assertTrue(
                Pause.until(INSTALL_MILLIS_MAX, () -> changes(cluster) >= 4),
                () -> changes(cluster) + " changes of voters" + cluster.tails());
    }

    private static long changes(Cluster cluster) {
        long changes = 0;
        for (NodeProcess node : cluster.nodes()) {
            changes += lines(node).stream()
                    .filter(line -> line.contains("voters changed") && line.contains("status=Status[OK]"))
                    .count();
        }
        return changes;
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static List<String> lines(NodeProcess node) {
        try {
            return Files.readAllLines(node.folder().resolve("log/kvasir.log"));
        } catch (IOException notYet) {
            return List.of();
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
        return lines(node).stream()
                .filter(line -> line.contains(INSTALLED) && !line.contains("region=r0"))
                .count();
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
