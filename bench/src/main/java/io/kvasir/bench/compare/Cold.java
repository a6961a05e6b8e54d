package io.kvasir.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * {@code ./kvasir bench --cold}: whether reads that wait for the disk hold up those that need not (rule K32).
 *
 * <p>One node holds more data than its memory. Some connections read a hundred hot keys, one after another; then others
 * read keys from all over the data at the same time, while the system's page cache is dropped twice a second where root
 * permits. The two take turns, and latencies are those of the hot reads. Clients and server share the machine, so the
 * ratio also holds what the clients of the storm cost. Confined to the main thread, but for its clients.
 */
final class Cold {

    private static final int HOT_KEYS = 100;
    private static final int HOT_CONNECTIONS = 4;
    private static final int VALUE_BYTES = 2_000;
    private static final int PIPELINE = 100;
    private static final int ROUNDS = 4;
    private static final int DROP_MILLIS = 500;
    private static final int SAMPLES_MAX = 4_000_000;
    private static final Path DROP = Path.of("/proc/sys/vm/drop_caches");

    private final int port;
    private final int keys;
    private final int storm;
    private final PrintStream out;
    private final AtomicLong coldReads = new AtomicLong();
    private volatile boolean over;
    private volatile boolean storming;

    private Cold(int port, int keys, int storm, PrintStream out) {
        this.port = port;
        this.keys = keys;
        this.storm = storm;
        this.out = out;
    }

    /** Reads {@code --megabytes N --connections N --seconds S}, measures and prints. */
    static void main(String[] arguments, Path root) throws IOException {
        int megabytes = 1024;
        int connections = 8;
        int seconds = 8;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            int value = Integer.parseInt(arguments[i + 1]);
            switch (arguments[i]) {
                case "--megabytes" -> megabytes = value;
                case "--connections" -> connections = value;
                case "--seconds" -> seconds = value;
                default ->
                    throw new BenchException(
                            arguments[i] + " is no flag of --cold; there are --megabytes, --connections, --seconds");
            }
        }
        Path directory = Files.createTempDirectory("kvasir-cold");
        Thread delete = new Thread(() -> Compare.delete(directory));
        Runtime.getRuntime().addShutdownHook(delete);
        int free;
        try (ServerSocket probe = new ServerSocket(0)) {
            free = 11_000 + probe.getLocalPort() % 9_000;
        }
        try (KvasirCluster cluster = KvasirCluster.start(root, 1, 1, free, directory.resolve("node"))) {
            int keys = (int) (megabytes * 1_000_000L / VALUE_BYTES);
            new Cold(cluster.port(), keys, connections, System.out).run(seconds);
        }
    }

    private void run(int seconds) throws IOException {
        load();
        List<Hot> hot = new ArrayList<>();
        for (int i = 0; i < HOT_CONNECTIONS; i++) {
            Hot one = new Hot(i);
            hot.add(one);
            Thread.ofPlatform().daemon().start(one);
        }
        for (int i = 0; i < storm; i++) {
            int number = i;
            Thread.ofPlatform().daemon().start(() -> readCold(number));
        }
        Thread.ofPlatform().daemon().start(this::dropCaches);
        Processes.pause(seconds * 1_000L); // warm-up
        List<Double> ratios = new ArrayList<>();
        out.println(
                "| round | hot p50, p99 quiet (ms) | hot p50, p99 in the storm (ms) | p99 ratio | cold reads a second |");
        out.println("|---|---|---|---|---|");
        for (int round = 1; round <= ROUNDS; round++) {
            double[] quiet = measure(hot, false, seconds);
            long before = coldReads.get();
            double[] stormy = measure(hot, true, seconds);
            ratios.add(stormy[1] / quiet[1]);
            out.printf(
                    Locale.ROOT,
                    "| %d | %.3f, %.3f | %.3f, %.3f | %.2f | %d |%n",
                    round,
                    quiet[0],
                    quiet[1],
                    stormy[0],
                    stormy[1],
                    stormy[1] / quiet[1],
                    (coldReads.get() - before) / seconds);
        }
        over = true;
        ratios.sort(null);
        out.printf(
                Locale.ROOT,
                "median ratio %.2f; %d keys of %d bytes, %d cold connections, page cache %s%n",
                (ratios.get(ROUNDS / 2 - 1) + ratios.get(ROUNDS / 2)) / 2,
                keys,
                VALUE_BYTES,
                storm,
                Files.isWritable(DROP) ? "dropped" : "kept: cold reads come from it, not from the disk");
    }

    private double[] measure(List<Hot> hot, boolean withStorm, int seconds) {
        storming = withStorm;
        Processes.pause(500);
        hot.forEach(Hot::restart);
        Processes.pause(seconds * 1_000L);
        long[] all = hot.stream()
                .flatMapToLong(one -> Arrays.stream(one.samples()))
                .sorted()
                .toArray();
        storming = false;
        return new double[] {all[all.length / 2] / 1e6, all[(int) (all.length * 0.99)] / 1e6};
    }

    private void load() throws IOException {
        out.println("loading " + keys + " keys");
        String value = "v".repeat(VALUE_BYTES / 2);
        RandomGenerator random = RandomGenerator.getDefault();
        try (Connection connection = new Connection(port)) {
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

    private void readCold(int number) {
        RandomGenerator random = new java.util.SplittableRandom(number);
        try (Connection connection = new Connection(port)) {
            while (!over) {
                if (!storming) {
                    Processes.pause(10);
                    continue;
                }
                connection.send(List.of("GET", "key:" + random.nextInt(HOT_KEYS, keys)));
                connection.await();
                coldReads.incrementAndGet();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void dropCaches() {
        while (!over && Files.isWritable(DROP)) {
            if (storming) {
                try {
                    Files.writeString(DROP, "1");
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            }
            Processes.pause(DROP_MILLIS);
        }
    }

    /** A connection that reads hot keys and notes how long each took. Samples are guarded by this. */
    private final class Hot implements Runnable {

        private final int number;
        private long[] nanos = new long[SAMPLES_MAX / HOT_CONNECTIONS];
        private int count;

        Hot(int number) {
            this.number = number;
        }

        @Override
        public void run() {
            RandomGenerator random = new java.util.SplittableRandom(1_000 + number);
            try (Connection connection = new Connection(port)) {
                while (!over) {
                    long begin = System.nanoTime();
                    connection.send(List.of("GET", "key:" + random.nextInt(HOT_KEYS)));
                    connection.await();
                    add(System.nanoTime() - begin);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        private synchronized void add(long taken) {
            if (count < nanos.length) {
                nanos[count++] = taken;
            }
        }

        synchronized void restart() {
            count = 0;
        }

        synchronized long[] samples() {
            return Arrays.copyOf(nanos, count);
        }
    }
}
