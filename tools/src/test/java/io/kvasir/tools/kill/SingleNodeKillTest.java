package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node that holds everything and is killed again and again. */
@Tag("kill")
final class SingleNodeKillTest {

    private static final int CLIENTS = 6;
    private static final long PROGRESS_MILLIS_MAX = 20_000;

    @TempDir
    private Path folder;

    @Test
    void whatWasAcknowledgedOutlivesKills() throws IOException {
        Seed seed = Seed.of(4);
        RandomGenerator random = seed.random();
        try (Cluster cluster = new Cluster(folder.resolve("one node"), 1, 2);
                Model model = new Model(CLIENTS)) {
            NodeProcess node = cluster.node(0);
            cluster.startAll();
            model.start(cluster.nodes(), random);
            for (int round = 0; round < seed.rounds(); round++) {
                long before = model.done();
                assertTrue(
                        Pause.until(PROGRESS_MILLIS_MAX, () -> model.done() > before + 100),
                        () -> "no progress " + seed + " " + model + node.tail());
                Pause.millis(random.nextInt(1_000));
                node.endSomehow(random);
                node.start();
                if (random.nextInt(2) == 0) { // a start is killed, too: recovery begins again from what it left
                    Pause.millis(random.nextInt(2_500));
                    node.kill();
                    node.start();
                }
                node.awaitReady();
                model.requireHolds(seed.toString());
            }
            long before = model.done();
            Pause.until(PROGRESS_MILLIS_MAX, () -> model.done() > before + 100);
            model.stop();
            model.requireSize(node, model.readAll(node).size());
            System.out.println("one node: " + seed + " " + model);
            model.requireHolds(seed + node.tail());
            cluster.requireNoFault();
        }
    }

    @Test
    void terminationUnderLoadIsQuickAndLosesNothing() throws IOException {
        Seed seed = Seed.of(1);
        try (Cluster cluster = new Cluster(folder.resolve("stopped node"), 1, 2);
                Model model = new Model(CLIENTS)) {
            NodeProcess node = cluster.node(0);
            cluster.startAll();
            model.start(cluster.nodes(), seed.random());
            assertTrue(Pause.until(PROGRESS_MILLIS_MAX, () -> model.done() > 300), node::tail);
            int status = node.terminate(10_000);
            assertTrue(List.of(0, 143).contains(status), () -> "exit status " + status + node.tail());
            node.start();
            node.awaitReady();
            model.stop();
            model.requireSize(node, model.readAll(node).size());
            model.requireHolds(seed + node.tail());
            cluster.requireNoFault();
        }
    }

    @Test
    void secondStartOnOneFolderSaysInOneLineThatItIsTaken() throws IOException, InterruptedException {
        try (Cluster cluster = new Cluster(folder.resolve("locked node"), 1, 1)) {
            NodeProcess node = cluster.node(0);
            cluster.startAll();
            Process second = node.startTwice();
            List<String> printed = node.printed(0);
            assertTrue(second.exitValue() != 0, printed::toString);
            assertTrue(
                    printed.size() == 1
                            && printed.getFirst().startsWith("FATAL: ")
                            && printed.getFirst().contains("is in use by another process (pid "),
                    printed::toString);
            assertTrue(node.isRunning());
            try (Connection connection = Connection.open(node.port())) {
                assertTrue(connection.call("SET", "k", "v") instanceof Answer.Done, node::tail);
            }
        }
    }
}
