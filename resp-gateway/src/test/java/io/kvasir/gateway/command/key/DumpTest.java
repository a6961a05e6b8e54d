package io.kvasir.gateway.command.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.gateway.command.RedisOracle;
import io.kvasir.gateway.rdb.DumpPayload;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DumpTest {

    private static final String BAD_FORMAT = "ERR Bad data format";

    private final CommandRunner kvasir = new CommandRunner();

    @ParameterizedTest
    @ValueSource(strings = {"string", "list", "set", "intset", "hash", "zset", "stream"})
    void aValueRestoredFromItsDumpIsTheSame(String type) {
        for (int size : new int[] {1, 3, 100, 600, 2_000}) {
            Random random = new Random(size);
            fill(kvasir, type, size, random);
            String before = content(kvasir::run);
            String encoding = kvasir.run("OBJECT ENCODING k");
            assertEquals("OK", CommandRunner.text(restore(dump(), "REPLACE")), type + " " + size);
            assertEquals(before, content(kvasir::run), type + " " + size);
            assertEquals(encoding, kvasir.run("OBJECT ENCODING k"), type + " " + size);
            kvasir.run("DEL k");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"string", "list", "set", "intset", "hash", "zset", "stream"})
    void redisReadsWhatIsDumpedHereAndTheOtherWayAround(String type) throws Exception {
        try (RedisOracle redis = oracle()) {
            for (int size : new int[] {1, 2, 60, 130, 600, 1_500}) {
                Random random = new Random(size);
                fill(kvasir, type, size, random);
                byte[] ours = dump();
                Reply there = redis.run(words("RESTORE", "k", "0", ours, "REPLACE"));
                assertEquals("OK", CommandRunner.text(there), type + " " + size);
                String content = content(kvasir::run);
                assertEquals(content, content(redis::run), type + " " + size);

                byte[] theirs = ((Reply.Bulk) redis.run(words("DUMP", "k"))).bytes();
                kvasir.run("DEL k");
                assertEquals("OK", CommandRunner.text(restore(theirs)), type + " " + size);
                assertEquals(content, content(kvasir::run), type + " " + size);
                kvasir.run("DEL k");
            }
        }
    }

    @Test
    void everyByteOfAPayloadThatIsFlippedIsSeen() {
        for (String type : List.of("string", "list", "set", "intset", "hash", "zset", "stream")) {
            fill(kvasir, type, 20, new Random(1));
            byte[] payload = dump();
            for (int at = 0; at < payload.length; at++) {
                byte[] bad = payload.clone();
                bad[at] ^= (byte) (1 << at % 8);
                assertEquals(
                        "ERR DUMP payload version or checksum are wrong",
                        CommandRunner.text(restore(bad, "REPLACE")),
                        type + " byte " + at);
            }
            kvasir.run("DEL k");
        }
    }

    @Test
    void corruptValuesUnderARightChecksumAreRefusedOrRead() {
        Random random = new Random(7);
        for (String type : List.of("string", "list", "set", "intset", "hash", "zset", "stream")) {
            fill(kvasir, type, 12, random);
            byte[] payload = dump();
            byte[] value = Arrays.copyOf(payload, payload.length - DumpPayload.FOOTER_BYTES);
            for (int at = 0; at < value.length; at++) {
                for (int flip = 1; flip < 256; flip += 1 + random.nextInt(120)) {
                    byte[] bad = value.clone();
                    bad[at] ^= (byte) flip;
                    requireAnswer(bad);
                }
                requireAnswer(Arrays.copyOf(value, at));
            }
            kvasir.run("DEL k");
        }
    }

    @Test
    void restoreAnswersAsRedis() throws Exception {
        try (RedisOracle redis = oracle()) {
            kvasir.run("SET s value");
            byte[] payload = ((Reply.Bulk) kvasir.run(words("DUMP", "s"))).bytes();
            byte[] wrong = payload.clone();
            wrong[1] ^= 1;
            byte[] old = payload.clone();
            old[payload.length - 10] = 99;
            byte[] unknown = DumpPayload.seal(new byte[] {8, 1, 'x'});
            byte[] empty = DumpPayload.seal(new byte[] {2, 0});
            byte[] nothing = DumpPayload.seal(new byte[0]);
            byte[] behind = DumpPayload.seal(new byte[] {0, 1, 'x', 'y'});
            List<Object[]> commands = new ArrayList<>();
            for (byte[] each : List.of(payload, wrong, old, unknown, empty, nothing, behind, new byte[9])) {
                commands.add(new Object[] {"RESTORE", "a", "0", each, "REPLACE"});
                commands.add(new Object[] {"RESTORE", "a", "0", each});
                commands.add(new Object[] {"GET", "a"});
            }
            commands.add(new Object[] {"RESTORE", "a", "-1", payload});
            commands.add(new Object[] {"RESTORE", "a", "x", payload, "REPLACE"});
            commands.add(new Object[] {"RESTORE", "b", "-1", payload, "REPLACE"});
            commands.add(new Object[] {"RESTORE", "b", "1", payload, "ABSTTL"});
            commands.add(new Object[] {"EXISTS", "b"});
            commands.add(new Object[] {"RESTORE", "b", "0", payload, "IDLETIME", "-1"});
            commands.add(new Object[] {"RESTORE", "b", "0", payload, "IDLETIME", "1", "FREQ", "1"});
            commands.add(new Object[] {"RESTORE", "b", "0", payload, "FREQ", "256"});
            commands.add(new Object[] {"RESTORE", "b", "0", payload, "FREQ", "x"});
            commands.add(new Object[] {"RESTORE", "b", "0", payload, "FREQ"});
            commands.add(new Object[] {"RESTORE", "b", "0", payload, "IDLETIME", "7", "idletime", "8"});
            commands.add(new Object[] {"RESTORE", "b", "0", payload, "NOSUCH"});
            commands.add(new Object[] {"RESTORE", "b", "0", payload, "replace", "FREQ", "255"});
            commands.add(new Object[] {"RESTORE", "b", "9223372036854775807", payload, "REPLACE"});
            commands.add(new Object[] {"EXISTS", "b"});
            commands.add(new Object[] {"RESTORE", "b", "9223372036854775807", payload, "ABSTTL"});
            commands.add(new Object[] {"PEXPIRETIME", "b"});
            commands.add(new Object[] {"RESTORE", "b", "1", payload, "REPLACE", "ABSTTL"});
            commands.add(new Object[] {"EXISTS", "b"});
            commands.add(new Object[] {"DUMP", "nosuch"});
            for (Object[] command : commands) {
                String what = command[0] + " " + command[1] + " " + commands.indexOf(command);
                String here = CommandRunner.text(kvasir.run(words(command)));
                assertEquals(CommandRunner.text(redis.run(words(command))), here, what);
            }
        }
    }

    @Test
    void aRestoredKeyHasItsTimeToLive() {
        kvasir.run("SET k value");
        byte[] payload = dump();
        long now = kvasir.transaction().timeMillis();
        assertEquals("OK", CommandRunner.text(kvasir.run(words("RESTORE", "k", "5000", payload, "REPLACE"))));
        assertEquals(Long.toString(now + 5_000), kvasir.run("PEXPIRETIME k"));
        assertEquals("OK", CommandRunner.text(kvasir.run(words("RESTORE", "k", "0", payload, "REPLACE"))));
        assertEquals("-1", kvasir.run("PTTL k"));
    }

    @ParameterizedTest
    @CsvSource({
        // The value of each in hexadecimal, as the Redis that had the form wrote it.
        "01 02 01 61 C0 07, LRANGE k 0 -1, '[\"a\", \"7\"]'",
        "04 01 01 66 01 76, HGETALL k, '[\"f\", \"v\"]'",
        "03 02 01 61 03 31 2E 35 01 62 FF, ZRANGE k 0 -1 WITHSCORES, '[\"b\", -Infinity, \"a\", 1.5]'",
        "09 0E 02 01 66 01 00 76 01 67 02 01 77 77 00 FF, HGETALL k, '[\"f\", \"v\", \"g\", \"ww\"]'",
        "0A 13 13 00 00 00 0D 00 00 00 02 00 00 01 61 03 C0 00 04 FF FF, LRANGE k 0 -1, ?",
        "0A 12 12 00 00 00 0D 00 00 00 02 00 00 01 61 03 C0 00 04 FF, LRANGE k 0 -1, '[\"a\", \"1024\"]'",
        "0E 01 12 12 00 00 00 0D 00 00 00 02 00 00 01 61 03 FE F8 00 FF, LRANGE k 0 -1, ?",
        "0E 01 11 11 00 00 00 0D 00 00 00 02 00 00 01 61 03 FE F8 FF, LRANGE k 0 -1, '[\"a\", \"-8\"]'",
        "0D 11 11 00 00 00 0D 00 00 00 02 00 00 01 61 03 FE F8 FF, HGETALL k, '[\"a\", \"-8\"]'",
        "0C 10 10 00 00 00 0D 00 00 00 02 00 00 01 61 03 F4 FF, ZRANGE k 0 -1 WITHSCORES, '[\"a\", 3.0]'",
        "12 02 01 01 78 02 0A 0A 00 00 00 01 00 81 79 02 FF, LRANGE k 0 -1, '[\"x\", \"y\"]'",
        "14 0C 0C 00 00 00 02 00 05 01 81 79 02 FF, SMEMBERS k, '[\"5\", \"y\"]'",
        "00 C3 05 0A 00 61 E0 00 00, GET k, '\"aaaaaaaaaa\"'",
    })
    void olderFormsAreRead(String hex, String command, String expected) {
        byte[] value = HexFormat.ofDelimiter(" ").parseHex(hex);
        String answer = CommandRunner.text(restore(DumpPayload.seal(value)));
        assertEquals(expected.equals("?") ? BAD_FORMAT : "OK", answer);
        if (!expected.equals("?")) {
            assertEquals(expected, kvasir.run(command));
        }
    }

    @Test
    void aShortPayloadThatWouldBecomeGigabytesIsRefused() {
        byte[] bomb = {0, (byte) 0xC3, 5, (byte) 0x80, 0x3F, 0, 0, 0, 1, 2, 3, 4, 5};
        assertEquals(BAD_FORMAT, CommandRunner.text(restore(DumpPayload.seal(bomb))));
        byte[] long64 = {0, (byte) 0x81, 0x7F, 0, 0, 0, 0, 0, 0, 0};
        assertEquals(BAD_FORMAT, CommandRunner.text(restore(DumpPayload.seal(long64))));
    }

    private void requireAnswer(byte[] value) {
        Reply reply = restore(DumpPayload.seal(value), "REPLACE");
        String text = CommandRunner.text(reply);
        assertTrue(text.equals("OK") || text.startsWith(BAD_FORMAT), text);
    }

    private byte[] dump() {
        return assertInstanceOf(Reply.Bulk.class, kvasir.run(words("DUMP", "k")))
                .bytes();
    }

    private Reply restore(byte[] payload, String... options) {
        List<Object> words = new ArrayList<>(List.of("RESTORE", "k", "0", payload));
        words.addAll(List.of(options));
        return kvasir.run(words(words.toArray()));
    }

    private static byte[][] words(Object... words) {
        byte[][] bytes = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[i] instanceof byte[] given
                    ? given
                    : words[i].toString().getBytes(StandardCharsets.ISO_8859_1);
        }
        return bytes;
    }

    /** Fills {@code k} with {@code size} elements of all kinds of lengths, or a string of about that length. */
    private static void fill(CommandRunner target, String type, int size, Random random) {
        if (type.equals("string")) {
            target.run(words("SET", "k", element(random, size * 7)));
            return;
        }
        if (type.equals("stream")) {
            fillStream(target, size, random);
            return;
        }
        String command =
                switch (type) {
                    case "list" -> "RPUSH";
                    case "set", "intset" -> "SADD";
                    case "hash" -> "HSET";
                    default -> "ZADD";
                };
        Set<String> used = new TreeSet<>();
        for (int i = 0; i < size; i++) {
            byte[] element = type.equals("intset")
                    ? Long.toString(random.nextLong() >> random.nextInt(60)).getBytes(StandardCharsets.ISO_8859_1)
                    : element(random, 1 + random.nextInt(size > 500 && i % 50 == 0 ? 20_000 : 60));
            if (!used.add(new String(element, StandardCharsets.ISO_8859_1)) && !type.equals("list")) {
                continue;
            }
            Reply added =
                    switch (type) {
                        case "hash" -> target.run(words(command, "k", element, element(random, random.nextInt(60))));
                        case "zset" -> target.run(words(command, "k", score(random), element));
                        default -> target.run(words(command, "k", element));
                    };
            assertFalse(added instanceof Reply.Error, added.toString());
        }
    }

    private static void fillStream(CommandRunner target, int size, Random random) {
        for (int i = 1; i <= size; i++) {
            byte[] value = element(random, 1 + random.nextInt(size > 500 && i % 50 == 0 ? 20_000 : 60));
            String field = random.nextInt(4) == 0 ? "other" : "f";
            target.run(words("XADD", "k", i * 1_000_000_000L + "-" + i % 3, field, value, "g", i));
        }
        target.run("XGROUP CREATE k first 0");
        target.run("XGROUP CREATE k second $ ENTRIESREAD 5");
        target.run("XREADGROUP GROUP first one COUNT " + (size / 2 + 1) + " STREAMS k >");
        target.run("XREADGROUP GROUP first two COUNT 3 STREAMS k >");
        target.run("XGROUP CREATECONSUMER k first idle");
        target.run("XCLAIM k first two 0 1000000000-1 TIME 1000 RETRYCOUNT 7");
        if (size > 20) {
            target.run("XDEL k 3000000000-0 4000000000-1 20000000000-2");
            target.run("XTRIM k MINID 3");
        }
    }

    private static String score(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> "inf";
            case 1 -> "-inf";
            case 2 -> Integer.toString(random.nextInt());
            case 3 -> Double.toString(random.nextGaussian());
            default -> Double.toString(random.nextDouble() * Math.pow(10, random.nextInt(600) - 300));
        };
    }

    /** Returns a number, random bytes, or text that compresses. */
    private static byte[] element(Random random, int length) {
        return switch (random.nextInt(3)) {
            case 0 -> Long.toString(random.nextLong() >> random.nextInt(64)).getBytes(StandardCharsets.ISO_8859_1);
            case 1 -> {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                yield bytes;
            }
            default -> ("abcabc" + random.nextInt(99)).repeat(1 + length / 8).getBytes(StandardCharsets.ISO_8859_1);
        };
    }

    /** Runs a command. */
    @FunctionalInterface
    private interface Runner {

        Reply run(byte[][] words) throws IOException;
    }

    /** Returns a digest of all of key k that does not depend on the order of members. */
    private static String content(Runner server) {
        try {
            String type = CommandRunner.text(server.run(words("TYPE", "k")));
            List<String> parts = new ArrayList<>();
            switch (type) {
                case "string" -> parts.add(CommandRunner.text(server.run(words("GET", "k"))));
                case "list" -> parts.addAll(texts(server.run(words("LRANGE", "k", "0", "-1"))));
                case "set" -> parts.addAll(new TreeSet<>(texts(server.run(words("SMEMBERS", "k")))));
                case "hash" -> parts.addAll(pairs(texts(server.run(words("HGETALL", "k")))));
                case "stream" -> {
                    parts.add(CommandRunner.text(server.run(words("XRANGE", "k", "-", "+"))));
                    parts.add(CommandRunner.text(server.run(words("XINFO", "GROUPS", "k"))));
                    parts.add(CommandRunner.text(server.run(words("XPENDING", "k", "first"))));
                    parts.add(CommandRunner.text(server.run(words("XINFO", "STREAM", "k")))
                            .replaceFirst("\"radix-tree-nodes\", [0-9]+", ""));
                }
                default -> parts.addAll(pairs(texts(server.run(words("ZRANGE", "k", "0", "-1", "WITHSCORES")))));
            }
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            parts.forEach(part -> digest.update((part + "\n").getBytes(StandardCharsets.UTF_8)));
            return type + " of " + parts.size() + ": " + HexFormat.of().formatHex(digest.digest());
        } catch (IOException | NoSuchAlgorithmException lost) {
            throw new AssertionError(lost);
        }
    }

    private static List<String> texts(Reply reply) {
        List<Reply> elements =
                switch (reply) {
                    case Reply.Array array -> array.elements();
                    case Reply.SetOf set -> set.elements();
                    case Reply.MapOf map -> map.keysAndValues();
                    default -> throw new AssertionError(CommandRunner.text(reply));
                };
        return elements.stream().map(DumpTest::text).toList();
    }

    /** Returns {@code reply} as text, a score as the number it is. */
    private static String text(Reply reply) {
        String text = CommandRunner.text(reply);
        String plain = text.startsWith("\"") ? text.substring(1, text.length() - 1) : text;
        if (plain.matches("-?(inf|Infinity)")) {
            return plain.startsWith("-") ? "-inf" : "inf";
        }
        return plain.matches("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?") ? "number " + Double.parseDouble(plain) : text;
    }

    private static Set<String> pairs(List<String> words) {
        Set<String> pairs = new TreeSet<>();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            pairs.add(words.get(i) + "=" + words.get(i + 1));
        }
        return pairs;
    }

    private static RedisOracle oracle() throws IOException, InterruptedException {
        Optional<Path> program = RedisOracle.find();
        Assumptions.assumeTrue(program.isPresent(), "no redis-server on the PATH");
        return RedisOracle.start(program.get());
    }
}
