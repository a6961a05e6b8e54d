package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.json.Json;
import io.kvasir.tools.admin.Ctl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranges that are split while clients write, and while nodes are killed. */
@Tag("kill")
final class SplitTest {

    /**
     * Longest pause of a key while its range is split, in the median. On a quiet machine
     * {@code -Dkvasir.pause.millis=200} holds; one that others use shows pauses of its own.
     */
    private static final long PAUSE_MILLIS_MAX = Long.getLong("kvasir.pause.millis", 1_000);

    private static final int SPLITS = 5;
    private static final int ROUNDS = Integer.getInteger("kvasir.kill.rounds", 3);
    private static final int ROUND_KEYS = 150;

    @TempDir
    private Path folder;

    @Test
    void rangesSplitUnderLoadAndNobodyNoticesButAMomentsPause() throws Exception {
        try (Cluster cluster = new Cluster(folder, 3, 3);
                Model load = new Model(6)) {
            start(cluster);
            assertEquals(0, run(cluster, 1, "scheduler", "pause", "balance-leader", "600"));
            load.start(cluster.nodes(), Seed.of(0).random());
            String key = "paused";
            KeySeries series = new KeySeries(cluster.node(1).port(), key);
            Thread client = Thread.ofPlatform().start(series);
            List<Long> pauses = new ArrayList<>();
            try {
                for (int i = 0; i < SPLITS; i++) {
                    Pause.millis(300);
                    int before = ranges(cluster).size();
                    String id = text((Json.Members) ctl(cluster, 0, "range", "key", key), "id");
                    series.takeLongest();
                    requireSplit(cluster, id);
                    awaitRanges(cluster, before + 1);
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
            requireAllIsThere(cluster, load, 1);
            Collections.sort(pauses);
            System.out.println("longest pause of a key in each of " + SPLITS + " splits, ms: " + pauses + "; " + load);
            assertTrue(pauses.get(SPLITS / 2) <= PAUSE_MILLIS_MAX, "pauses " + pauses);
        }
    }

    @Test
    void killsRoundASplitLoseNothing() throws Exception {
        RandomGenerator random = Seed.of(0).random();
        try (Cluster cluster = new Cluster(folder, 3, 3);
                Model load = new Model(6)) {
            start(cluster);
            load.start(cluster.nodes(), random);
            for (int round = 0; round < ROUNDS; round++) {
                Pause.millis(500);
                List<String> all = ranges(cluster);
                NodeProcess killed = cluster.node(random.nextInt(3));
                int asked = (killed.index() + 1) % 3;
                run(cluster, asked, "operator", "add", "split-region", all.get(random.nextInt(all.size())));
                Pause.millis(random.nextInt(1_500));
                killed.kill();
                Pause.millis(random.nextInt(3_000));
                cluster.startAll();
                cluster.nodes().forEach(NodeProcess::awaitReady);
            }
            load.stop();
            assertTrue(ranges(cluster).size() > 3, "nothing was split");
            requireAllIsThere(cluster, load, 0);
            System.out.println("kills round splits: ranges " + ranges(cluster).size() + "; " + load);
        }
    }

    @Test
    void theRangeOfOneNodeIsSplitAndOpensAgainAfterAKill() throws Exception {
        try (Cluster cluster = new Cluster(folder, 1, 1);
                Model load = new Model(3)) {
            start(cluster);
            load.start(cluster.nodes(), Seed.of(0).random());
            for (int i = 2; i <= 4; i++) {
                Pause.millis(300);
                requireSplit(cluster, ranges(cluster).getFirst());
                awaitRanges(cluster, i);
            }
            cluster.node(0).kill();
            cluster.startAll();
            cluster.node(0).awaitReady();
            Pause.millis(500);
            load.stop();
            assertEquals(4, ranges(cluster).size());
            requireAllIsThere(cluster, load, 0);
        }
    }

    @Test
    void aRangeThatGrowsIsSplitByItselfAlsoWithinASlot() throws Exception {
        int rounds = 50;
        try (Cluster cluster = new Cluster(folder, 1, 1, "range.split-size=1MiB");
                Connection connection = connectedTo(cluster)) {
            for (int round = 0; round < rounds; round++) {
                assertEquals(new Answer.Done("OK"), connection.call(grownKeys(round, true)));
            }
            // Of three MiB in one slot, halved twice at the most, each part is as large as it may be.
            assertTrue(
                    Pause.until(60_000, () -> ranges(cluster).size() >= 4),
                    () -> "ranges " + ranges(cluster)
                            + ctl(cluster, 0, "scheduler", "describe", "split-size")
                                    .text());
            requireTiles(cluster);
            assertTrue(
                    lines(cluster).stream()
                            .anyMatch(range -> text(range, "start").contains("key \"{one}")),
                    () -> "no slot was split: " + lines(cluster));
            for (int pass = 0; pass < 2; pass++) {
                for (int round = 0; round < rounds; round++) {
                    String[] keys = grownKeys(round, false);
                    keys[0] = "EXISTS";
                    assertEquals(new Answer.Done((long) ROUND_KEYS), connection.call(keys));
                    assertEquals(new Answer.Done(400L), connection.call("STRLEN", keys[1 + round % (keys.length - 1)]));
                }
                assertEquals(new Answer.Done((long) rounds * ROUND_KEYS), connection.call("DBSIZE"));
                if (pass == 0) {
                    // Flushed, the database is another instance, of which all keys of the slot lie in its last part.
                    assertEquals(new Answer.Done("OK"), connection.call("FLUSHALL"));
                    assertEquals(new Answer.Done(0L), connection.call("DBSIZE"));
                    for (int round = 0; round < rounds; round++) {
                        assertEquals(new Answer.Done("OK"), connection.call(grownKeys(round, true)));
                    }
                }
            }
        }
    }

    private static Connection connectedTo(Cluster cluster) throws IOException {
        start(cluster);
        return Connection.open(cluster.node(0).port());
    }

    /** Returns an MSET of keys of one slot with values of 400 bytes, or their names after a word. */
    private static String[] grownKeys(int round, boolean values) {
        List<String> words = new ArrayList<>(List.of("MSET"));
        for (int i = 0; i < ROUND_KEYS; i++) {
            words.add("{one}" + round + ":" + i);
            if (values) {
                words.add("v".repeat(400));
            }
        }
        return words.toArray(String[]::new);
    }

    /** Asks for a split, again while the range has another operator. */
    private static void requireSplit(Cluster cluster, String range) {
        int node = cluster.nodes().size() - 1;
        assertTrue(
                Pause.until(30_000, () -> run(cluster, node, "operator", "add", "split-region", range) == 0),
                cluster::tails);
    }

    private static void start(Cluster cluster) {
        cluster.startAll();
        cluster.nodes().forEach(NodeProcess::awaitReady);
        assertTrue(Pause.until(20_000, () -> !ranges(cluster).isEmpty()), cluster::tails);
    }

    private static void awaitRanges(Cluster cluster, int count) {
        assertTrue(
                Pause.until(30_000, () -> ranges(cluster).size() == count),
                () -> "ranges " + ranges(cluster) + ctl(cluster, 0, "operator").text() + cluster.tails());
    }

    /** @param others keys that the load does not know of */
    private static void requireAllIsThere(Cluster cluster, Model load, int others) {
        int keys = load.readAll(cluster.node(0)).size();
        load.requireHolds(cluster.tails());
        for (NodeProcess node : cluster.nodes()) {
            load.requireSize(node, keys + others);
        }
        cluster.requireEqualReplicas();
        cluster.requireNoFault();
        requireTiles(cluster);
    }

    private static void requireTiles(Cluster cluster) {
        String expected = "slot 0";
        for (Json.Members range : lines(cluster)) {
            assertEquals(expected, text(range, "start"));
            expected = text(range, "end");
        }
        assertEquals("end", expected);
    }

    private static List<Json.Members> lines(Cluster cluster) {
        List<Json.Members> lines = new ArrayList<>();
        for (int node = 0; node < cluster.nodes().size() && lines.isEmpty(); node++) {
            if (ctl(cluster, node, "range") instanceof Json.Elements(List<Json> all)) {
                all.forEach(line -> lines.add((Json.Members) line));
            }
        }
        return lines;
    }

    /** Returns the ids of all ranges, in key order. */
    private static List<String> ranges(Cluster cluster) {
        return lines(cluster).stream().map(line -> text(line, "id")).toList();
    }

    private static String text(Json.Members object, String name) {
        Json value = object.values().get(name);
        return value instanceof Json.Text(String text) ? text : String.valueOf(value == null ? "" : value.text());
    }

    /** Returns what {@code ./kvasir ctl} prints of {@code words} as JSON, or what it says is wrong. */
    private static Json ctl(Cluster cluster, int node, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> command = command(cluster, node, words);
        command.add("--json");
        int ended = Ctl.run(command, new PrintStream(out), new PrintStream(err));
        return ended == 0
                ? Json.parse(out.toString(StandardCharsets.UTF_8))
                : new Json.Members(Map.of("error", new Json.Text(err.toString(StandardCharsets.UTF_8))));
    }

    private static int run(Cluster cluster, int node, String... words) {
        return Ctl.run(command(cluster, node, words), System.out, System.out);
    }

    private static List<String> command(Cluster cluster, int node, String... words) {
        List<String> command = new ArrayList<>(List.of(
                "--http-port",
                Integer.toString(cluster.httpPort(node)),
                "--token",
                cluster.node(node).data().resolve("admin.token").toString()));
        command.addAll(List.of(words));
        return command;
    }
}
