package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leaders that move by themselves, by hand and before a node stops, on one cluster of three nodes. */
@Tag("kill")
final class LeaderMoveTest {

    private static final int RANGES = 9;

    /** After a node is back its share of leaders is too, within this time of its serving. */
    private static final long EVEN_MILLIS_MAX = 30_000;

    /** Longest pause of a key while its leader moves. */
    private static final long PAUSE_MILLIS_MAX = 200;

    private static final int TRANSFERS = 6;

    @TempDir
    private static Path folder;

    private static Cluster cluster;

    @BeforeAll
    static void createCluster() throws IOException {
        cluster = new Cluster(folder, 3, RANGES);
    }

    @AfterAll
    static void endCluster() {
        cluster.close();
    }

    @BeforeEach
    void allNodesRunAndHoldNothing() throws IOException {
        cluster.startAll();
        awaitEven();
        try (Connection connection = Connection.open(cluster.node(1).port())) {
            assertInstanceOf(Answer.Done.class, connection.call("FLUSHALL"));
        }
    }

    @Test
    void leadersAreEvenAgainWhenAKilledNodeIsBackAndNothingIsLost() {
        try (Model load = new Model(6)) {
            load.start(cluster.nodes(), Seed.of(0).random());
            Pause.until(20_000, () -> load.done() > 500);
            cluster.node(0).kill();
            Pause.until(20_000, () -> leaders(1).getOrDefault(1L, 0) == 0);
            cluster.startAll();
            long begin = System.nanoTime();
            awaitEven();
            System.out.println(
                    "leaders even " + (System.nanoTime() - begin) / 1_000_000 + " ms after the node served again");
            load.stop();
            load.readAll(cluster.node(1));
            load.requireHolds(cluster.tails());
            System.out.println(load);
        }
        cluster.requireNoFault();
    }

    @Test
    void aNodeThatIsToldToStopGivesItsLeadersAwayFirst() {
        try (Model load = new Model(4)) {
            load.start(cluster.nodes().subList(1, 3), Seed.of(0).random());
            Pause.until(20_000, () -> load.done() > 300);
            long begin = System.nanoTime();
            cluster.node(0).terminate(20_000);
            System.out.println("stopped in " + (System.nanoTime() - begin) / 1_000_000 + " ms");
            Pause.millis(500);
            load.stop();
            assertTrue(load.toString().contains(" noEffect=0 undetermined=0"), () -> load + cluster.tails());
            load.readAll(cluster.node(1));
            load.requireHolds(cluster.tails());
            System.out.println("planned stop: " + load);
            assertEquals(0, leaders(1).getOrDefault(1L, 0));
        }
        cluster.requireNoFault();
    }

    @Test
    void aLeaderMovedByHandPausesItsKeysForAMomentAlone() throws Exception {
        String key = "moved";
        Json.Members range = (Json.Members) ctl(0, 1, "range", "key", key);
        String id = text(range, "id");
        assertEquals(0, run(1, "scheduler", "pause", "balance-leader", "600"));
        Series series = new Series(cluster.node(1).port(), key);
        Thread client = Thread.ofPlatform().start(series);
        List<Long> pauses = new ArrayList<>();
        try {
            for (int i = 0; i < TRANSFERS; i++) {
                long from = Long.parseLong(text((Json.Members) ctl(0, 1, "range", id), "leader"));
                long to = from % 3 + 1;
                Pause.millis(300);
                series.takeLongest();
                ctl(0, 1, "operator", "add", "transfer-leader", id, Long.toString(to));
                Pause.until(10_000, () -> text((Json.Members) ctl(0, 1, "range", id), "leader")
                        .equals(Long.toString(to)));
                Pause.millis(100);
                pauses.add(series.takeLongest());
            }
        } finally {
            series.over = true;
            client.join();
            run(1, "scheduler", "resume", "balance-leader");
        }
        assertEquals(List.of(), series.errors, cluster::tails);
        Collections.sort(pauses);
        System.out.println("longest pause of a key in each of " + TRANSFERS + " transfers, ms: " + pauses);
        assertTrue(pauses.get(TRANSFERS / 2) <= PAUSE_MILLIS_MAX, "pauses " + pauses);
        cluster.requireNoFault();
    }

    @Test
    void wrongIdsRefusalsAndSilenceHaveTheirExitCodes() {
        assertEquals(1, run(0, "store", "77"));
        assertEquals(1, run(0, "range", "77777"));
        assertEquals(2, run(0, "store", "x"));
        assertEquals(2, run(0, "operator", "add", "transfer-leader", "1"));
        assertEquals(1, run(0, "operator", "add", "transfer-leader", "1", "9"));
        long leader = Long.parseLong(text((Json.Members) ctl(0, 0, "range", "1"), "leader"));
        assertEquals(1, run(0, "operator", "add", "transfer-leader", "1", Long.toString(leader)));
        assertEquals(1, run(0, "scheduler", "describe", "nothing"));
        assertEquals(2, run(0, "nothing"));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream none = new PrintStream(new ByteArrayOutputStream());
        assertEquals(3, Ctl.run(List.of("--http-port", "1", "cluster"), none, new PrintStream(err)));
        assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
        for (String what : List.of("cluster", "store", "range", "member", "tso", "health", "operator", "scheduler")) {
            assertEquals(0, run(2, what), what);
        }
        assertEquals(0, run(2, "scheduler", "describe", "balance-leader"));
    }

    private static void awaitEven() {
        for (NodeProcess node : cluster.nodes()) {
            node.awaitReady();
        }
        assertTrue(
                Pause.until(EVEN_MILLIS_MAX, () -> {
                    Map<Long, Integer> leaders = leaders(1);
                    return leaders.size() == 3 && leaders.values().stream().allMatch(count -> count == RANGES / 3);
                }),
                () -> "leaders " + leaders(1) + cluster.tails());
    }

    /** Returns the number of leaders of each store, as told by {@code node}. */
    private static Map<Long, Integer> leaders(int node) {
        Map<Long, Integer> leaders = new TreeMap<>();
        if (ctl(0, node, "store") instanceof Json.Elements(List<Json> stores)) {
            for (Json store : stores) {
                Json.Members line = assertInstanceOf(Json.Members.class, store);
                leaders.put(Long.parseLong(text(line, "id")), Integer.parseInt(text(line, "leaders")));
            }
        }
        return leaders;
    }

    private static String text(Json.Members object, String name) {
        Json value = object.values().get(name);
        return value instanceof Json.Text(String text) ? text : String.valueOf(value == null ? "" : value.text());
    }

    /** Returns what {@code ./kvasir ctl} prints of {@code words} as JSON; fails unless it ends with {@code code}. */
    private static Json ctl(int code, int node, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int ended = Ctl.run(command(node, words), new PrintStream(out), new PrintStream(err));
        if (ended != code) {
            return new Json.Text(err.toString(StandardCharsets.UTF_8));
        }
        return Json.parse(out.toString(StandardCharsets.UTF_8));
    }

    private static int run(int node, String... words) {
        List<String> command = command(node, words);
        return Ctl.run(command.subList(0, command.size() - 1), System.out, System.out);
    }

    private static List<String> command(int node, String... words) {
        List<String> command = new ArrayList<>(List.of(
                "--http-port",
                Integer.toString(cluster.httpPort(node)),
                "--token",
                cluster.node(node).data().resolve("admin.token").toString()));
        command.addAll(List.of(words));
        command.add("--json");
        return command;
    }

    /** One client that increments a key without end, and the longest it waited. */
    private static final class Series implements Runnable {

        private final int port;
        private final String key;
        private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
        private volatile boolean over;
        private long longestNanos;

        Series(int port, String key) {
            this.port = port;
            this.key = key;
        }

        /** Returns the longest wait since this was asked before, in ms. */
        synchronized long takeLongest() {
            long longest = longestNanos;
            longestNanos = 0;
            return longest / 1_000_000;
        }

        private synchronized void waited(long nanos) {
            longestNanos = Math.max(longestNanos, nanos);
        }

        @Override
        public void run() {
            try (Connection connection = Connection.open(port)) {
                while (!over) {
                    long begin = System.nanoTime();
                    Answer answer = connection.call("INCR", key);
                    waited(System.nanoTime() - begin);
                    if (!(answer instanceof Answer.Done)) {
                        errors.add(answer.toString());
                    }
                }
            } catch (IOException lost) {
                errors.add(lost.toString());
            }
        }
    }
}
