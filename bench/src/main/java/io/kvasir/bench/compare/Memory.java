package io.kvasir.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * {@code ./kvasir bench --memory}: whether the processes of a cluster stay within the memory they were given while many
 * times that much is written to them and read back.
 *
 * <p>Each node is loaded with the same multiple of its own part of the budget, since it has a replica of everything.
 * The peak is the kernel's (VmHWM), which misses nothing between two looks; the looks (VmRSS) show the course. Confined
 * to the main thread, but for the clients and the hook that stops what was started.
 */
final class Memory {

    private static final int CLIENTS = 4;
    private static final long MIB = 1L << 20;
    private static final int MEMORY_MIB_MIN = 512;
    private static final int MEMORY_MIB_MAX = 1 << 20;
    private static final int LOOK_MILLIS = 100;
    private static final int SECONDS_BETWEEN_LINES = 5;

    /** A load that has not ended by then never will: 10 times the least budget takes a minute on an idle machine. */
    private static final int LOAD_SECONDS_MAX = 3_600;

    /** What the processes held when a phase ended, and the time it took. */
    private record Row(String phase, double seconds, List<Long> residentBytes, List<Long> peakBytes) {}

    private final Path root;
    private final Plan plan;
    private final PrintStream out;
    private final List<Row> rows = new ArrayList<>();
    private double loadSeconds;
    private double readsPerSecond;
    private long loadedBytes;
    private long diskBytes;

    /**
     * What is asked for.
     *
     * @param times how often each node's memory is loaded
     * @param memoryMib of all nodes together, in MiB
     * @param nodes of the cluster
     * @param seconds that the reads take
     * @param results directory of the results; empty: they are printed only
     */
    private record Plan(int times, int memoryMib, int nodes, int seconds, List<Path> results) {}

    private Memory(Path root, Plan plan, PrintStream out) {
        this.root = root;
        this.plan = plan;
        this.out = out;
    }

    /**
     * Reads {@code --times N --memory SIZE --nodes N --seconds S --out DIR|none}, measures, and adds the results to
     * those of the day; exit code 1 if the peak passed the budget.
     */
    static void main(String[] arguments, Path root) throws IOException {
        try {
            Plan plan = parse(arguments, root);
            if (!new Memory(root, plan, System.out).run()) {
                System.exit(1);
            }
        } catch (BenchException wrong) {
            System.err.println("kvasir bench: " + wrong.getMessage());
            System.exit(1);
        }
    }

    /** {@code arguments} are those behind the first {@code --memory}, whose value may be missing. */
    private static Plan parse(String[] arguments, Path root) {
        int times = 3;
        int memoryMib = 0;
        int nodes = 1;
        int seconds = 10;
        List<Path> results = List.of(root.resolve("bench/results"));
        int i = 0;
        if (arguments.length > 0 && !arguments[0].startsWith("--")) {
            memoryMib = mebibytes(arguments[0]);
            i = 1;
        }
        for (; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new BenchException(arguments[i] + " needs a value");
            }
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--times" -> times = integer(arguments[i], value, 100);
                case "--memory" -> memoryMib = mebibytes(value);
                case "--nodes" -> nodes = integer(arguments[i], value, 9);
                case "--seconds" -> seconds = integer(arguments[i], value, 600);
                case "--out" -> results = value.equals("none") ? List.of() : List.of(Path.of(value));
                default ->
                    throw new BenchException(arguments[i]
                            + " is no flag of --memory; there are --times, --memory, --nodes, --seconds, --out");
            }
        }
        return new Plan(times, memoryMib == 0 ? nodes * MEMORY_MIB_MIN : memoryMib, nodes, seconds, results);
    }

    /** Returns whether the budget was kept. */
    private boolean run() throws IOException {
        Surroundings surroundings = Surroundings.now(root);
        Path directory = Files.createTempDirectory("kvasir-memory");
        boolean kept;
        try (KvasirCluster cluster = KvasirCluster.start(
                root, plan.nodes(), plan.nodes(), Compare.freePort(), directory.resolve("data"), plan.memoryMib())) {
            Thread stop = new Thread(() -> end(cluster, directory));
            Runtime.getRuntime().addShutdownHook(stop);
            add(cluster, "started", cluster.startSeconds());
            measure(cluster, directory);
            kept = peakBytes(rows.getLast()) <= budgetBytes();
            Runtime.getRuntime().removeShutdownHook(stop);
        } finally {
            Compare.delete(directory);
        }
        String text = markdown(surroundings, kept);
        out.println("\n" + text);
        for (Path results : plan.results()) {
            Files.createDirectories(results);
            Path file = results.resolve(LocalDate.now(ZoneOffset.UTC) + "-memory.md");
            String before = Files.exists(file) ? "\n" : "";
            Files.writeString(file, before + text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            out.println("added to " + file);
        }
        return kept;
    }

    private static void end(KvasirCluster cluster, Path directory) {
        cluster.close();
        Compare.delete(directory);
    }

    private void measure(KvasirCluster cluster, Path directory) throws IOException {
        List<MemoryLoad> loads = new ArrayList<>();
        List<Connection> connections = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS, Memory::daemon)) {
            for (int i = 0; i < CLIENTS; i++) {
                connections.add(new Connection(cluster.port() + i % plan.nodes()));
                loads.add(new MemoryLoad(i, connections.getLast()));
            }
            long bytes = plan.times() * budgetBytes() / plan.nodes();
            loadSeconds =
                    phase(cluster, "loaded", LOAD_SECONDS_MAX, loads, clients, load -> load.write(bytes / CLIENTS));
            loadedBytes = loads.stream().mapToLong(MemoryLoad::writtenBytes).sum();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(plan.seconds());
            double took = phase(cluster, "read", 2 * plan.seconds() + 60, loads, clients, load -> load.read(deadline));
            readsPerSecond = loads.stream().mapToLong(MemoryLoad::read).sum() / took;
            diskBytes = sizeBytes(directory);
            clients.shutdownNow();
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    private interface Work {
        void run(MemoryLoad load) throws IOException;
    }

    /** Lets every client do {@code work}, looks at the memory meanwhile, and returns the seconds it took. */
    private double phase(
            KvasirCluster cluster,
            String name,
            int secondsMax,
            List<MemoryLoad> loads,
            ExecutorService clients,
            Work work) {
        long begin = System.nanoTime();
        List<Future<?>> under = new ArrayList<>();
        for (MemoryLoad load : loads) {
            Callable<Boolean> task = () -> {
                work.run(load);
                return true;
            };
            under.add(clients.submit(task));
        }
        double seconds = 0;
        int lines = 0;
        for (boolean done = false; !done; ) {
            done = await(under);
            seconds = (System.nanoTime() - begin) / 1e9;
            if (seconds > (lines + 1) * SECONDS_BETWEEN_LINES || done) {
                lines = (int) (seconds / SECONDS_BETWEEN_LINES);
                out.printf(
                        Locale.ROOT,
                        "%-8s %5.0f s %7d MiB written, resident %d MiB of %d%n",
                        name,
                        seconds,
                        loads.stream().mapToLong(MemoryLoad::writtenBytes).sum() / MIB,
                        Processes.residentBytes(cluster.processes()) / MIB,
                        plan.memoryMib());
            }
            if (seconds > secondsMax) {
                throw new BenchException("it is not " + name + " after " + secondsMax + " s");
            }
        }
        add(cluster, name, seconds);
        return seconds;
    }

    /** Waits a moment, or until all of {@code under} have ended; returns whether they have. */
    private static boolean await(List<Future<?>> under) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
        for (Future<?> each : under) {
            try {
                each.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException runs) {
                return false;
            } catch (ExecutionException failed) {
                throw new BenchException("a client failed (" + failed.getCause() + ")");
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw new BenchException("interrupted");
            }
        }
        return true;
    }

    private void add(KvasirCluster cluster, String phase, double seconds) {
        rows.add(new Row(
                phase,
                seconds,
                cluster.processes().stream()
                        .map(pid -> Processes.residentBytes(List.of(pid)))
                        .toList(),
                cluster.processes().stream().map(Processes::residentPeakBytes).toList()));
    }

    private long budgetBytes() {
        return plan.memoryMib() * MIB;
    }

    /** Returns the sum of the nodes' peaks: at least the peak of their sum. */
    private static long peakBytes(Row row) {
        return row.peakBytes().stream().flatMapToLong(LongStream::of).sum();
    }

    private static long sizeBytes(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            long bytes = 0;
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                try {
                    bytes += Files.size(path);
                } catch (NoSuchFileException compacted) {
                    continue; // it was replaced by another meanwhile
                }
            }
            return bytes;
        }
    }

    private String markdown(Surroundings surroundings, boolean kept) {
        StringBuilder text = new StringBuilder();
        text.append("# Resident memory, ").append(LocalDate.now(ZoneOffset.UTC));
        text.append("\n\n`./kvasir bench --memory ").append(plan.memoryMib()).append("M --times ");
        text.append(plan.times()).append(" --nodes ").append(plan.nodes()).append(" --seconds ");
        text.append(plan.seconds())
                .append("` at ")
                .append(surroundings.commit())
                .append("\n\n");
        text.append("- machine: ").append(surroundings.machine()).append(", ").append(surroundings.system());
        text.append("; load average at the beginning ").append(surroundings.loadAverage());
        text.append("\n- ").append(surroundings.jdk()).append('\n');
        text.append(String.format(
                Locale.ROOT,
                "- budget %d MiB, peak %d MiB: %s%n",
                plan.memoryMib(),
                (peakBytes(rows.getLast()) + MIB - 1) / MIB,
                kept ? "kept" : "PASSED"));
        text.append(String.format(
                Locale.ROOT,
                "- %d MiB of values written in %.0f s, %.1f MiB/s; %d MiB on disk afterwards%n",
                loadedBytes / MIB,
                loadSeconds,
                loadedBytes / (double) MIB / loadSeconds,
                diskBytes / MIB));
        text.append(String.format(Locale.ROOT, "- %.0f reads/s after that%n", readsPerSecond));
        text.append(
                "\nValues that do not compress, of 1 KiB to 15 KiB, nine of ten as strings, one as a field of a hash; ");
        text.append("reads by Zipf's law, each value checked. Peak: VmHWM of each process, summed.\n\n");
        text.append("| when | s | resident, MiB | peak, MiB |\n|---|--:|--:|--:|\n");
        for (Row row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.1f | %s | %s |%n",
                    row.phase(),
                    row.seconds(),
                    mebibytes(row.residentBytes()),
                    mebibytes(row.peakBytes())));
        }
        return text.toString();
    }

    private static String mebibytes(List<Long> bytes) {
        return String.join(
                " + ", bytes.stream().map(each -> String.valueOf(each / MIB)).toList());
    }

    private static Thread daemon(Runnable work) {
        return Thread.ofPlatform().daemon().name("client").unstarted(work);
    }

    private static int mebibytes(String text) {
        if (!text.matches("(?i)[0-9]{1,6}(M|MB|MIB|G|GB|GIB)")) {
            throw new BenchException("--memory " + text + " is no size in M or G");
        }
        long number = Long.parseLong(text.replaceAll("[^0-9]", ""));
        long mebibytes = text.matches("(?i).*G.*") ? number << 10 : number;
        if (mebibytes < MEMORY_MIB_MIN || mebibytes > MEMORY_MIB_MAX) {
            throw new BenchException("--memory " + text + " is not within " + MEMORY_MIB_MIN + "M to 1024G");
        }
        return (int) mebibytes;
    }

    private static int integer(String flag, String text, int max) {
        int value = text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : -1;
        if (value < 1 || value > max) {
            throw new BenchException(flag + ": '" + text + "' is not within 1 to " + max);
        }
        return value;
    }
}
