package io.kvasir.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * {@code ./kvasir bench}: Kvasir beside Redis, the same load on each in turn within one run.
 *
 * <p>A machine that others use too, or one that grows warm, meets all targets alike when they take turns; so the
 * numbers to compare are ratios within a run, never operations a second of two runs. All targets run all the time, and
 * the price of those that wait is shown as their CPU at rest.
 *
 * <p>Runs from sources alone and uses nothing of Kvasir but its command line. Confined to the main thread, but for the
 * hook that stops what was started when this process is told to end.
 */
public final class Compare {

    private static final String USAGE = """
            kvasir bench [--seconds S] [--rounds N] [--nodes N] [--load NAME] [--out DIR|none]
                beside redis-server: rates, latencies and CPU of each load
            kvasir bench --cold [--megabytes N] [--connections N] [--seconds S] [--rounds N] [--hot-rate N]
                    [--storm-rate N]
                hot reads while others read from disk
            kvasir bench --large [--type hset|rpush|sadd|zadd] [--elements N] [--out DIR|none]
                values of up to ten million elements, and what other keys wait meanwhile
            kvasir bench --memory [--times N] [--memory SIZE] [--nodes N] [--seconds S] [--out DIR|none]
                resident memory while a multiple of the budget is loaded
            kvasir bench --idle [--ranges N] [--nodes N] [--seconds S] [--out DIR|none]
                CPU and memory of ranges that nobody uses
            kvasir bench --micro [BENCHMARK]
                microbenchmarks by JMH
            """;

    private static final int IDLE_MILLIS = 3_000;
    private static final int PRELOAD_BATCH = 500;
    private static final int PORT_STEP = 10;
    private static final int PORT_FIRST = 20_000;
    private static final int PORT_LAST = 29_000;

    /** Node I of a cluster listens at the port plus I, and at a thousand and two thousand more. */
    private static final int[] PORT_OFFSETS = {0, 1, 2, 1000, 1001, 1002, 2000, 2001, 2002};

    private final Plan plan;
    private final PrintStream out;
    private final List<Target> targets = Collections.synchronizedList(new ArrayList<>());

    private Compare(Plan plan, PrintStream out) {
        this.plan = plan;
        this.out = out;
    }

    /** Compares, with the repository's root in system property {@code kvasir.root}. */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(System.getProperty("kvasir.root", ".")).toAbsolutePath();
        if (arguments.length > 0 && arguments[0].equals("--help")) {
            System.out.print(USAGE);
            return;
        }
        if (arguments.length > 0 && arguments[0].equals("--idle")) {
            Idle.main(Arrays.copyOfRange(arguments, 1, arguments.length), root);
            return;
        }
        if (arguments.length > 0 && arguments[0].equals("--memory")) {
            Memory.main(Arrays.copyOfRange(arguments, 1, arguments.length), root);
            return;
        }
        try {
            if (arguments.length > 0 && arguments[0].equals("--cold")) {
                Cold.main(Arrays.copyOfRange(arguments, 1, arguments.length), root);
                return;
            }
            if (arguments.length > 0 && arguments[0].equals("--large")) {
                requirePrograms();
                Large.main(Arrays.copyOfRange(arguments, 1, arguments.length), root);
                return;
            }
            Plan plan = Plan.parse(arguments, root);
            requirePrograms();
            Path directory = Files.createTempDirectory("kvasir-bench");
            Compare compare = new Compare(plan, System.out);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                compare.stop();
                delete(directory);
            }));
            compare.run(directory);
        } catch (BenchException wrong) {
            System.err.println("kvasir bench: " + wrong.getMessage());
            System.exit(1);
        }
    }

    private void run(Path directory) throws IOException {
        Surroundings surroundings = Surroundings.now(plan.root());
        start(directory);
        for (Target target : targets) {
            preload(target.port());
        }
        List<Series> series = new ArrayList<>();
        plan.workloads().forEach(load -> targets.forEach(target -> series.add(new Series(target.name(), load))));
        LoadGenerator generator = new LoadGenerator(plan.seconds());
        warmUp(generator);
        for (int round = 0; round < plan.rounds(); round++) {
            out.println("round " + (round + 1) + " of " + plan.rounds());
            round(round, series, generator);
        }
        List<Resting> resting = new ArrayList<>();
        for (Target target : targets) {
            resting.add(rest(target));
        }
        stop();
        write(new Results(LocalDate.now(ZoneOffset.UTC).toString(), plan, surroundings, series, resting));
    }

    private void start(Path directory) throws IOException {
        for (RedisServer.Durability durability : RedisServer.Durability.values()) {
            targets.add(RedisServer.start(durability, freePort(), directory.resolve("redis-" + durability.ordinal())));
        }
        for (int nodes : plan.nodes()) {
            targets.add(KvasirCluster.start(plan.root(), nodes, 1, freePort(), directory.resolve("kvasir-" + nodes)));
        }
        targets.forEach(target -> out.printf("%-20s started in %.2f s%n", target.name(), target.startSeconds()));
    }

    /**
     * Compiles what the loads run, and finds each pair's speed: first a fixed number of requests, then half the time.
     */
    private void warmUp(LoadGenerator generator) throws IOException {
        out.println("warming up");
        for (int i = 0; i < 2; i++) {
            for (Workload load : plan.workloads()) {
                for (Target target : targets) {
                    generator.run(target, load);
                }
            }
        }
    }

    /** Runs every load on every target; who is first changes from round to round. */
    private void round(int round, List<Series> series, LoadGenerator generator) throws IOException {
        int count = targets.size();
        for (int load = 0; load < plan.workloads().size(); load++) {
            for (int turn = 0; turn < count; turn++) {
                int target = (turn + round) % count;
                series.get(load * count + target)
                        .samples()
                        .add(generator.run(targets.get(target), plan.workloads().get(load)));
            }
        }
    }

    private static Resting rest(Target target) {
        double before = Processes.cpuSeconds(target.processes());
        long begin = System.nanoTime();
        Processes.pause(IDLE_MILLIS);
        double seconds = (System.nanoTime() - begin) / 1e9;
        double cpu = Processes.cpuSeconds(target.processes()) - before;
        return new Resting(
                target.name(), target.startSeconds(), cpu * 100 / seconds, Processes.residentBytes(target.processes()));
    }

    private static void preload(int port) throws IOException {
        try (Connection connection = new Connection(port)) {
            int owed = 0;
            for (int i = 0; i < Workload.KEYS; i++) {
                for (List<String> request : Workload.preload(i)) {
                    connection.send(request);
                    owed++;
                }
                for (; owed > PRELOAD_BATCH || i == Workload.KEYS - 1 && owed > 0; owed--) {
                    connection.await();
                }
            }
        }
    }

    private void write(Results results) throws IOException {
        out.println("\n" + results.markdown());
        for (Path directory : plan.out()) {
            Files.createDirectories(directory);
            Path markdown = directory.resolve(results.date() + "-compare.md");
            Files.writeString(markdown, results.markdown());
            Files.writeString(directory.resolve(results.date() + "-compare.json"), results.json());
            out.println("written to " + markdown + " and .json");
        }
    }

    private void stop() {
        synchronized (targets) {
            targets.reversed().forEach(Target::close);
            targets.clear();
        }
    }

    static int freePort() {
        for (int port = PORT_FIRST + new Random().nextInt(PORT_STEP) * 100; port < PORT_LAST; port += PORT_STEP) {
            if (isFree(port)) {
                return port;
            }
        }
        throw new BenchException("no free ports from " + PORT_FIRST + " to " + PORT_LAST);
    }

    private static boolean isFree(int port) {
        for (int offset : PORT_OFFSETS) {
            try (ServerSocket probe = new ServerSocket(port + offset)) {
                assert probe.isBound();
            } catch (IOException taken) {
                return false;
            }
        }
        return true;
    }

    private static void requirePrograms() {
        for (String program : List.of("redis-server", "redis-benchmark")) {
            boolean found = Stream.of(System.getenv("PATH").split(":"))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
            if (!found) {
                throw new BenchException(program + " is not on PATH; install it, as with: sudo apt-get install "
                        + "redis-server redis-tools");
            }
        }
    }

    static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException left) {
            System.err.println("kvasir bench: " + directory + " is not deleted (" + left.getMessage() + ")");
        }
    }
}
