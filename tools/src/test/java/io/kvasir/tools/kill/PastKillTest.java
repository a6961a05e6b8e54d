package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.proto.json.Json;
import io.kvasir.tools.admin.Ctl;
import io.kvasir.tools.process.LaunchedCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Rule K8 with real processes: what AT shows of several moments is what a model says, at every node, before and after
 * leaders are killed, all nodes are killed at once, and everything is flushed.
 */
@Tag("kill")
final class PastKillTest {

    private static final int RANGES = 4;
    private static final int KEYS = 40;
    private static final int MOMENTS = 6;
    private static final int PATIENCE = 600;
    private static final long SEED = 8;

    private final Random random = new Random(SEED);
    private final Map<String, String> present = new TreeMap<>();
    private final TreeMap<Long, Map<String, String>> stood = new TreeMap<>();

    @Test
    void k8AtShowsWhatStoodBeforeKillsRestartsAndAFlush() throws IOException {
        try (LaunchedCluster cluster = LaunchedCluster.startWithRanges(3, RANGES)) {
            String early = ctl(cluster, "history", "--json");
            assertTrue(early.contains("\"databases\":[]"), early);
            ctl(cluster, "history", "retention", "0", "600");
            assertTrue(ctl(cluster, "history").contains("600"));
            awaitKept(cluster);
            try (Connection connection = Connection.open(cluster.port(0))) {
                long before = time(connection) - 60_000;
                for (int i = 0; i < MOMENTS; i++) {
                    if (i == 2 || i == 4) { // before the flush and after it
                        split(cluster, "key" + i);
                    }
                    change(connection, i);
                    stood.put(time(connection), new TreeMap<>(present));
                }
                check(cluster.port(1));
                assertRefused(connection, before);
            }
            cluster.kill(0);
            check(cluster.port(1));
            cluster.restart(0);
            cluster.killAll();
            cluster.restartAll();
            for (int node = 0; node < cluster.nodes(); node++) {
                check(cluster.port(node));
            }
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            assertEquals(0, cluster.verify(said), () -> said.toString(StandardCharsets.UTF_8));
        }
    }

    private static String ctl(LaunchedCluster cluster, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = run(cluster, out, err, words);
        assertEquals(0, code, () -> err.toString(StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Returns why it is refused, as by a range that has an operator; empty if it is not. */
    private static String tryCtl(LaunchedCluster cluster, String... words) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        run(cluster, new ByteArrayOutputStream(), err, words);
        return err.toString(StandardCharsets.UTF_8);
    }

    private static int run(
            LaunchedCluster cluster, ByteArrayOutputStream out, ByteArrayOutputStream err, String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.add("--dir=" + cluster.folder());
        return Ctl.run(
                all,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    /** Splits the range of {@code key} at that key. */
    private static void split(LaunchedCluster cluster, String key) {
        int before = ranges(cluster).size();
        String refusal = "";
        for (int i = 0; i < PATIENCE / 4 && ranges(cluster).size() == before; i++) {
            Json.Members range = (Json.Members) Json.parse(ctl(cluster, "range", "key", key, "--json"));
            String id = Objects.requireNonNull(range.values().get("id")).text();
            refusal = tryCtl(cluster, "operator", "add", "split-region", id, "--key", key);
            Pause.millis(200);
        }
        String last = refusal;
        assertEquals(before + 1, ranges(cluster).size(), () -> last + ctl(cluster, "operator"));
    }

    private static List<Json> ranges(LaunchedCluster cluster) {
        return ((Json.Elements) Json.parse(ctl(cluster, "range", "--json"))).values();
    }

    /** Asks until every range keeps its past at its leader: a follower hears of an entry's end with the next one. */
    private static void awaitKept(LaunchedCluster cluster) throws IOException {
        for (int i = 0; i < PATIENCE; i++) {
            int kept = 0;
            for (int node = 0; node < cluster.nodes(); node++) {
                try (Connection connection = Connection.open(cluster.port(node))) {
                    kept += (int) done(connection.call("INFO", "everything"))
                            .text()
                            .lines()
                            .filter(line -> line.contains("horizon=") && !line.contains("term=0,"))
                            .count();
                }
            }
            if (kept == RANGES) {
                return;
            }
            Pause.millis(20);
        }
        fail("not every range keeps its past");
    }

    /** Writes, deletes and overwrites; in the middle everything is flushed. */
    private void change(Connection connection, int round) {
        for (int i = 0; i < KEYS; i++) {
            String key = "key" + i;
            switch (random.nextInt(4)) {
                case 0 -> {
                    done(connection.call("DEL", key));
                    present.remove(key);
                }
                case 1 -> {
                    done(connection.call("MSET", key, "m" + round, "other" + i, "o" + round));
                    present.put(key, "m" + round);
                    present.put("other" + i, "o" + round);
                }
                default -> {
                    String value = "v" + round + "x".repeat(random.nextInt(3) * 1_500);
                    done(connection.call("SET", key, value));
                    present.put(key, value);
                }
            }
        }
        if (round == MOMENTS / 2) {
            done(connection.call("FLUSHDB"));
            present.clear();
        }
    }

    private static long time(Connection connection) {
        List<?> parts = done(connection.call("TIME")).list();
        long millis = Long.parseLong(String.valueOf(parts.get(0))) * 1_000
                + Long.parseLong(String.valueOf(parts.get(1))) / 1_000;
        long later = millis;
        while (later <= millis + 1) { // all that was written is at or before this millisecond, all else is after it
            List<?> now = done(connection.call("TIME")).list();
            later = Long.parseLong(String.valueOf(now.get(0))) * 1_000
                    + Long.parseLong(String.valueOf(now.get(1))) / 1_000;
        }
        return millis + 1;
    }

    private void check(int port) throws IOException {
        try (Connection connection = Connection.open(port)) {
            stood.forEach((millis, then) -> {
                for (int i = 0; i < KEYS; i++) {
                    for (String key : List.of("key" + i, "other" + i)) {
                        Answer answer = connection.call("AT", Long.toString(millis), "GET", key);
                        assertEquals(String.valueOf(then.get(key)), done(answer).text(), () -> key + " at " + millis);
                    }
                }
                List<String> all = new ArrayList<>(List.of("AT", Long.toString(millis), "EXISTS"));
                for (int i = 0; i < KEYS; i++) {
                    all.add("key" + i);
                    all.add("other" + i);
                }
                Answer there = connection.call(all.toArray(String[]::new));
                assertEquals(then.size(), done(there).number(), () -> "keys at " + millis);
            });
        }
    }

    private static void assertRefused(Connection connection, long millis) {
        Answer answer = connection.call("AT", Long.toString(millis), "GET", "key1");
        assertTrue(
                answer instanceof Answer.Wrong(String error) && error.contains("below the history horizon"),
                answer::toString);
    }

    private static Answer.Done done(Answer answer) {
        return answer instanceof Answer.Done done ? done : fail(answer.toString());
    }
}
