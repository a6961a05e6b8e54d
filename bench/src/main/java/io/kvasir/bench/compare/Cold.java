package io.kvasir.bench.compare;

import io.kvasir.bench.compare.Storm.Weather;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * {@code ./kvasir bench --cold}: whether reads that wait for the disk hold up those that need not (rule K32).
 *
 * <p>One node holds more data than its memory. Some connections read a hundred hot keys. In the cold storm others read
 * keys from all over the data at the same time, while the system's page cache of the data is dropped twice a second. In
 * the warm storm the same connections read as many keys a second that are in memory: clients and server share the
 * machine, so this is what that many reads cost the hot ones even if nobody waits for a disk. The three take turns, and
 * latencies are those of the hot reads.
 *
 * <p>Hot reads are measured in two ways. Paced: at a stated rate that leaves most of the machine idle, so that what a
 * read waits for is the storm. Back to back: as fast as replies come, which keeps all cores of a small machine busy by
 * itself; the storm then takes part of them, and a read waits for a core whatever the server does (decision 0008).
 *
 * <p>Confined to the main thread, but for its clients.
 */
final class Cold {

    private static final int MEGABYTES_MAX = 100_000;
    private static final int CONNECTIONS_MAX = 1_000;
    private static final int RATE_MAX = 100_000;
    private static final int HOT_KEYS = 100;
    private static final int VALUE_BYTES = 2_000;
    private static final int PIPELINE = 100;
    private static final int DROP_MILLIS = 500;

    /** Between two phases: what the earlier one left is over. */
    private static final int SETTLE_MILLIS = 500;

    /** After the load: flushes and compactions end, most of what runs is compiled. */
    private static final int WARM_UP_SECONDS = 15;

    private static final String HEAD = """
            | hot reads | round | quiet: p50, p99 (ms) \
            | cold storm: p50, p99 (ms) | cold reads/s \
            | warm storm: p50, p99 (ms) | warm reads/s \
            | p99 cold/quiet | p99 warm/quiet |
            |---|---|---|---|---|---|---|---|---|""";

    private final KvasirCluster cluster;
    private final Measure plan;
    private final PrintStream out;

    /**
     * What the command line says.
     *
     * @param megabytes of values
     * @param connections of the storm
     * @param seconds of each phase
     * @param rounds of each way to read
     * @param hotRate paced hot reads a second
     * @param stormRate reads a second of the storm; 0: as many as there can be
     */
    private record Measure(int megabytes, int connections, int seconds, int rounds, int hotRate, int stormRate) {}

    /** The hot reads of one phase, in ms, and how many reads a second the storm got. */
    private record Phase(double p50, double p99, long hotPerSecond, long stormPerSecond, String threads) {}

    private Cold(KvasirCluster cluster, Measure plan, PrintStream out) {
        this.cluster = cluster;
        this.plan = plan;
        this.out = out;
    }

    /** Reads the flags, measures and prints. */
    static void main(String[] arguments, Path root) throws IOException {
        Measure plan = plan(arguments);
        Path directory = Files.createTempDirectory("kvasir-cold");
        Thread delete = new Thread(() -> Compare.delete(directory));
        Runtime.getRuntime().addShutdownHook(delete);
        try (KvasirCluster cluster = KvasirCluster.start(root, 1, 1, Compare.freePort(), directory.resolve("node"))) {
            new Cold(cluster, plan, System.out).run(directory);
        }
    }

    private static Measure plan(String[] arguments) {
        int megabytes = 1024;
        int connections = 8;
        int seconds = 6;
        int rounds = 3;
        int hotRate = 4_000;
        int stormRate = 0;
        for (int i = 0; i < arguments.length; i += 2) {
            String flag = arguments[i];
            if (i + 1 == arguments.length) {
                throw new BenchException(flag + " needs a value");
            }
            String value = arguments[i + 1];
            switch (flag) {
                case "--megabytes" -> megabytes = (int) Plan.number(flag, value, 1, MEGABYTES_MAX);
                case "--connections" -> connections = (int) Plan.number(flag, value, 1, CONNECTIONS_MAX);
                case "--seconds" -> seconds = (int) Plan.number(flag, value, 1, Plan.SECONDS_MAX);
                case "--rounds" -> rounds = (int) Plan.number(flag, value, 1, Plan.ROUNDS_MAX);
                case "--hot-rate" -> hotRate = (int) Plan.number(flag, value, 1, RATE_MAX);
                case "--storm-rate" -> stormRate = (int) Plan.number(flag, value, 0, RATE_MAX);
                default ->
                    throw new BenchException(flag + " is no flag of --cold; there are --megabytes,"
                            + " --connections, --seconds, --rounds, --hot-rate, --storm-rate");
            }
        }
        return new Measure(megabytes, connections, seconds, rounds, hotRate, stormRate);
    }

    private void run(Path directory) throws IOException {
        int keys = (int) (plan.megabytes * 1_000_000L / VALUE_BYTES);
        load(keys);
        try (HotReads hot = new HotReads(cluster.port(), HOT_KEYS);
                Storm storm = new Storm(cluster.port(), plan.connections)) {
            Thread.ofPlatform().daemon().start(() -> dropPages(new PageCache(directory), storm));
            storm.become(new Weather(HOT_KEYS, keys, 1_000));
            Processes.pause(WARM_UP_SECONDS * 1_000L);
            List<String> threads = new ArrayList<>();
            out.println(HEAD);
            measure("paced, " + plan.hotRate + "/s", plan.hotRate, hot, storm, keys, threads);
            measure("back to back", 0, hot, storm, keys, threads);
            out.printf(
                    "%n%d keys of %d bytes, %d connections of the storm, %s%n%n",
                    keys,
                    VALUE_BYTES,
                    plan.connections,
                    plan.stormRate == 0 ? "back to back" : plan.stormRate + " reads a second");
            out.println("Threads of the server, ran + waited for a core, in percent of one core:\n");
            threads.forEach(out::println);
        }
    }

    private void measure(String way, int rate, HotReads hot, Storm storm, int keys, List<String> threads) {
        List<Double> colds = new ArrayList<>();
        List<Double> warms = new ArrayList<>();
        hot.pace(rate);
        for (int round = 1; round <= plan.rounds; round++) {
            Phase quiet = phase(hot, storm, new Weather(0, 0, 0));
            Phase cold = phase(hot, storm, new Weather(HOT_KEYS, keys, plan.stormRate));
            Phase warm = phase(hot, storm, new Weather(HOT_KEYS, 2 * HOT_KEYS, (int) Math.max(1, cold.stormPerSecond)));
            colds.add(cold.p99 / quiet.p99);
            warms.add(warm.p99 / quiet.p99);
            out.printf(
                    Locale.ROOT,
                    "| %s | %d | %.3f, %.3f | %.3f, %.3f | %d | %.3f, %.3f | %d | %.2f | %.2f |%n",
                    way,
                    round,
                    quiet.p50,
                    quiet.p99,
                    cold.p50,
                    cold.p99,
                    cold.stormPerSecond,
                    warm.p50,
                    warm.p99,
                    warm.stormPerSecond,
                    colds.getLast(),
                    warms.getLast());
            if (round == plan.rounds) {
                threads.add("- " + way + ", quiet (" + quiet.hotPerSecond + " hot reads/s): " + quiet.threads);
                threads.add("- " + way + ", cold storm (" + cold.hotPerSecond + "/s): " + cold.threads);
                threads.add("- " + way + ", warm storm (" + warm.hotPerSecond + "/s): " + warm.threads);
            }
        }
        out.printf(Locale.ROOT, "| %s | median | | | | | | %.2f | %.2f |%n", way, median(colds), median(warms));
    }

    private Phase phase(HotReads hot, Storm storm, Weather weather) {
        storm.become(weather);
        Processes.pause(SETTLE_MILLIS);
        ThreadTimes before = ThreadTimes.of(cluster.processes().getFirst());
        long readsBefore = storm.reads();
        long begin = System.nanoTime();
        hot.restart();
        Processes.pause(TimeUnit.SECONDS.toMillis(plan.seconds));
        long[] samples = hot.samples();
        long took = System.nanoTime() - begin;
        long stormReads = storm.reads() - readsBefore;
        String threads = ThreadTimes.of(cluster.processes().getFirst()).since(before, took);
        return new Phase(
                samples[samples.length / 2] / 1e6,
                samples[(int) (samples.length * 0.99)] / 1e6,
                samples.length * 1_000_000_000L / took,
                stormReads * 1_000_000_000L / took,
                threads);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    private static void dropPages(PageCache pages, Storm storm) {
        while (true) {
            if (storm.blows()) {
                try {
                    pages.drop();
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            }
            Processes.pause(DROP_MILLIS);
        }
    }

    private void load(int keys) throws IOException {
        out.println("loading " + keys + " keys");
        String value = "v".repeat(VALUE_BYTES / 2);
        RandomGenerator random = RandomGenerator.getDefault();
        try (Connection connection = new Connection(cluster.port())) {
            for (int key = 0; key < keys; key += PIPELINE) {
                int end = Math.min(keys, key + PIPELINE);
                for (int i = key; i < end; i++) {
                    // Half of a value is chance, so that it does not shrink to nothing on disk.
                    StringBuilder noise = new StringBuilder(value);
                    while (noise.length() < VALUE_BYTES) {
                        noise.append(Long.toHexString(random.nextLong() | Long.MIN_VALUE));
                    }
                    connection.send(List.of("SET", "key:" + i, noise.substring(0, VALUE_BYTES)));
                }
                for (int i = key; i < end; i++) {
                    connection.await();
                }
            }
        }
    }
}
