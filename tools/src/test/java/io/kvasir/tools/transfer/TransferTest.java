package io.kvasir.tools.transfer;

import static io.kvasir.tools.transfer.RedisConnection.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.rdb.RdbFileReader;
import io.kvasir.gateway.rdb.RdbInput;
import io.kvasir.gateway.rdb.RdbStream;
import io.kvasir.gateway.rdb.RdbType;
import io.kvasir.gateway.rdb.ValueSink;
import io.kvasir.proto.reply.Reply;
import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.RedisProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data from a redis-server into Kvasir, from there into a file, and that into another redis-server. */
@Tag("clients")
final class TransferTest {

    private static final int LARGE = 9_000;

    @TempDir
    private Path folder;

    private final Random random = new Random(5);

    @Test
    void everythingGoesFromRedisToKvasirToAFileToRedis() throws Exception {
        try (RedisProcess redis = redis(folder);
                LaunchedCluster cluster = LaunchedCluster.startWithRanges(1, 3)) {
            fill(redis.port());
            Map<String, String> expected = contents(redis.port());
            String from = "--from=redis://127.0.0.1:" + redis.port();
            String at = "--at=redis://127.0.0.1:" + cluster.port(0);
            Path state = folder.resolve("state");
            assertEquals("", run(0, "import", from, at, "--state=" + state));
            assertSame(expected, contents(cluster.port(0)));
            assertFalse(Files.exists(state));

            Path file = folder.resolve("loaded").resolve("dump.rdb");
            Files.createDirectories(file.getParent());
            assertEquals("", run(0, "export", file.toString(), at));
            try (RedisProcess loaded = redis(file.getParent())) {
                assertSame(expected, contents(loaded.port()));
            }

            try (RedisConnection kvasir = open(cluster.port(0))) {
                kvasir.require(bytes("FLUSHALL"));
                kvasir.require(bytes("SET"), bytes("untouched"), bytes("1"));
                byte[] whole = Files.readAllBytes(file);
                Path cut = Files.write(folder.resolve("cut.rdb"), Arrays.copyOf(whole, whole.length / 2));
                String said = run(1, "import", cut.toString(), at);
                assertEquals("", said);
                assertTrue(printed.contains("is damaged at byte"), printed);
                assertEquals("1", text(kvasir.require(bytes("GET"), bytes("untouched"))));
                contents(cluster.port(0)).forEach((key, value) -> {
                    assertTrue(key.endsWith("untouched") || value.equals(expected.get(key)), key + ": " + value);
                });
                kvasir.require(bytes("FLUSHALL"));
                assertEquals("", run(0, "import", file.toString(), at));
                assertSame(expected, contents(cluster.port(0)));
            }
        }
    }

    @Test
    void aFileThatRedisSavedIsLoadedWithItsStreams() throws Exception {
        try (RedisProcess redis = redis(folder);
                LaunchedCluster cluster = LaunchedCluster.startWithRanges(1, 3);
                RedisConnection source = open(redis.port());
                RedisConnection kvasir = open(cluster.port(0))) {
            fill(redis.port());
            source.require(bytes("XADD"), bytes("stream"), bytes("*"), bytes("a"), bytes("b"));
            source.require(bytes("XGROUP"), bytes("CREATE"), bytes("stream"), bytes("group"), bytes("0"));
            source.require(
                    bytes("XREADGROUP"),
                    bytes("GROUP"),
                    bytes("group"),
                    bytes("consumer"),
                    bytes("STREAMS"),
                    bytes("stream"),
                    bytes(">"));
            Map<String, String> expected = contents(redis.port());
            source.require(bytes("SAVE"));
            String file = folder.resolve("dump.rdb").toString();
            String at = "--at=redis://127.0.0.1:" + cluster.port(0);
            assertEquals("", run(0, "import", file, at));
            assertSame(expected, contents(cluster.port(0)));

            // What is cut, or damaged, anywhere: the place is named, what came before is loaded, nothing else harmed.
            byte[] whole = Files.readAllBytes(Path.of(file));
            for (int i = 0; i < 12; i++) {
                kvasir.require(bytes("FLUSHALL"));
                kvasir.require(bytes("SET"), bytes("untouched"), bytes("1"));
                byte[] bad = i % 2 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
                if (i % 2 == 1) {
                    bad[9 + random.nextInt(whole.length - 9)] ^= (byte) (1 << random.nextInt(8));
                }
                Path damaged = Files.write(folder.resolve("bad.rdb"), bad);
                assertEquals("", run(1, "import", damaged.toString(), at));
                assertTrue(printed.contains("is damaged at byte"), printed);
                assertEquals("1", text(kvasir.require(bytes("GET"), bytes("untouched"))));
                if (i % 2 == 0) {
                    contents(cluster.port(0)).forEach((key, value) -> {
                        assertTrue(key.endsWith("untouched") || value.equals(expected.get(key)), key + ": " + value);
                    });
                }
            }
        }
    }

    @Test
    void anImportThatWasEndedGoesOnWhereItStopped() throws Exception {
        try (RedisProcess redis = redis(folder);
                LaunchedCluster cluster = LaunchedCluster.startWithRanges(1, 3)) {
            fill(redis.port());
            Map<String, String> expected = contents(redis.port());
            Path state = folder.resolve("state");
            RedisAddress from = new RedisAddress("127.0.0.1", redis.port(), "", "", Optional.empty());
            // As left by a run that was ended when it had copied all but the last two databases.
            new ImportState(state, from.name()).write(new ImportState.Place(3, "0"));
            String[] command = {
                "import", "--from=" + from.name(), "--at=redis://127.0.0.1:" + cluster.port(0), "--state=" + state
            };
            assertEquals("", run(0, command));
            assertTrue(printed.contains("going on in database 3"), printed);
            Map<String, String> rest = new TreeMap<>(expected);
            rest.keySet().removeIf(key -> key.startsWith("0 "));
            assertSame(rest, contents(cluster.port(0)));
            assertFalse(Files.exists(state));
            Files.writeString(state, "something else");
            assertTrue(run(1, command).contains("is not the state of an import from " + from.name()));
        }
    }

    @Test
    void anExportUnderLoadIsOfOneMoment() throws Exception {
        try (LaunchedCluster cluster = LaunchedCluster.startWithRanges(3, 3);
                RedisConnection kvasir = open(cluster.port(0))) {
            for (int i = 0; i < 3_000; i++) {
                kvasir.send(bytes("SET"), bytes("filler:" + i), bytes("x".repeat(i % 500)));
                kvasir.send(bytes("HSET"), bytes("hash:" + i % 40), bytes("field:" + i), bytes("y".repeat(100)));
            }
            kvasir.flush();
            for (int i = 0; i < 6_000; i++) {
                assertFalse(kvasir.receive() instanceof Reply.Error);
            }
            AtomicBoolean stop = new AtomicBoolean();
            // bar, foo and hello lie in three ranges.
            List<Thread> writers = List.of(
                    writer(cluster.port(1), stop, (client, n) -> {
                        client.require(bytes("SET"), bytes("bar"), bytes(n));
                        client.require(bytes("SET"), bytes("foo"), bytes(n));
                    }),
                    writer(cluster.port(2), stop, (client, n) -> {
                        client.require(bytes("MSET"), bytes("a:bar"), bytes(n), bytes("a:foo"), bytes(n));
                        client.require(bytes("HSET"), bytes("hash:" + n % 40), bytes("field:" + n % 3_000), bytes(n));
                    }));
            try {
                for (int i = 0; i < 8; i++) {
                    Path file = folder.resolve("moment-" + i + ".rdb");
                    assertEquals("", run(0, "export", file.toString(), "--at=redis://127.0.0.1:" + cluster.port(0)));
                    Map<String, String> strings = strings(file);
                    assertTrue(strings.size() >= 3_000, printed);
                    long x = Long.parseLong(strings.getOrDefault("bar", "0"));
                    long y = Long.parseLong(strings.getOrDefault("foo", "0"));
                    assertTrue(y <= x && x <= y + 1, "x is " + x + ", y is " + y);
                    assertEquals(strings.get("a:bar"), strings.get("a:foo"));
                }
            } finally {
                stop.set(true);
                for (Thread writer : writers) {
                    writer.join();
                }
            }
            assertEquals(-1, failedAt.get(), "a writer failed");
            // What is no read is refused while a snapshot is open, and what is written by others is not seen.
            kvasir.require(bytes("SET"), bytes("bar"), bytes("before"));
            assertTrue(kvasir.require(bytes("KVASIR.SNAPSHOT"), bytes("OPEN")) instanceof Reply.Int);
            try (RedisConnection other = open(cluster.port(1))) {
                other.require(bytes("SET"), bytes("bar"), bytes("after"));
                other.require(bytes("FLUSHALL"));
            }
            assertEquals("before", text(kvasir.require(bytes("GET"), bytes("bar"))));
            assertTrue(kvasir.call(bytes("SET"), bytes("bar"), bytes(1)) instanceof Reply.Error);
            assertTrue(kvasir.call(bytes("MULTI")) instanceof Reply.Error);
            assertTrue(((Reply.Array) kvasir.require(bytes("KEYS"), bytes("filler:*")))
                            .elements()
                            .size()
                    == 3_000);
            kvasir.require(bytes("KVASIR.SNAPSHOT"), bytes("CLOSE"));
            assertEquals(Reply.NULL, kvasir.require(bytes("GET"), bytes("bar")));
        }
    }

    private final AtomicLong failedAt = new AtomicLong(-1);

    /** Something written again and again. */
    @FunctionalInterface
    private interface Writes {

        void write(RedisConnection client, long n) throws IOException;
    }

    private Thread writer(int port, AtomicBoolean stop, Writes writes) {
        return Thread.ofPlatform().start(() -> {
            long n = 0;
            try (RedisConnection client = open(port)) {
                while (!stop.get()) {
                    writes.write(client, ++n);
                }
            } catch (IOException failed) {
                failedAt.set(n);
            }
        });
    }

    /** Returns the strings in a dump file. */
    private static Map<String, String> strings(Path file) throws IOException {
        Map<String, String> strings = new TreeMap<>();
        byte[] bytes = Files.readAllBytes(file);
        new RdbFileReader(RdbInput.of(bytes, bytes.length)).read(new RdbFileReader.Visitor() {
            @Override
            public void library(byte[] code) {}

            @Override
            public void database(long database) {}

            @Override
            public Optional<ValueSink> key(byte[] key, long expiryMillis, RdbType.Family family) {
                return Optional.of(new Strings(strings, new String(key, StandardCharsets.ISO_8859_1)));
            }

            @Override
            public void end(byte[] key, long elements) {}

            @Override
            public void passedOver(byte[] key, RdbType.Family family) {}
        });
        return strings;
    }

    /** Keeps a string. */
    private record Strings(Map<String, String> all, String key) implements ValueSink {

        @Override
        public void string(byte[] value) {
            all.put(key, new String(value, StandardCharsets.ISO_8859_1));
        }

        @Override
        public void listElement(byte[] element) {}

        @Override
        public void setMember(byte[] member) {}

        @Override
        public void hashField(byte[] field, byte[] value) {}

        @Override
        public void zsetMember(byte[] member, double score) {}

        @Override
        public void stream(RdbStream stream) {}
    }

    @Test
    void wrongWordsAreRefusedInOneLine() throws Exception {
        assertEquals(
                "kvasir: import needs either a file, as in: ./kvasir import dump.rdb, or"
                        + " --from redis://host:port\n",
                run(1, "import"));
        assertTrue(run(1, "import", "--form", "x").startsWith("kvasir: import: import: --form is no flag")
                || run(1, "import", "--form", "x").contains("--form is no flag"));
        assertTrue(run(1, "export").contains("needs the name of the file"));
        assertTrue(run(1, "import", "x.rdb", "y.rdb").contains("one word too many"));
        assertTrue(run(1, "import", folder.resolve("absent").toString()).contains("is no file"));
        assertTrue(run(1, "import", "--from=http://x").contains("an address is redis://"));
        assertTrue(run(1, "import", "--from=redis://127.0.0.1:1", "--at=redis://127.0.0.1:1")
                .contains("cannot be reached"));
    }

    private String printed = "";

    /** Runs a command, which ends with {@code code}; returns what it says on standard error. */
    private String run(int code, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int ended = Transfer.run(List.of(arguments), new PrintStream(out, true), new PrintStream(err, true));
        printed = out.toString(StandardCharsets.UTF_8);
        assertEquals(code, ended, printed + err.toString(StandardCharsets.UTF_8));
        return err.toString(StandardCharsets.UTF_8);
    }

    private void fill(int port) throws IOException {
        try (RedisConnection redis = open(port)) {
            for (int database : new int[] {0, 3, 15}) {
                redis.require(bytes("SELECT"), bytes(database));
                for (int i = 0; i < 150; i++) {
                    add(redis, i % 5, "small:" + i, 1 + random.nextInt(20));
                }
                redis.require(bytes("PEXPIREAT"), bytes("small:7"), bytes(4_102_444_800_123L));
                redis.require(bytes("PEXPIREAT"), bytes("small:13"), bytes(4_102_444_900_456L));
            }
            redis.require(bytes("SELECT"), bytes(0));
            for (int i = 0; i < 300; i++) { // intsets of all widths, integers in strings and lists
                long number = i % 3 == 0 ? i : i % 3 == 1 ? i * 100_000L : i * 10_000_000_000_000L;
                redis.require(bytes("SADD"), bytes("integers:" + i % 3), bytes(number));
                redis.require(bytes("SADD"), bytes("integers"), bytes(number));
                redis.require(bytes("RPUSH"), bytes("numbers"), bytes(-number));
                redis.require(bytes("SET"), bytes("number:" + i), bytes(number));
            }
            for (int kind = 1; kind < 5; kind++) {
                add(redis, kind, "large:" + kind, LARGE);
                add(redis, kind, "middle:" + kind, 700);
            }
            byte[] noise = new byte[6_000_001];
            random.nextBytes(noise);
            redis.require(bytes("SET"), bytes("large:0"), noise);
            redis.require(bytes("SET"), bytes("large:text"), bytes("abcdef ".repeat(800_000)));
            redis.require(bytes("PEXPIREAT"), bytes("large:2"), bytes(4_102_444_900_789L));
        }
    }

    private void add(RedisConnection redis, int kind, String key, int elements) throws IOException {
        List<byte[]> words = new ArrayList<>();
        words.add(bytes(List.of("SET", "RPUSH", "SADD", "HSET", "ZADD").get(kind)));
        words.add(bytes(key));
        if (kind == 0) {
            words.add(element());
        }
        for (int i = 0; kind > 0 && i < elements; i++) {
            if (kind == 4) {
                words.add(bytes(i % 100 == 3 ? "-inf" : Double.toString(random.nextGaussian() * 1e6)));
            }
            words.add(element());
            if (kind == 3) {
                words.add(element());
            }
        }
        redis.require(words.toArray(byte[][]::new));
    }

    private byte[] element() {
        byte[] element = new byte[1 + random.nextInt(random.nextInt(50) == 0 ? 3_000 : 30)];
        random.nextBytes(element);
        return random.nextBoolean() ? element : bytes(random.nextInt(1_000_000));
    }

    static RedisConnection open(int port) throws IOException {
        return RedisConnection.open(new RedisAddress("127.0.0.1", port, "", "", Optional.empty()));
    }

    /** Returns a connection to a server once it has loaded its file. */
    private static RedisConnection ready(int port) throws IOException {
        long begin = System.nanoTime();
        while (true) {
            try {
                return open(port);
            } catch (TransferException loading) {
                if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(30)) {
                    throw loading;
                }
                Thread.onSpinWait();
            }
        }
    }

    static RedisProcess redis(Path directory) throws IOException {
        Optional<RedisProcess> redis = RedisProcess.start(directory);
        Assumptions.assumeTrue(redis.isPresent(), "no redis-server on this machine");
        RedisProcess server = redis.orElseThrow();
        try (RedisConnection client = ready(server.port())) {
            client.require(bytes("PING"));
        }
        return server;
    }

    static void assertSame(Map<String, String> expected, Map<String, String> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((key, value) -> assertEquals(value, actual.get(key), key));
    }

    /** Returns type, digest and expiry of every key of every database, read by the plain commands of each type. */
    static Map<String, String> contents(int port) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (RedisConnection server = open(port)) {
            for (int database = 0; database < 16; database++) {
                server.require(bytes("SELECT"), bytes(database));
                for (Reply name : ((Reply.Array) server.require(bytes("KEYS"), bytes("*"))).elements()) {
                    byte[] key = ((Reply.Bulk) name).bytes();
                    String type = text(server.require(bytes("TYPE"), key));
                    List<String> parts = parts(server, key, type);
                    long expiry = ((Reply.Int) server.require(bytes("PEXPIRETIME"), key)).value();
                    // Times to live travel as such: what remains may be some seconds later.
                    contents.put(
                            database + " " + text(name),
                            type + " " + parts.size() + " " + parts.hashCode() + " " + Math.round(expiry / 60_000.0));
                }
            }
        }
        return contents;
    }

    private static List<String> parts(RedisConnection server, byte[] key, String type) throws IOException {
        return switch (type) {
            case "string" -> List.of(text(server.require(bytes("GET"), key)));
            case "list" -> texts(server.require(bytes("LRANGE"), key, bytes(0), bytes(-1)), 1, false);
            case "set" -> texts(server.require(bytes("SMEMBERS"), key), 1, true);
            case "hash" -> texts(server.require(bytes("HGETALL"), key), 2, true);
            case "stream" ->
                List.of(
                        all(server.require(bytes("XRANGE"), key, bytes("-"), bytes("+"))),
                        String.valueOf(((Reply.Array) server.require(bytes("XINFO"), bytes("GROUPS"), key))
                                .elements()
                                .size()),
                        text(((Reply.Array) server.require(bytes("XPENDING"), key, bytes("group")))
                                .elements()
                                .get(1)));
            default -> scores(server.require(bytes("ZRANGE"), key, bytes(0), bytes(-1), bytes("WITHSCORES")));
        };
    }

    /** Returns members and scores; Redis 7.0 writes scores with 17 digits, Kvasir with as few as 7.2 does. */
    private static List<String> scores(Reply reply) {
        List<Reply> elements = ((Reply.Array) reply).elements();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < elements.size(); i += 2) {
            String score = text(elements.get(i + 1)).replaceFirst("inf", "Infinity");
            texts.add(text(elements.get(i)) + "=" + Double.parseDouble(score));
        }
        return texts;
    }

    private static List<String> texts(Reply reply, int step, boolean sorted) {
        List<Reply> elements = ((Reply.Array) reply).elements();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < elements.size(); i += step) {
            texts.add(text(elements.get(i)) + (step == 2 ? "=" + text(elements.get(i + 1)) : ""));
        }
        return sorted ? texts.stream().sorted().toList() : texts;
    }

    /** Returns all texts within {@code reply}. */
    private static String all(Reply reply) {
        return reply instanceof Reply.Array(List<Reply> elements)
                ? elements.stream().map(TransferTest::all).toList().toString()
                : text(reply);
    }

    static String text(Reply reply) {
        return reply instanceof Reply.Status status
                ? status.text()
                : new String(((Reply.Bulk) reply).bytes(), StandardCharsets.ISO_8859_1);
    }
}
