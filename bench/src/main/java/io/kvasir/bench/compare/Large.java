package io.kvasir.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * {@code ./kvasir bench --large}: what large values cost, and what others notice of them.
 *
 * <p>First collections of 100,000 elements of each type are made in Kvasir and in Redis in turn, and the bytes of
 * memory and disk that an element takes are read off. Then one sorted set of many elements is created, ranked, read in
 * parts and deleted, while a {@link Probe} asks for other keys of the same range. Confined to the main thread, but for
 * the probe and the hook that stops what was started.
 */
final class Large {

    private static final int COLLECTION = 100_000;

    /** Collections of each type, so that fixed costs do not count. */
    private static final int COLLECTIONS = 3;

    private static final int MEMORY_MIB = 1_024;
    private static final int ELEMENTS_MAX = 50_000_000;
    private static final int ELEMENTS_A_COMMAND = 200;
    private static final int COMMANDS_AHEAD = 16;
    private static final int RANK_QUESTIONS = 400;
    private static final int PARTS = 1_000;
    private static final int PART = 100;
    private static final int AFTER_SECONDS = 5;
    private static final String VALUE = "v".repeat(100);

    private enum Type {
        HSET,
        RPUSH,
        SADD,
        ZADD
    }

    private final int elements;
    private final PrintStream out;
    private final Random random = new Random(7);
    private final List<String> costs = new ArrayList<>();
    private final List<String> phases = new ArrayList<>();
    private final List<String> ranks = new ArrayList<>();

    private Large(int elements, PrintStream out) {
        this.elements = elements;
        this.out = out;
    }

    /** Reads {@code --elements N --out DIR|none}, measures, and writes the results. */
    static void main(String[] arguments, Path root) throws IOException {
        int elements = 10_000_000;
        List<Path> results = List.of(root.resolve("bench/results"));
        for (int i = 0; i < arguments.length; i += 2) {
            String value = i + 1 < arguments.length ? arguments[i + 1] : "";
            switch (arguments[i]) {
                case "--elements" -> elements = integer(value);
                case "--out" -> results = value.equals("none") ? List.of() : List.of(Path.of(value));
                default ->
                    throw new BenchException(arguments[i] + " is no flag of --large; there are --elements, --out");
            }
        }
        new Large(elements, System.out).run(root, results);
    }

    private void run(Path root, List<Path> results) throws IOException {
        Surroundings surroundings = Surroundings.now(root);
        Path directory = Files.createTempDirectory("kvasir-large");
        try {
            for (Type type : Type.values()) {
                Path redis = directory.resolve("redis-" + type);
                cost(() -> RedisServer.start(RedisServer.Durability.ALWAYS, Compare.freePort(), redis), redis, type);
                Path kvasir = directory.resolve("kvasir-" + type);
                cost(() -> cluster(root, kvasir), kvasir.resolve("node-0").resolve("data"), type);
            }
            with(cluster(root, directory.resolve("kvasir")), kvasir -> {
                rank(kvasir.port(), "small", 10_000);
                huge(kvasir.port());
            });
        } finally {
            Compare.delete(directory);
        }
        String text = markdown(surroundings);
        out.println("\n" + text);
        for (Path folder : results) {
            Files.createDirectories(folder);
            Path file = folder.resolve(LocalDate.now(ZoneOffset.UTC) + "-large.md");
            Files.writeString(file, text);
            out.println("written to " + file);
        }
    }

    private static Target cluster(Path root, Path folder) throws IOException {
        return KvasirCluster.start(root, 1, 1, Compare.freePort(), folder, MEMORY_MIB);
    }

    /** Starts a target. */
    @FunctionalInterface
    private interface Start {

        Target start() throws IOException;
    }

    /** Does something with a target. */
    @FunctionalInterface
    private interface Use {

        void use(Target target) throws IOException;
    }

    /** Does {@code use} with {@code target} and stops it, also if this process is told to end meanwhile. */
    private static void with(Target target, Use use) throws IOException {
        Thread stop = new Thread(target::close);
        Runtime.getRuntime().addShutdownHook(stop);
        try (target) {
            use.use(target);
        }
        Runtime.getRuntime().removeShutdownHook(stop);
    }

    /**
     * Makes collections of {@code type} in a fresh target, one element a command and then many, and reads off what they
     * take: memory while it runs, the files in {@code folder} when it is stopped.
     */
    private void cost(Start start, Path folder, Type type) throws IOException {
        int singles = COLLECTION / 10;
        StringBuilder row = new StringBuilder();
        with(start.start(), target -> {
            try (Connection connection = new Connection(target.port())) {
                double single = fill(connection, type, "single", singles, 1);
                long resident = Processes.residentBytes(target.processes());
                long used = usedBytes(target);
                double many = 0;
                for (int i = 0; i < COLLECTIONS; i++) {
                    many += fill(connection, type, "many" + i, COLLECTION, ELEMENTS_A_COMMAND) / COLLECTIONS;
                }
                double count = (double) COLLECTION * COLLECTIONS;
                row.append(String.format(
                        Locale.ROOT,
                        "| %s | %s | %,.0f | %,.0f | %.0f | %.0f |",
                        type,
                        target.name(),
                        single,
                        many,
                        (usedBytes(target) - used) / count,
                        (Processes.residentBytes(target.processes()) - resident) / count));
            }
        });
        double all = (double) COLLECTION * COLLECTIONS + singles;
        costs.add(row + String.format(Locale.ROOT, " %.0f |", bytes(folder) / all));
        out.println(costs.getLast());
    }

    /** Returns what a server says that it uses, in bytes; of Kvasir that is its process's memory. */
    private static long usedBytes(Target target) {
        return Long.parseLong(Connection.info(target.port()).get("used_memory"));
    }

    /** Adds elements to {@code key} until it has {@code count}; returns elements a second. */
    private double fill(Connection connection, Type type, String key, int count, int aCommand) throws IOException {
        long begin = System.nanoTime();
        int owed = 0;
        for (int i = 0; i < count; i += aCommand) {
            List<String> words = new ArrayList<>(List.of(type.name(), key));
            for (int element = i; element < Math.min(count, i + aCommand); element++) {
                switch (type) {
                    case HSET -> words.addAll(List.of("field:" + element, VALUE));
                    case RPUSH -> words.add(VALUE);
                    case SADD -> words.add("member:" + element);
                    case ZADD -> words.addAll(List.of(String.valueOf(random.nextInt(1 << 30)), "member:" + element));
                }
            }
            connection.send(words);
            if (++owed == COMMANDS_AHEAD) {
                connection.await();
                owed--;
            }
        }
        for (; owed > 0; owed--) {
            connection.await();
        }
        return count / ((System.nanoTime() - begin) / 1e9);
    }

    /** One work while a probe runs. */
    @FunctionalInterface
    private interface Work {

        void run() throws IOException;
    }

    private void phase(int port, String name, Work work) throws IOException {
        try (Probe probe = new Probe(port)) {
            long begin = System.nanoTime();
            work.run();
            double seconds = (System.nanoTime() - begin) / 1e9;
            phases.add(String.format(Locale.ROOT, "| %s | %.2f | %s |", name, seconds, probe.end()));
            out.println(phases.getLast());
        }
    }

    private void huge(int port) throws IOException {
        try (Connection connection = new Connection(port)) {
            phase(port, "nothing else", () -> Processes.pause(AFTER_SECONDS * 1_000));
            String made = String.format(Locale.ROOT, "ZADD of %,d elements", elements);
            phase(port, made, () -> fill(connection, Type.ZADD, "huge", elements, ELEMENTS_A_COMMAND));
            phase(port, "ZRANK, ZCOUNT, ZRANGE by rank", () -> rank(port, "huge", elements));
            phase(port, PARTS + " parts of " + PART + " by rank", () -> {
                for (int i = 0; i < PARTS; i++) {
                    int from = (int) ((long) elements * i / PARTS);
                    ask(connection, List.of("EVAL_RO", PART_SCRIPT, "1", "huge", "" + from, "" + (from + PART - 1)));
                }
            });
            phase(port, "DEL", () -> ask(connection, List.of("DEL", "huge")));
            phase(port, AFTER_SECONDS + " s after it", () -> Processes.pause(AFTER_SECONDS * 1_000));
        }
    }

    /** Reads a part and answers how many elements it has: the replies this program reads are no arrays. */
    private static final String PART_SCRIPT = "return #redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2])";

    private static String ask(Connection connection, List<String> words) throws IOException {
        connection.send(words);
        return connection.await();
    }

    /** Notes how long questions about ranks take in a sorted set of {@code members}; a small one is made first. */
    private void rank(int port, String key, int members) throws IOException {
        try (Connection connection = new Connection(port)) {
            if (key.equals("small")) {
                double unused = fill(connection, Type.ZADD, key, members, ELEMENTS_A_COMMAND);
            }
            for (String command : List.of("ZRANK", "ZCOUNT", "ZRANGE")) {
                long[] nanos = new long[RANK_QUESTIONS];
                for (int i = 0; i < 2 * RANK_QUESTIONS; i++) { // the first half warms up
                    int at = random.nextInt(members);
                    List<String> words =
                            switch (command) {
                                case "ZRANK" -> List.of("ZRANK", key, "member:" + at);
                                case "ZCOUNT" -> List.of("ZCOUNT", key, "0", String.valueOf(random.nextInt(1 << 30)));
                                default -> List.of("EVAL_RO", PART_SCRIPT, "1", key, "" + at, "" + (at + 9));
                            };
                    long begin = System.nanoTime();
                    String unused = ask(connection, words);
                    nanos[i % RANK_QUESTIONS] = System.nanoTime() - begin;
                }
                Arrays.sort(nanos);
                ranks.add(String.format(
                        Locale.ROOT,
                        "| %s | %,d | %.0f | %.0f |",
                        command.equals("ZRANGE") ? "ZRANGE of 10 by rank, in a script" : command,
                        members,
                        nanos[RANK_QUESTIONS / 2] / 1e3,
                        nanos[RANK_QUESTIONS * 99 / 100] / 1e3));
                out.println(ranks.getLast());
            }
        }
    }

    private static long bytes(Path folder) throws IOException {
        long sum = 0;
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
                sum += Files.isRegularFile(path) ? Files.size(path) : 0;
            }
        }
        return sum;
    }

    private String markdown(Surroundings surroundings) {
        StringBuilder text = new StringBuilder("# Large values, " + LocalDate.now(ZoneOffset.UTC));
        text.append("\n\n`./kvasir bench --large --elements ").append(elements).append("` at ");
        text.append(surroundings.commit())
                .append("\n\n- machine: ")
                .append(surroundings.machine())
                .append(", ");
        text.append(surroundings.system()).append("; load average at the beginning ");
        text.append(surroundings.loadAverage())
                .append("\n- ")
                .append(surroundings.jdk())
                .append("; ");
        text.append(surroundings.redis()).append("; one node of Kvasir with ").append(MEMORY_MIB);
        text.append(" MiB, one range, the client on the same machine\n\n## Collections of 100,000 elements\n\n");
        text.append("Elements a second, one or ").append(ELEMENTS_A_COMMAND).append(" in a command, ");
        text.append(COMMANDS_AHEAD)
                .append(" commands ahead. Bytes an element adds: to the memory that INFO tells, to ");
        text.append("the resident memory, and to the files when the target is stopped (Kvasir: its records, without ");
        text.append(
                "the raft log, which is cut as records are flushed; Redis: the append-only file). Kvasir's memory ");
        text.append("is a cache within a budget. A hash's element has a value of ")
                .append(VALUE.length());
        text.append(" bytes and a list's is one, members have about 13.\n\n");
        text.append("| | target | one a command | many a command | used bytes | resident bytes | disk bytes |\n");
        text.append("|---|---|--:|--:|--:|--:|--:|\n");
        costs.forEach(row -> text.append(row).append('\n'));
        text.append(
                "\n## One sorted set\n\nWhile each of these ran, another connection set and read small keys of the ");
        text.append("same range, one at a time; the times of its answers are in ms.\n\n");
        text.append("| | s | answers | median | 999 of 1,000 | longest |\n|---|--:|--:|--:|--:|--:|\n");
        phases.forEach(row -> text.append(row).append('\n'));
        text.append("\n## Ranks\n\nTimes of answers in microseconds, one question at a time.\n\n");
        text.append("| | members | median | 99 of 100 |\n|---|--:|--:|--:|\n");
        ranks.forEach(row -> text.append(row).append('\n'));
        return text.toString();
    }

    private static int integer(String text) {
        int value = text.matches("[0-9]{1,8}") ? Integer.parseInt(text) : -1;
        if (value < 10_000 || value > ELEMENTS_MAX) {
            throw new BenchException("--elements: '" + text + "' is not within 10000 to " + ELEMENTS_MAX);
        }
        return value;
    }
}
