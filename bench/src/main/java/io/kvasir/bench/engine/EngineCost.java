package io.kvasir.bench.engine;

import io.kvasir.proto.key.HistoryKey;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.store.engine.DataDirectory;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.EngineSettings;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.RocksEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Measures point reads, write batches and the price of writing replaced versions, and prints one table of each.
 *
 * <p>Run with the names of what to measure: {@code get}, {@code write}, {@code history}; all without a name. The median
 * of {@link #ROUNDS} rounds is printed; variants take turns within a round, so that other load on the machine meets all
 * alike.
 */
final class EngineCost {

    private static final int ROUNDS = 5;
    private static final int KEYS = 200_000;
    private static final int READS = 100_000;
    private static final int WRITES = 200_000;
    private static final int OVERWRITES = 400_000;
    private static final int WARM_UP = 20_000;
    private static final int VALUE_BYTES = 100;
    private static final long SEED = 42;

    /** What becomes of the version that a write replaces. */
    private enum Replaced {
        DROPPED("newest alone"),
        GIVEN("and the replaced version, from the entry"),
        READ("and the replaced version, read from the cache");

        final String text;

        Replaced(String text) {
            this.text = text;
        }
    }

    private final Path directory;
    private final Random random = new Random(SEED);
    private final byte[][] keys = new byte[KEYS][];
    private final byte[] noise = new byte[1 << 20];

    private EngineCost(Path directory) {
        this.directory = directory;
        random.nextBytes(noise);
        for (int i = 0; i < KEYS; i++) {
            keys[i] = KeyLayout.root(1, "user:%010d:name".formatted(i).getBytes(StandardCharsets.US_ASCII));
        }
    }

    static void main(String[] names) throws IOException {
        List<String> wanted = names.length == 0 ? List.of("get", "write", "history") : List.of(names);
        Path directory = Files.createTempDirectory("engine-cost");
        try {
            EngineCost cost = new EngineCost(directory);
            for (String name : wanted) {
                switch (name) {
                    case "get" -> cost.get();
                    case "write" -> cost.write();
                    case "history" -> cost.history();
                    default -> throw new IllegalArgumentException("no measurement named " + name);
                }
            }
        } finally {
            delete(directory);
        }
    }

    private void get() throws IOException {
        System.out.printf("%n%-44s %10s%n", "point read, " + KEYS + " keys of " + VALUE_BYTES + " bytes", "us CPU");
        Path data = directory.resolve("get");
        try (RocksEngine engine = open(data)) {
            fill(engine);
            printRead("get, in the memtable", () -> read(engine, 0, false));
            printRead("getCached, in the memtable", () -> read(engine, 0, true));
            printRead("get, absent, memtable only", () -> read(engine, 1, false));
            engine.flush();
        }
        try (RocksEngine engine = open(data)) {
            printRead("getCached, only the disk can tell", () -> read(engine, 0, true), 1);
            readEach(engine);
            printRead("get, in the block cache", () -> read(engine, 0, false));
            printRead("getCached, in the block cache", () -> read(engine, 0, true));
            printRead("get, absent, bloom filter in the cache", () -> read(engine, 1, false));
            printRead("getCached, absent, bloom filter in the cache", () -> read(engine, 1, true));
        }
        delete(data);
    }

    private void write() throws IOException {
        System.out.printf(
                "%n%-44s %10s %12s %8s%n",
                "write, values of " + VALUE_BYTES + " bytes", "us CPU/key", "us CPU/key, process", "us wall");
        int[] sizes = {1, 10, 100, 500};
        double[][] own = new double[sizes.length][ROUNDS];
        double[][] process = new double[sizes.length][ROUNDS];
        double[][] wall = new double[sizes.length][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int s = 0; s < sizes.length; s++) {
                Path data = directory.resolve("write");
                try (RocksEngine engine = open(data)) {
                    overwrite(engine, sizes[s], WARM_UP, Replaced.DROPPED);
                    CpuMeter meter = new CpuMeter();
                    overwrite(engine, sizes[s], WRITES, Replaced.DROPPED);
                    own[s][round] = meter.threadNanos() / 1e3 / WRITES;
                    wall[s][round] = meter.wallNanos() / 1e3 / WRITES;
                    process[s][round] = meter.processNanos() / 1e3 / WRITES;
                }
                delete(data);
            }
        }
        for (int s = 0; s < sizes.length; s++) {
            System.out.printf(
                    "%-44s %10.2f %12.2f %8.2f%n",
                    "batch of " + sizes[s], median(own[s]), median(process[s]), median(wall[s]));
        }
    }

    private void history() throws IOException {
        Replaced[] variants = Replaced.values();
        double[][] own = new double[variants.length][ROUNDS];
        double[][] process = new double[variants.length][ROUNDS];
        double[][] batchBytes = new double[variants.length][ROUNDS];
        double[][] diskBytes = new double[variants.length][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int turn = 0; turn < variants.length; turn++) {
                int v = (turn + round) % variants.length;
                Path data = directory.resolve("history");
                try (RocksEngine engine = open(data)) {
                    fill(engine);
                    engine.flush();
                    readEach(engine);
                    overwrite(engine, 100, WARM_UP, variants[v]);
                    CpuMeter meter = new CpuMeter();
                    long bytes = overwrite(engine, 100, OVERWRITES, variants[v]);
                    own[v][round] = meter.threadNanos() / 1e3 / OVERWRITES;
                    engine.flush();
                    process[v][round] = meter.processNanos() / 1e3 / OVERWRITES;
                    diskBytes[v][round] = meter.writtenBytes() / (double) OVERWRITES;
                    batchBytes[v][round] = bytes / (double) OVERWRITES;
                }
                delete(data);
            }
        }
        System.out.printf(
                "%n%-44s %14s %16s %12s %12s%n",
                "overwrite in batches of 100, a key", "us CPU, writer", "us CPU, process", "batch bytes", "disk bytes");
        for (int v = 0; v < variants.length; v++) {
            System.out.printf(
                    "%-44s %14.2f %16.2f %12.0f %12.0f%n",
                    variants[v].text, median(own[v]), median(process[v]), median(batchBytes[v]), median(diskBytes[v]));
        }
    }

    /** Overwrites {@code count} random keys; returns the bytes of the batches. */
    private long overwrite(RocksEngine engine, int batchSize, int count, Replaced replaced) {
        long bytes = 0;
        long timestamp = 1L << 60;
        for (int done = 0; done < count; done += batchSize) {
            timestamp++;
            try (Engine.Batch batch = engine.newBatch()) {
                for (int i = 0; i < batchSize; i++) {
                    byte[] key = keys[random.nextInt(KEYS)];
                    switch (replaced) {
                        case DROPPED -> {}
                        case GIVEN ->
                            batch.put(Family.HISTORY, HistoryKey.of(0, key, timestamp), value(timestamp - 1, i));
                        case READ ->
                            batch.put(
                                    Family.HISTORY,
                                    HistoryKey.of(0, key, timestamp),
                                    Objects.requireNonNull(engine.get(Family.NEWEST, key)));
                    }
                    batch.put(Family.NEWEST, key, value(timestamp, i));
                }
                bytes += batch.bytes();
                engine.write(batch);
            }
        }
        return bytes;
    }

    private void fill(RocksEngine engine) {
        for (int done = 0; done < KEYS; ) {
            try (Engine.Batch batch = engine.newBatch()) {
                for (int i = 0; i < 500; i++) {
                    batch.put(Family.NEWEST, keys[done++], value(1, i));
                }
                engine.write(batch);
            }
        }
    }

    private void readEach(RocksEngine engine) {
        for (byte[] key : keys) {
            engine.get(Family.NEWEST, key);
        }
        read(engine, 1, false);
    }

    /** @param extra bytes after each key, which make it absent */
    private void read(RocksEngine engine, int extra, boolean cached) {
        for (int i = 0; i < READS; i++) {
            byte[] key = keys[random.nextInt(KEYS)];
            byte[] wanted = extra == 0 ? key : Arrays.copyOf(key, key.length + extra);
            if (cached) {
                engine.getCached(Family.NEWEST, wanted);
            } else {
                engine.get(Family.NEWEST, wanted);
            }
        }
    }

    private static void printRead(String name, Runnable reads) {
        printRead(name, reads, ROUNDS);
    }

    private static void printRead(String name, Runnable reads, int rounds) {
        double[] micros = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            CpuMeter meter = new CpuMeter();
            reads.run();
            micros[round] = meter.threadNanos() / 1e3 / READS;
        }
        System.out.printf("%-44s %10.2f%n", name, median(micros));
    }

    /** A stamped value of bytes that do not compress. */
    private byte[] value(long timestamp, int ordinal) {
        byte[] value = new byte[Version.BYTES + VALUE_BYTES];
        System.arraycopy(noise, random.nextInt(noise.length - VALUE_BYTES), value, Version.BYTES, VALUE_BYTES);
        new Version(timestamp, ordinal).write(value, 0);
        return value;
    }

    private static RocksEngine open(Path data) {
        return RocksEngine.open(DataDirectory.open(data), EngineSettings.within(512L << 20), fault -> {
            throw fault;
        });
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
