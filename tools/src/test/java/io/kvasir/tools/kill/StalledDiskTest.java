package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.proto.key.Slot;
import io.kvasir.tools.process.BuiltProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rule K37: the disk of a node stalls while clients write: every write and sync hangs, the process lives on. */
@Tag("power")
final class StalledDiskTest {

    private static final int CLIENTS = 6;
    private static final long PROGRESS_MILLIS_MAX = 60_000;
    private static final long WRITE_MILLIS_MAX = 15_000;
    private static final long STALL_MILLIS = 10_000;
    private static final String KEY = "stalled";

    @TempDir
    private Path folder;

    private final List<LoopDisk> disks = new ArrayList<>();

    @AfterEach
    void removeDisks() throws IOException {
        for (LoopDisk disk : disks) {
            disk.close();
        }
    }

    @Test
    void aNodeWhoseDiskStallsLosesItsRangesAndNothingElse() throws IOException {
        Optional<String> whyNot = LoopDisk.whyNot(folder.resolve("probe"));
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
        for (int i = 0; i < 3; i++) {
            disks.add(new LoopDisk(folder.resolve("disk-" + i)));
        }
        List<Path> mounts = disks.stream().map(LoopDisk::folder).toList();
        try (Cluster cluster = new Cluster(folder, 3, 3, mounts, BuiltProgram.installation());
                Model model = new Model(CLIENTS)) {
            cluster.startAll();
            model.start(cluster.nodes(), Seed.of(0).random());
            awaitProgress(cluster, model);
            NodeProcess leader = leaderOf(cluster);
            NodeProcess other = cluster.node((leader.index() + 1) % 3);
            LoopDisk disk = disks.get(leader.index());
            disk.stall();
            long begin = System.nanoTime();
            // The first may lie in front of the stalled disk; it is asked again until somebody else leads.
            assertTrue(
                    Pause.until(WRITE_MILLIS_MAX, () -> isLedElsewhere(cluster, leader) && writes(other)),
                    cluster::tails);
            System.out.println("disk stalled: written elsewhere after " + millisSince(begin) + " ms");
            awaitProgress(cluster, model);
            Pause.millis(Math.max(0, STALL_MILLIS - millisSince(begin)));
            disk.goOn();
            awaitProgress(cluster, model);
            model.stop();
            assertEquals(model.readAll(other), model.readAll(leader));
            model.requireHolds(cluster.tails());
            cluster.requireEqualReplicas();
            cluster.requireNoFault();
        }
    }

    private static long millisSince(long begin) {
        return (System.nanoTime() - begin) / 1_000_000;
    }

    private static int slot() {
        return Slot.of(KEY.getBytes(StandardCharsets.UTF_8));
    }

    private static NodeProcess leaderOf(Cluster cluster) {
        assertTrue(
                Pause.until(PROGRESS_MILLIS_MAX, () -> cluster.leaderOf(slot()).isPresent()), cluster::tails);
        return cluster.leaderOf(slot()).orElseThrow();
    }

    private static boolean isLedElsewhere(Cluster cluster, NodeProcess stalled) {
        return cluster.leaderOf(slot()).filter(node -> node != stalled).isPresent();
    }

    private static boolean writes(NodeProcess node) {
        try (Connection connection = Connection.open(node.port())) {
            return connection.call("SET", KEY, "1") instanceof Answer.Done;
        } catch (IOException notServing) {
            return false;
        }
    }

    private static void awaitProgress(Cluster cluster, Model model) {
        long before = model.done();
        assertTrue(
                Pause.until(PROGRESS_MILLIS_MAX, () -> model.done() > before + 200),
                () -> "no progress " + model + cluster.tails());
    }
}
