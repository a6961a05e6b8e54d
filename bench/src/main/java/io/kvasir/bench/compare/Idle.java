package io.kvasir.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code ./kvasir bench --idle}: what a store with many ranges costs while nobody uses them, and while each is used
 * just often enough to stay awake.
 *
 * <p>Asleep: nothing was asked for so long that no range is awake. Awake: one key of every range is read every
 * {@value #TOUCH_SECONDS} s, so that each leader renews its lease; that includes the reads themselves. CPU is that of
 * one process in percent of one core. Confined to the main thread, but for the hook that stops what was started.
 */
final class Idle {

    static final int TOUCH_SECONDS = 5;

    /** Reads of all ranges before the first measurement, so that most of what runs is compiled. */
    private static final int WARM_UP_TOUCHES = 3;

    private static final int RANGES_MAX = 4096;
    private static final int SLOTS = 16_384;
    private static final int SLEEP_SECONDS_MAX = 90;

    /** Groups that may be awake in a store that sleeps: that of the placement driver. */
    private static final int AWAKE_ASLEEP_MAX = 1;

    /** What one process used in one phase. */
    private record Row(String cluster, String phase, int node, double corePercent, long residentBytes, int awake) {}

    private final Path root;
    private final int ranges;
    private final int seconds;
    private final PrintStream out;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> starts = new ArrayList<>();

    private Idle(Path root, int ranges, int seconds, PrintStream out) {
        this.root = root;
        this.ranges = ranges;
        this.seconds = seconds;
        this.out = out;
    }

    /** Reads {@code --ranges N --seconds S --nodes 1|3 --out DIR|none}, measures, and writes the results. */
    static void main(String[] arguments, Path root) throws IOException {
        try {
            int ranges = 500;
            int seconds = 20;
            List<Integer> nodes = List.of(1, 3);
            List<Path> results = List.of(root.resolve("bench/results"));
            for (int i = 0; i < arguments.length; i += 2) {
                if (i + 1 == arguments.length) {
                    throw new BenchException(arguments[i] + " needs a value");
                }
                String value = arguments[i + 1];
                switch (arguments[i]) {
                    case "--ranges" -> ranges = integer(arguments[i], value, RANGES_MAX);
                    case "--seconds" -> seconds = integer(arguments[i], value, 600);
                    case "--nodes" -> nodes = List.of(integer(arguments[i], value, 9));
                    case "--out" -> results = value.equals("none") ? List.of() : List.of(Path.of(value));
                    default ->
                        throw new BenchException(
                                arguments[i] + " is no flag of --idle; there are --ranges, --seconds, --nodes, --out");
                }
            }
            new Idle(root, ranges, seconds, System.out).run(nodes, results);
        } catch (BenchException wrong) {
            System.err.println("kvasir bench: " + wrong.getMessage());
            System.exit(1);
        }
    }

    private void run(List<Integer> nodes, List<Path> results) throws IOException {
        Surroundings surroundings = Surroundings.now(root);
        for (int count : nodes) {
            Path directory = Files.createTempDirectory("kvasir-idle");
            try (KvasirCluster cluster =
                    KvasirCluster.start(root, count, ranges, Compare.freePort(), directory.resolve("data"))) {
                Thread stop = new Thread(cluster::close);
                Runtime.getRuntime().addShutdownHook(stop);
                measure(cluster);
                Runtime.getRuntime().removeShutdownHook(stop);
            }
            Compare.delete(directory);
        }
        String text = markdown(surroundings);
        out.println("\n" + text);
        for (Path directory : results) {
            Files.createDirectories(directory);
            Path file = directory.resolve(LocalDate.now(ZoneOffset.UTC) + "-idle.md");
            Files.writeString(file, text);
            out.println("written to " + file);
        }
    }

    private void measure(KvasirCluster cluster) throws IOException {
        starts.add(String.format(Locale.ROOT, "%s: ready after %.1f s", cluster.name(), cluster.startSeconds()));
        out.println(starts.getLast());
        Collection<String> keys = keys();
        try (Connection connection = new Connection(cluster.port())) {
            for (int i = 0; i < WARM_UP_TOUCHES; i++) {
                touch(connection, keys);
                Processes.pause(TOUCH_SECONDS * 1_000L);
            }
            measure(cluster, "awake", () -> {
                for (int i = 0; i < Math.max(1, seconds / TOUCH_SECONDS); i++) {
                    touch(connection, keys);
                    Processes.pause(TOUCH_SECONDS * 1_000L);
                }
            });
        }
        awaitSleep(cluster);
        measure(cluster, "asleep", () -> Processes.pause(seconds * 1_000L));
    }

    private void measure(KvasirCluster cluster, String phase, Runnable meanwhile) {
        List<Double> before = cluster.processes().stream()
                .map(pid -> Processes.cpuSeconds(List.of(pid)))
                .toList();
        long begin = System.nanoTime();
        meanwhile.run();
        double took = (System.nanoTime() - begin) / 1e9;
        for (int node = 0; node < before.size(); node++) {
            List<Long> process = List.of(cluster.processes().get(node));
            double cpu = Processes.cpuSeconds(process) - before.get(node);
            rows.add(new Row(
                    cluster.name(),
                    phase,
                    node,
                    cpu * 100 / took,
                    Processes.residentBytes(process),
                    awake(cluster, node)));
            out.println(line(rows.getLast()));
        }
    }

    private static void awaitSleep(KvasirCluster cluster) {
        for (int node = 0; node < cluster.processes().size(); node++) {
            for (int waited = 0; awake(cluster, node) > AWAKE_ASLEEP_MAX; waited++) {
                if (waited == SLEEP_SECONDS_MAX) {
                    throw new BenchException("ranges do not sleep after " + SLEEP_SECONDS_MAX + " s");
                }
                Processes.pause(1_000);
            }
        }
    }

    private static int awake(KvasirCluster cluster, int node) {
        Map<String, String> info = Connection.info(cluster.port() + node);
        return Integer.parseInt(info.get("raft_groups_awake"));
    }

    /** Reads one key of every range. */
    private static void touch(Connection connection, Collection<String> keys) {
        try {
            for (String key : keys) {
                connection.send(List.of("STRLEN", key));
            }
            for (int owed = keys.size(); owed > 0; owed--) {
                connection.await();
            }
        } catch (IOException failed) {
            throw new BenchException("a read failed (" + failed.getMessage() + ")");
        }
    }

    /** Returns a key of each range. */
    private Collection<String> keys() {
        Map<Integer, String> keys = new HashMap<>();
        for (int i = 0; keys.size() < ranges; i++) {
            keys.putIfAbsent(rangeOf(slot("k" + i)), "k" + i);
        }
        return keys.values();
    }

    /** Returns the range of {@code slot}: a cluster begins with ranges of equally many slots, give or take one. */
    private int rangeOf(int slot) {
        int range = Math.min(ranges - 1, slot / (SLOTS / ranges));
        while (SLOTS / ranges * range + Math.min(range, SLOTS % ranges) > slot) {
            range--;
        }
        return range;
    }

    /** Returns the slot of {@code key}: CRC16 (XMODEM), as in Redis Cluster. */
    private static int slot(String key) {
        int crc = 0;
        for (byte each : key.getBytes(StandardCharsets.US_ASCII)) {
            crc ^= (each & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
            crc &= 0xffff;
        }
        return crc % SLOTS;
    }

    private String markdown(Surroundings surroundings) {
        StringBuilder text = new StringBuilder();
        text.append("# ").append(ranges).append(" idle ranges, ").append(LocalDate.now(ZoneOffset.UTC));
        text.append("\n\n`./kvasir bench --idle --ranges ").append(ranges).append(" --seconds ");
        text.append(seconds).append("` at ").append(surroundings.commit()).append("\n\n");
        text.append("- machine: ").append(surroundings.machine()).append(", ").append(surroundings.system());
        text.append("; load average at the beginning ").append(surroundings.loadAverage());
        text.append("\n- ").append(surroundings.jdk()).append('\n');
        starts.forEach(start -> text.append("- ").append(start).append('\n'));
        text.append(
                "\nEvery node has a replica of every range. Asleep: no range was used for long. Awake: one key of ");
        text.append("every range is read every ").append(TOUCH_SECONDS);
        text.append(" s.\n\n| cluster | | node | CPU, % of a core | resident, MiB | groups awake |\n");
        text.append("|---|---|--:|--:|--:|--:|\n");
        rows.forEach(row -> text.append(line(row)).append('\n'));
        return text.toString();
    }

    private static String line(Row row) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %d | %.1f | %d | %d |",
                row.cluster(),
                row.phase(),
                row.node(),
                row.corePercent(),
                row.residentBytes() >> 20,
                row.awake());
    }

    private static int integer(String flag, String text, int max) {
        int value = text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : -1;
        if (value < 1 || value > max) {
            throw new BenchException(flag + ": '" + text + "' is not within 1 to " + max);
        }
        return value;
    }
}
