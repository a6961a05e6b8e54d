package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.kill.Control.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that are moved from node to node while clients write, and while nodes are killed. */
@Tag("kill")
final class MoveTest {

    private static final int NODES = 4;
    private static final int MOVES = 3;
    private static final int ROUNDS = Integer.getInteger("kvasir.kill.rounds", 3);
    private static final int MOVE_MILLIS_MAX = 60_000;

    /**
     * Longest pause of a key while a replica of its range is moved, in the median. On a quiet machine
     * {@code -Dkvasir.pause.millis=200} holds; one that others use shows pauses of its own.
     */
    private static final long PAUSE_MILLIS_MAX = Long.getLong("kvasir.pause.millis", 1_000);

    @TempDir
    private Path folder;

    @Test
    void replicasMoveUnderLoadAndNobodyNoticesButAMomentsPause() throws Exception {
        RandomGenerator random = Seed.of(0).random();
        try (Cluster cluster = new Cluster(folder, NODES, 3);
                Model load = new Model(6)) {
            Control control = start(cluster);
            assertEquals(0, control.run(1, "scheduler", "pause", "balance-leader", "600"));
            load.start(cluster.nodes(), random);
            KeySeries series = new KeySeries(cluster.node(0).port(), "paused");
            Thread client = Thread.ofPlatform().start(series);
            List<Long> pauses = new ArrayList<>();
            try {
                for (int i = 0; i < MOVES; i++) {
                    Pause.millis(300);
                    // Each second time the leader's replica goes, which gives the lead away first.
                    Shown range = control.ranges().get(i % 3);
                    String from = i % 2 == 0 ? range.leader() : range.voters().get(random.nextInt(3));
                    String to = elsewhere(range);
                    series.takeLongest();
                    requireMove(cluster, control, range.id(), from, to);
                    Pause.millis(200);
                    pauses.add(series.takeLongest());
                }
            } finally {
                series.end();
                client.join();
            }
            load.stop();
            assertEquals(List.of(), series.errors(), cluster::tails);
            assertTrue(load.toString().contains(" noEffect=0 undetermined=0"), () -> load + cluster.tails());
            requireAllIsThere(cluster, control, load, 1);
            Collections.sort(pauses);
            System.out.println("longest pause of a key in each of " + MOVES + " moves, ms: " + pauses + "; " + load);
            assertTrue(pauses.get(MOVES / 2) <= PAUSE_MILLIS_MAX, "pauses " + pauses);
        }
    }

    @Test
    void aRangeThatWasSplitMovesByASnapshotAndNeverByItsOldLog() throws Exception {
        try (Cluster cluster = new Cluster(folder, NODES, 3);
                Model load = new Model(3)) {
            Control control = start(cluster);
            load.start(cluster.nodes(), Seed.of(0).random());
            for (int i = 0; i < 3; i++) {
                Pause.millis(500);
                Shown whole = control.ranges().getFirst();
                int before = control.ranges().size();
                assertTrue(
                        Pause.until(30_000, () -> control.run(3, "operator", "add", "split-region", whole.id()) == 0),
                        cluster::tails);
                assertTrue(Pause.until(30_000, () -> control.ranges().size() == before + 1), cluster::tails);
                // First the part that was split off, then the rest goes to the same node.
                Shown child = control.ranges().get(1);
                String to = elsewhere(child);
                requireMove(cluster, control, child.id(), child.voters().get(i % 3), to);
                Shown rest = control.ranges().getFirst();
                requireMove(cluster, control, rest.id(), rest.voters().get(i % 3), to);
            }
            load.stop();
            requireAllIsThere(cluster, control, load, 0);
        }
    }

    @Test
    void killsRoundAMoveLoseNothingAndTheMoveEnds() throws Exception {
        RandomGenerator random = Seed.of(0).random();
        try (Cluster cluster = new Cluster(folder, NODES, 3);
                Model load = new Model(6)) {
            Control control = start(cluster);
            load.start(cluster.nodes(), random);
            int moves = 0;
            for (int round = 0; round < ROUNDS; round++) {
                Pause.millis(500);
                Shown range = control.ranges().get(random.nextInt(3));
                String from = range.voters().get(random.nextInt(range.voters().size()));
                String to = elsewhere(range);
                // Source, target, leader or any other; one of the first three leads the placement driver too.
                NodeProcess killed = cluster.node(random.nextInt(NODES));
                int asked = (killed.index() + 1) % NODES;
                if (control.run(asked, "operator", "add", "transfer-peer", range.id(), from, to) == 0) {
                    moves++;
                }
                Pause.millis(random.nextInt(2_500));
                killed.kill();
                Pause.millis(random.nextInt(3_000));
                cluster.startAll();
                cluster.nodes().forEach(NodeProcess::awaitReady);
            }
            assertTrue(
                    Pause.until(
                            MOVE_MILLIS_MAX,
                            () -> control.ranges().size() == 3
                                    && control.ranges().stream()
                                            .allMatch(range -> range.changing().isEmpty()
                                                    && range.voters().size() == 3)),
                    () -> control.ranges() + control.operators() + cluster.tails());
            load.stop();
            assertTrue(moves > 0, "nothing was moved");
            requireAllIsThere(cluster, control, load, 0);
            System.out.println("kills round moves: " + moves + "; " + control.ranges() + "; " + load);
        }
    }

    @Test
    void aNodeThatStopsGivesAwayRangesWhoseReplicasAreBeingMovedToo() throws Exception {
        try (Cluster cluster = new Cluster(folder, NODES, 1);
                Model load = new Model(4)) {
            Control control = start(cluster);
            Shown range = control.ranges().getFirst();
            // The one that is to have a replica stands still, so that the move does not end.
            String to = elsewhere(range);
            assertEquals("4", to, "the others have the placement driver");
            NodeProcess stops = cluster.node(Integer.parseInt(range.leader()) - 1);
            NodeProcess still = cluster.node(NODES - 1);
            List<NodeProcess> others = cluster.nodes().stream()
                    .filter(node -> node != stops && node != still)
                    .toList();
            load.start(others, Seed.of(0).random());
            String from = range.voters().stream()
                    .filter(voter -> !voter.equals(range.leader()))
                    .findFirst()
                    .orElseThrow();
            still.freeze();
            assertEquals(0, control.run(1, "operator", "add", "transfer-peer", range.id(), from, to));
            assertTrue(Pause.until(10_000, () -> stops.tail().contains("changes voters")), cluster::tails);
            stops.terminate(20_000);
            Pause.millis(500);
            load.stop();
            System.out.println("a stop in the midst of a move: " + load);
            assertTrue(load.toString().contains(" noEffect=0 undetermined=0"), () -> load + cluster.tails());
            still.thaw();
            cluster.startAll();
            cluster.nodes().forEach(NodeProcess::awaitReady);
            assertTrue(
                    Pause.until(MOVE_MILLIS_MAX, () -> control.ranges().stream()
                            .anyMatch(now ->
                                    now.voters().contains(to) && now.changing().isEmpty())),
                    () -> control.ranges() + control.operators() + cluster.tails());
            requireAllIsThere(cluster, control, load, 0);
        }
    }

    /** Returns a node that has no replica of {@code range}. */
    private static String elsewhere(Shown range) {
        for (int node = 1; node <= NODES; node++) {
            if (!range.voters().contains(Integer.toString(node))) {
                return Integer.toString(node);
            }
        }
        throw new AssertionError("every node has a replica of " + range);
    }

    private static void requireMove(Cluster cluster, Control control, String range, String from, String to) {
        assertTrue(
                Pause.until(30_000, () -> control.run(3, "operator", "add", "transfer-peer", range, from, to) == 0),
                cluster::tails);
        assertTrue(
                Pause.until(MOVE_MILLIS_MAX, () -> control.ranges().stream()
                        .anyMatch(now -> now.id().equals(range)
                                && now.voters().contains(to)
                                && !now.voters().contains(from)
                                && now.changing().isEmpty())),
                () -> control.ranges() + control.operators() + cluster.tails());
    }

    private static Control start(Cluster cluster) {
        cluster.startAll();
        cluster.nodes().forEach(NodeProcess::awaitReady);
        Control control = new Control(cluster);
        assertTrue(
                Pause.until(
                        20_000,
                        () -> !control.ranges().isEmpty()
                                && control.ranges().stream()
                                        .noneMatch(range -> range.leader().equals("0"))),
                cluster::tails);
        return control;
    }

    /** @param others keys that the load does not know of */
    private static void requireAllIsThere(Cluster cluster, Control control, Model load, int others) {
        int keys = load.readAll(cluster.node(0)).size();
        load.requireHolds(cluster.tails());
        for (NodeProcess node : cluster.nodes()) {
            load.requireSize(node, keys + others);
        }
        cluster.requireEqualReplicas();
        cluster.requireNoFault();
        String expected = "slot 0";
        for (Shown range : control.ranges()) {
            assertEquals(expected, range.start());
            expected = range.end();
        }
        assertEquals("end", expected);
    }
}
