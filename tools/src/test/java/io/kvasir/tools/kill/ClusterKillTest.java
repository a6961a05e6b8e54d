package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes with three ranges, of which one, two or all are killed while clients work at every gateway. */
@Tag("kill")
final class ClusterKillTest {

    private static final int CLIENTS = 9;
    private static final long PROGRESS_MILLIS_MAX = 120_000;

    @TempDir
    private Path folder;

    @Test
    void whatWasAcknowledgedOutlivesKillsOfAnyNodes() throws IOException {
        Seed seed = Seed.of(3);
        RandomGenerator random = seed.random();
        try (Cluster cluster = new Cluster(folder, 3, 3);
                Model model = new Model(CLIENTS)) {
            cluster.startAll();
            model.start(cluster.nodes(), random);
            awaitProgress(cluster, model, seed);
            for (int round = 0; round < seed.rounds(); round++) {
                List<NodeProcess> victims = new ArrayList<>(cluster.nodes());
                boolean all = round % 4 == 1;
                while (!all && victims.size() > (random.nextInt(4) == 0 ? 2 : 1)) {
                    victims.remove(random.nextInt(victims.size()));
                }
                System.out.println("round " + round + " kills " + victims + " at " + model);
                end(victims, random);
                Pause.millis(random.nextInt(seed.pauseMillisMax()));
                if (random.nextInt(3) == 0) { // a start is killed, too
                    victims.getFirst().start();
                    Pause.millis(random.nextInt(2 * seed.pauseMillisMax()));
                    victims.getFirst().kill();
                }
                long begin = System.nanoTime();
                cluster.startAll();
                long serving = System.nanoTime();
                awaitProgress(cluster, model, seed);
                System.out.println("serves after " + (serving - begin) / 1_000_000 + " ms, answers "
                        + (System.nanoTime() - serving) / 1_000_000 + " ms later");
                model.requireHolds(seed + cluster.tails());
            }
            model.stop();
            System.out.println("three nodes: " + seed + " " + model);
            Map<String, Object> first = model.readAll(cluster.node(0));
            for (NodeProcess node : cluster.nodes()) {
                assertEquals(first, model.readAll(node));
                model.requireSize(node, first.size());
            }
            model.requireHolds(seed + cluster.tails());
            cluster.requireEqualReplicas();
            new ReplicaCheck(cluster).requireSameBytes();
            cluster.requireNoFault();
        }
    }

    /** Several are killed as one; a single one may be asked to end. */
    private static void end(List<NodeProcess> victims, RandomGenerator random) {
        if (victims.size() == 1) {
            victims.getFirst().endSomehow(random);
        } else {
            victims.forEach(NodeProcess::end);
            victims.forEach(NodeProcess::kill);
        }
    }

    private static void awaitProgress(Cluster cluster, Model model, Seed seed) {
        long before = model.done();
        assertTrue(
                Pause.until(PROGRESS_MILLIS_MAX, () -> model.done() > before + 300),
                () -> "no progress " + seed + " " + model + cluster.tails());
    }
}
