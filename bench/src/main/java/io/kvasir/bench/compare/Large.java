package io.kvasir.bench.compare;

import java.io.File;
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
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * {@code ./kvasir bench --large}: what large values cost, and what others notice of them.
 *
 * <p>First collections of 100,000 elements of each type are made in Kvasir and in Redis in turn, and the bytes of
 * memory and disk that an element takes are read off. Then one value of many elements, of each type in turn or of the
 * one asked for, is created, asked by rank or index, read in parts and deleted, while a {@link Probe} asks for other
 * keys of the same range. Confined to the main thread, but for the probe and the hook that stops what was started.
 */
final class Large {

    private static final int COLLECTION = 100_000;

    /** Collections of each type, so that fixed costs do not count. */
    private static final int COLLECTIONS = 3;

    private static final int SMALL = 10_000;
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
    private final List<Type> types;
    private final PrintStream out;
    private final Random random = new Random(7);
    private final List<String> costs = new ArrayList<>();
    private final List<String> phases = new ArrayList<>();
    private final List<String> ranks = new ArrayList<>();
    private final List<String> sizes = new ArrayList<>();

    private Large(int elements, List<Type> types, PrintStream out) {
        this.elements = elements;
        this.types = types;
        this.out = out;
    }

    /** Reads {@code --elements N --type NAME --out DIR|none}, measures, and writes the results. */
    static void main(String[] arguments, Path root) throws IOException {
        int elements = 10_000_000;
        List<Type> types = List.of(Type.values());
        List<Path> results = List.of(root.resolve("bench/results"));
        for (int i = 0; i < arguments.length; i += 2) {
            String value = i + 1 < arguments.length ? arguments[i + 1] : "";
            switch (arguments[i]) {
                case "--elements" -> elements = integer(value);
                case "--type" -> types = List.of(type(value));
                case "--out" -> results = value.equals("none") ? List.of() : List.of(Path.of(value));
                default ->
                    throw new BenchException(
                            arguments[i] + " is no flag of --large; there are --elements, --type, --out");
            }
        }
        new Large(elements, types, System.out).run(root, results);
    }

    private void run(Path root, List<Path> results) throws IOException {
        Surroundings surroundings = Surroundings.now(root);
        Path directory = Files.createTempDirectory("kvasir-large");
        try {
            for (Type type : types) {
                Path redis = directory.resolve("redis-" + type);
                cost(() -> RedisServer.start(RedisServer.Durability.ALWAYS, Compare.freePort(), redis), redis, type);
                Path kvasir = directory.resolve("kvasir-" + type);
                cost(() -> cluster(root, kvasir), kvasir.resolve("node-0").resolve("data"), type);
            }
            for (Type type : types) {
                Path kvasir = directory.resolve("kvasir-huge-" + type);
                with(
                        cluster(root, kvasir),
                        target -> huge(target, kvasir.resolve("node-0").resolve("data"), type));
                Compare.delete(kvasir);
            }
        } finally {
            Compare.delete(directory);
        }
        String text = markdown(surroundings);
        String name = types.size() == 1 ? "-" + types.getFirst().name().toLowerCase(Locale.ROOT) : "";
        out.println("\n" + text);
        for (Path folder : results) {
            Files.createDirectories(folder);
            Path file = folder.resolve(LocalDate.now(ZoneOffset.UTC) + "-large" + name + ".md");
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

    /**
     * Makes, asks, reads and deletes one value of all elements in a fresh target, whose records are in {@code data}.
     */
    private void huge(Target target, Path data, Type type) throws IOException {
        int port = target.port();
        ask(port, type, "small", SMALL, true);
        try (Connection connection = new Connection(port)) {
            String of = type + ": ";
            phase(port, of + "nothing else", () -> Processes.pause(AFTER_SECONDS * 1_000));
            String made = String.format(Locale.ROOT, "%s%,d elements made", of, elements);
            phase(port, made, () -> fill(connection, type, "huge", elements, ELEMENTS_A_COMMAND));
            sizes.add(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %.0f | %,d |",
                    type,
                    elements,
                    (double) bytes(data) / elements,
                    Processes.residentBytes(target.processes()) >> 20));
            out.println(sizes.getLast());
            phase(port, of + "asked by rank, index or name", () -> ask(port, type, "huge", elements, false));
            phase(port, of + PARTS + " parts of " + PART, () -> parts(connection, type));
            phase(port, of + "DEL", () -> ask(connection, List.of("DEL", "huge")));
            phase(port, of + AFTER_SECONDS + " s after it", () -> Processes.pause(AFTER_SECONDS * 1_000));
        }
    }

    /** Reads parts spread over a sorted set or list; of a hash or set the pages of a scan. */
    private void parts(Connection connection, Type type) throws IOException {
        String cursor = "0";
        for (int i = 0; i < PARTS; i++) {
            int from = (int) ((long) elements * i / PARTS);
            String to = String.valueOf(from + PART - 1);
            switch (type) {
                case ZADD -> ask(connection, script(PART_SCRIPT, "ZRANGE", "" + from, to));
                case RPUSH -> ask(connection, script(PART_SCRIPT, "LRANGE", "" + from, to));
                case HSET -> cursor = ask(connection, script(PAGE_SCRIPT, "HSCAN", cursor, "" + PART));
                case SADD -> cursor = ask(connection, script(PAGE_SCRIPT, "SSCAN", cursor, "" + PART));
            }
        }
    }

    private static List<String> script(String script, String command, String first, String second) {
        return List.of("EVAL_RO", script, "1", "huge", command, first, second);
    }

    /** Reads a part and answers how many elements it has: the replies this program reads are no arrays. */
    private static final String PART_SCRIPT = "return #redis.call(ARGV[1], KEYS[1], ARGV[2], ARGV[3])";

    /** Reads a page and answers the cursor behind it. */
    private static final String PAGE_SCRIPT = "return redis.call(ARGV[1], KEYS[1], ARGV[2], 'COUNT', ARGV[3])[1]";

    private static String ask(Connection connection, List<String> words) throws IOException {
        connection.send(words);
        return connection.await();
    }

    /** Notes how long questions about one element of {@code key} take, which is made first if {@code make}. */
    private void ask(int port, Type type, String key, int members, boolean make) throws IOException {
        List<String> commands =
                switch (type) {
                    case HSET -> List.of("HGET", "HSTRLEN");
                    case RPUSH -> List.of("LINDEX", "LSET");
                    case SADD -> List.of("SISMEMBER", "SRANDMEMBER");
                    case ZADD -> List.of("ZRANK", "ZCOUNT", "ZRANGE");
                };
        try (Connection connection = new Connection(port)) {
            if (make) {
                double unused = fill(connection, type, key, members, ELEMENTS_A_COMMAND);
            }
            for (String command : commands) {
                long[] nanos = new long[RANK_QUESTIONS];
                for (int i = 0; i < 2 * RANK_QUESTIONS; i++) { // the first half warms up
                    List<String> words = question(command, key, random.nextInt(members));
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

    private List<String> question(String command, String key, int at) {
        return switch (command) {
            case "HGET", "HSTRLEN" -> List.of(command, key, "field:" + at);
            case "LINDEX" -> List.of(command, key, "" + at);
            case "LSET" -> List.of(command, key, "" + at, VALUE);
            case "SISMEMBER", "ZRANK" -> List.of(command, key, "member:" + at);
            case "SRANDMEMBER" -> List.of(command, key);
            case "ZCOUNT" -> List.of(command, key, "0", String.valueOf(random.nextInt(1 << 30)));
            case "ZRANGE" -> List.of("EVAL_RO", PART_SCRIPT, "1", key, command, "" + at, "" + (at + 9));
            default -> throw new IllegalArgumentException(command);
        };
    }

    /** Returns the bytes of the files in {@code folder}, of which some may come and go meanwhile. */
    private static long bytes(Path folder) {
        File[] files = folder.toFile().listFiles();
        return files == null
                ? folder.toFile().length()
                : Stream.of(files).mapToLong(file -> bytes(file.toPath())).sum();
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
        text.append("\n## One value\n\nWhile each of these ran, another connection set and read small keys of the ");
        text.append("same range, one at a time; the times of its answers are in ms.\n\n");
        text.append("| | s | answers | median | 999 of 1,000 | longest |\n|---|--:|--:|--:|--:|--:|\n");
        phases.forEach(row -> text.append(row).append('\n'));
        text.append("\nBytes of the files an element, and resident memory in MiB, when the value is there.\n\n");
        text.append("| | elements | disk bytes | resident |\n|---|--:|--:|--:|\n");
        sizes.forEach(row -> text.append(row).append('\n'));
        text.append("\n## Questions\n\nTimes of answers in microseconds, one question at a time.\n\n");
        text.append("| | elements | median | 99 of 100 |\n|---|--:|--:|--:|\n");
        ranks.forEach(row -> text.append(row).append('\n'));
        return text.toString();
    }

    private static Type type(String name) {
        Optional<Type> found = Stream.of(Type.values())
                .filter(one -> one.name().equalsIgnoreCase(name))
                .findFirst();
        return found.orElseThrow(() -> new BenchException("--type '" + name + "': there are hset, rpush, sadd, zadd"));
    }

    private static int integer(String text) {
        int value = text.matches("[0-9]{1,8}") ? Integer.parseInt(text) : -1;
        if (value < 10_000 || value > ELEMENTS_MAX) {
            throw new BenchException("--elements: '" + text + "' is not within 10000 to " + ELEMENTS_MAX);
        }
        return value;
    }
}
