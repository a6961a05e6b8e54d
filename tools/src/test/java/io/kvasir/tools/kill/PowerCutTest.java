package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.tools.launch.Installation;
import io.kvasir.tools.process.BuiltProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes whose disks lose power while clients write: what was not synced is gone, as {@link LoopDisk} says. Needs root,
 * loop devices and ext4.
 */
@Tag("power")
final class PowerCutTest {

    private static final int CLIENTS = 6;
    private static final long PROGRESS_MILLIS_MAX = 120_000;

    @TempDir
    private Path folder;

    private final List<LoopDisk> disks = new ArrayList<>();

    @BeforeEach
    void requireDisks() {
        Optional<String> whyNot = LoopDisk.whyNot(folder.resolve("probe"));
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
    }

    @AfterEach
    void removeDisks() throws IOException {
        for (LoopDisk disk : disks) {
            disk.close();
        }
    }

    @Test
    void whatOneNodeAcknowledgedOutlivesPowerCuts() throws IOException {
        Seed seed = Seed.of(1);
        try (Cluster cluster = cluster(1, BuiltProgram.installation())) {
            cutAndCheck(cluster, seed);
        }
    }

    @Test
    void whatThreeNodesAcknowledgedOutlivesPowerCutsOfAny() throws IOException {
        Seed seed = Seed.of(2);
        try (Cluster cluster = cluster(3, BuiltProgram.installation())) {
            cutAndCheck(cluster, seed);
            new ReplicaCheck(cluster).requireSameBytes();
        }
    }

    /** This very test sees that a sync is missing. */
    @Test
    void aPowerCutFindsThatOneFdatasyncWasTakenOut() throws IOException {
        try (Cluster cluster = cluster(1, UnsyncedLog.program(folder.resolve("unsynced")))) {
            AssertionError found = assertThrows(AssertionError.class, () -> cutAndCheck(cluster, Seed.once()));
            System.out.println("without fdatasync: "
                    + found.getMessage().lines().findFirst().orElse(""));
        }
    }

    private Cluster cluster(int nodes, Installation program) throws IOException {
        for (int i = 0; i < nodes; i++) {
            disks.add(new LoopDisk(folder.resolve("disk-" + nodes + "-" + i)));
        }
        List<Path> mounts = disks.stream().map(LoopDisk::folder).toList();
        return new Cluster(folder.resolve(nodes + " nodes"), nodes, nodes, mounts, program);
    }

    private void cutAndCheck(Cluster cluster, Seed seed) throws IOException {
        RandomGenerator random = seed.random();
        int nodes = cluster.nodes().size();
        try (Model model = new Model(CLIENTS)) {
            cluster.startAll();
            model.start(cluster.nodes(), random);
            awaitProgress(cluster, model, seed);
            for (int round = 0; round < seed.rounds(); round++) {
                List<NodeProcess> victims = new ArrayList<>(cluster.nodes());
                while (round % 2 == 1 && victims.size() > 1 + random.nextInt(2)) {
                    victims.remove(random.nextInt(victims.size()));
                }
                Pause.millis(random.nextInt(seed.pauseMillisMax()));
                System.out.println("round " + round + " cuts the power of " + victims + " at " + model);
                victims.forEach(victim -> disks.get(victim.index()).cut());
                victims.forEach(NodeProcess::end);
                victims.forEach(NodeProcess::kill);
                victims.forEach(victim -> disks.get(victim.index()).restore());
                cluster.startAll();
                awaitProgress(cluster, model, seed);
                model.requireHolds(seed + cluster.tails());
            }
            model.stop();
            System.out.println(nodes + " nodes: " + seed + " " + model);
            Map<String, Object> first = model.readAll(cluster.node(0));
            for (NodeProcess node : cluster.nodes()) {
                assertEquals(first, model.readAll(node));
                model.requireSize(node, first.size());
            }
            model.requireHolds(seed + cluster.tails());
            cluster.requireEqualReplicas();
        }
    }

    private static void awaitProgress(Cluster cluster, Model model, Seed seed) {
        long before = model.done();
        assertTrue(
                Pause.until(PROGRESS_MILLIS_MAX, () -> model.done() > before + 200),
                () -> "no progress " + seed + " " + model + cluster.tails());
    }
}
