package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.proto.reply.Reply;
import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.RedisProcess;
import io.kvasir.tools.process.SharedCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Stories of clients that wait for data, told to this database and to redis-server. Each line is a command of a client,
 * by its number; with {@code ~} it is one that waits, and the story goes on when the server says that it does; a number
 * with {@code <} alone asks for the reply of that client, with which the story would not end otherwise.
 */
@Tag("clients")
final class BlockingTest {

    private static final String HOST = "127.0.0.1";
    private static final int REPLY_SECONDS_MAX = 20;
    private static final long BLOCKED_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);
    private static final Pattern LINE = Pattern.compile("(\\d)([~<]?) ?(.*)");

    private record Story(String name, String... lines) {}

    /** Keys of these stories are in one slot. */
    private static final List<Story> OF_ONE_SLOT = List.of(
            new Story("served", "1~ BLPOP {q}a 0", "2 RPUSH {q}a x y", "1<", "2 LRANGE {q}a 0 -1"),
            new Story("from the right", "1~ BRPOP {q}a 0", "2 RPUSH {q}a x y", "1<", "2 LRANGE {q}a 0 -1"),
            new Story("there already", "2 RPUSH {q}b x", "1 BLPOP {q}a {q}b 0", "2 EXISTS {q}b"),
            new Story("several keys", "1~ BLPOP {q}a {q}b {q}c 0", "2 RPUSH {q}b x", "1<", "2 EXISTS {q}b"),
            new Story(
                    "first come",
                    "1~ BLPOP {q}a 0",
                    "2~ BRPOP {q}a 0",
                    "3~ BLMOVE {q}a {q}b LEFT LEFT 0",
                    "4 RPUSH {q}a x y z w",
                    "1<",
                    "2<",
                    "3<",
                    "4 LRANGE {q}a 0 -1",
                    "4 LRANGE {q}b 0 -1"),
            new Story(
                    "one for one",
                    "1~ BLPOP {q}a 0",
                    "2~ BLPOP {q}a 0",
                    "3 RPUSH {q}a x",
                    "1<",
                    "3 RPUSH {q}a y",
                    "2<"),
            new Story(
                    "cascade",
                    "1~ BLPOP {q}c 0",
                    "2~ BRPOPLPUSH {q}b {q}c 0",
                    "3~ BLMOVE {q}a {q}b LEFT RIGHT 0",
                    "4 RPUSH {q}a x",
                    "3<",
                    "2<",
                    "1<",
                    "4 EXISTS {q}a {q}b {q}c"),
            new Story("LMPOP", "1~ BLMPOP 0 2 {q}a {q}b LEFT COUNT 2", "2 RPUSH {q}b x y z", "1<", "2 LLEN {q}b"),
            new Story("sorted set", "1~ BZPOPMAX {q}a {q}b 0", "2 ZADD {q}b 1 x 2.5 y", "1<", "2 ZCARD {q}b"),
            new Story("RESP3", "1 HELLO 3", "1~ BZPOPMIN {q}a 0", "2 ZADD {q}a 1 x 2.5 y", "1<"),
            new Story("ZMPOP", "1~ BZMPOP 0 2 {q}a {q}b MAX COUNT 5", "2 ZADD {q}b 1 x 2 y", "1<", "2 EXISTS {q}b"),
            new Story("ZUNIONSTORE", "1~ BZPOPMIN {q}a 0", "2 ZADD {q}x 1 m", "2 ZUNIONSTORE {q}a 1 {q}x", "1<"),
            new Story("RENAME", "1~ BLPOP {q}a 0", "2 RPUSH {q}x 1", "2 RENAME {q}x {q}a", "1<", "2 EXISTS {q}a"),
            new Story("COPY", "1~ BLPOP {q}a 0", "2 RPUSH {q}x 1", "2 COPY {q}x {q}a", "1<", "2 EXISTS {q}a"),
            new Story("SORT", "1~ BLPOP {q}a 0", "2 RPUSH {q}x 1", "2 SORT {q}x STORE {q}a", "1<"),
            new Story("LMOVE", "1~ BLPOP {q}a 0", "2 RPUSH {q}x 1", "2 LMOVE {q}x {q}a LEFT LEFT", "1<"),
            new Story(
                    "in EXEC",
                    "1~ BLPOP {q}a 0",
                    "2 MULTI",
                    "2 RPUSH {q}a x",
                    "2 RPUSH {q}a y",
                    "2 LLEN {q}a",
                    "2 EXEC",
                    "1<"),
            new Story(
                    "gone by the end of EXEC",
                    "1~ BLPOP {q}a 0",
                    "2 MULTI",
                    "2 RPUSH {q}a x",
                    "2 DEL {q}a",
                    "2 EXEC",
                    "2 RPUSH {q}a y",
                    "1<"),
            new Story(
                    "the key first written",
                    "1~ BLPOP {q}a {q}b 0",
                    "2 MULTI",
                    "2 RPUSH {q}b x",
                    "2 RPUSH {q}a y",
                    "2 EXEC",
                    "1<",
                    "2 LRANGE {q}a 0 -1"),
            new Story(
                    "in a script",
                    "1~ BLPOP {q}a 0",
                    "2 EVAL return{redis.call('rpush',KEYS[1],'x'),redis.call('llen',KEYS[1])} 1 {q}a",
                    "1<"),
            new Story("wrong type at once", "2 SET {q}b x", "1 BLPOP {q}a {q}b 0"),
            new Story("another type comes", "1~ BLPOP {q}a {q}b 0", "2 SET {q}a x", "2 RPUSH {q}b y", "1<"),
            new Story("a set comes", "1~ BZPOPMIN {q}a 0", "2 RPUSH {q}a x", "2 DEL {q}a", "2 ZADD {q}a 1 m", "1<"),
            new Story(
                    "target of another type",
                    "2 SET {q}b x",
                    "1~ BLMOVE {q}a {q}b LEFT LEFT 0",
                    "2 RPUSH {q}a y",
                    "1<",
                    "2 LRANGE {q}a 0 -1"),
            new Story(
                    "timed out", "1 BLPOP {q}a 0.01", "1 BLMOVE {q}a {q}b LEFT LEFT 0.01", "1 BZMPOP 0.01 1 {q}a MIN"),
            new Story("timed out later", "1~ BLPOP {q}a 0.3", "1<", "2 RPUSH {q}a x", "2 LLEN {q}a"),
            new Story(
                    "timeouts that are none",
                    "1 BLPOP {q}a x",
                    "1 BLPOP {q}a -1",
                    "1 BLPOP {q}a inf",
                    "1 BLPOP {q}a nan"),
            new Story(
                    "words of LMPOP",
                    "1 BLMPOP x x {q}a Q",
                    "1 BLMPOP x 1 {q}a LEFT",
                    "1 BLMPOP 1 1 {q}a LEFT COUNT 0"),
            new Story("words of LMOVE", "1 BLMOVE {q}a {q}b X LEFT z", "1 BLMOVE {q}a {q}b LEFT LEFT z"),
            new Story("words of ZMPOP", "1 BZMPOP x 0 {q}a MIN", "1 BZMPOP 1 1 {q}a LEFT", "1 BZMPOP x 1 {q}a MIN"),
            new Story(
                    "does not wait in MULTI",
                    "1 MULTI",
                    "1 BLPOP {q}a 0",
                    "1 BLMOVE {q}a {q}b LEFT LEFT 0",
                    "1 BLMPOP 0 1 {q}a LEFT",
                    "1 BZPOPMIN {q}a 0",
                    "1 XREAD BLOCK 0 STREAMS {q}a $",
                    "1 EXEC"),
            new Story("XREAD", "2 XADD {q}s 1-1 f v", "1~ XREAD BLOCK 0 STREAMS {q}s $", "2 XADD {q}s 1-2 f w", "1<"),
            new Story(
                    "XREAD of an id to come",
                    "1~ XREAD BLOCK 0 STREAMS {q}s 5-0",
                    "2 XADD {q}s 4-1 f v",
                    "2 XADD {q}s 6-1 f v",
                    "1<"),
            new Story(
                    "XREAD for all",
                    "1~ XREAD BLOCK 0 STREAMS {q}s $",
                    "2~ XREAD BLOCK 0 COUNT 1 STREAMS {q}t {q}s $ $",
                    "3 XADD {q}s 1-1 f v",
                    "1<",
                    "2<"),
            new Story("XREAD timed out", "1 XREAD BLOCK 10 STREAMS {q}s $", "1 XREAD BLOCK -1 STREAMS {q}s $"),
            new Story(
                    "a group",
                    "3 XGROUP CREATE {q}s g $ MKSTREAM",
                    "1~ XREADGROUP GROUP g c BLOCK 0 STREAMS {q}s >",
                    "2~ XREADGROUP GROUP g d BLOCK 0 STREAMS {q}s >",
                    "3 XADD {q}s 1-1 f v",
                    "1<",
                    "3 XADD {q}s 1-2 f v",
                    "2<",
                    "3 XPENDING {q}s g"),
            new Story(
                    "a stream is removed",
                    "2 XGROUP CREATE {q}s g $ MKSTREAM",
                    "1~ XREADGROUP GROUP g c BLOCK 0 STREAMS {q}s >",
                    "2 DEL {q}s",
                    "1<"),
            new Story(
                    "a stream is overwritten",
                    "2 XGROUP CREATE {q}s g $ MKSTREAM",
                    "1~ XREADGROUP GROUP g c BLOCK 0 STREAMS {q}s >",
                    "2 SET {q}s x",
                    "1<"),
            new Story(
                    "a group is removed",
                    "2 XGROUP CREATE {q}s g $ MKSTREAM",
                    "1~ XREADGROUP GROUP g c BLOCK 0 STREAMS {q}s >",
                    "2 XGROUP DESTROY {q}s g",
                    "1<"),
            new Story(
                    "a group is made again in EXEC",
                    "2 XGROUP CREATE {q}s g $ MKSTREAM",
                    "1~ XREADGROUP GROUP g c BLOCK 0 STREAMS {q}s >",
                    "2 MULTI",
                    "2 DEL {q}s",
                    "2 XGROUP CREATE {q}s g $ MKSTREAM",
                    "2 EXEC",
                    "2 XADD {q}s 1-1 f v",
                    "1<"),
            new Story("later commands wait", "1~ BLPOP {q}a 0", "2 RPUSH {q}a x", "1<", "1 PING"));

    /** Keys of these stories may be in several ranges. */
    private static final List<Story> OF_SEVERAL_SLOTS = List.of(
            new Story("several keys", "1~ BLPOP a b c d e f 0", "2 RPUSH d x", "1<", "2 EXISTS d"),
            new Story("from one to another", "1~ BLMOVE a b LEFT LEFT 0", "2 RPUSH a x", "1<", "2 LRANGE b 0 -1"),
            new Story("from another to one", "1~ BLMOVE b a LEFT LEFT 0", "2 RPUSH b x", "1<", "2 LRANGE a 0 -1"),
            new Story("timed out", "1 BLPOP a b c d 0.01", "1 BZPOPMIN a b c d 0.01"),
            new Story(
                    "EXEC over several",
                    "1~ BLPOP a 0",
                    "2~ BLPOP b 0",
                    "3 MULTI",
                    "3 RPUSH a x",
                    "3 RPUSH b y",
                    "3 EXEC",
                    "1<",
                    "2<"),
            new Story("RENAME", "1~ BLPOP a 0", "2 RPUSH b x", "2 RENAME b a", "1<", "2 EXISTS a b"),
            new Story("sorted sets", "1~ BZMPOP 0 4 a b c d MIN", "2 ZADD c 1 m", "1<", "2 EXISTS c"),
            new Story("streams", "1~ XREAD BLOCK 0 STREAMS a b c $ $ $", "2 XADD c 1-1 f v", "1<"),
            new Story("another type comes", "1~ BLPOP a b c d 0", "2 SET a x", "2 RPUSH b y", "1<"),
            new Story(
                    "a stream is removed",
                    "2 XGROUP CREATE a g $ MKSTREAM",
                    "2 XGROUP CREATE b g $ MKSTREAM",
                    "2 XGROUP CREATE c g $ MKSTREAM",
                    "1~ XREADGROUP GROUP g c BLOCK 0 STREAMS a b c > > >",
                    "2 DEL b",
                    "1<"),
            new Story("SWAPDB", "1~ BLPOP a 0", "2 SELECT 1", "2 RPUSH a x", "2 SWAPDB 0 1", "2 EXISTS a", "1<"));

    @TempDir
    private Path folder;

    @Test
    void clientsWaitAsWithRedis(@SharedCluster(nodes = 1) LaunchedCluster cluster) throws Exception {
        compare(cluster.port(0), OF_ONE_SLOT);
        compare(cluster.port(0), OF_SEVERAL_SLOTS);
    }

    @Test
    void clientsWaitAsWithRedisOverThreeNodes(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        compare(cluster.port(0), OF_ONE_SLOT);
        compare(cluster.port(1), OF_ONE_SLOT);
        compare(cluster.port(2), OF_ONE_SLOT);
        compare(cluster.port(1), OF_SEVERAL_SLOTS);
    }

    @Test
    void clientsAreUnblocked(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        for (String command : List.of("BLPOP {u}a 0", "BLMOVE {u}a {u}b LEFT LEFT 0", "BZPOPMIN a b c d 0")) {
            try (Telling telling = new Telling(cluster.port(2))) {
                long id = ((Reply.Int) telling.client(1).send(Words.of("CLIENT ID"))).value();
                telling.tell("1~ " + command);
                assertEquals(":1", ReplyText.of(telling.client(2).send(Words.of("CLIENT UNBLOCK " + id))));
                telling.tell("1<");
                telling.tell("1~ " + command);
                telling.tell("2 CLIENT UNBLOCK " + id + " ERROR");
                telling.tell("1<");
                telling.tell("2 CLIENT UNBLOCK " + id);
                assertEquals(
                        "[null array, :1, -UNBLOCKED client unblocked via CLIENT UNBLOCK, :0]",
                        telling.told.toString());
            }
        }
    }

    private void compare(int port, List<Story> stories) throws Exception {
        Optional<RedisProcess> started = RedisProcess.start(folder);
        assumeTrue(started.isPresent(), "no redis-server to compare with");
        try (RedisProcess redis = started.orElseThrow()) {
            List<String> differences = new ArrayList<>();
            for (Story story : stories) {
                List<String> expected = tell(redis.port(), story);
                List<String> told = tell(port, story);
                if (!expected.equals(told)) {
                    differences.add(story.name + ": " + expected + " but was " + told);
                }
            }
            assertEquals(List.of(), differences);
        }
    }

    private static List<String> tell(int port, Story story) throws Exception {
        try (Telling telling = new Telling(port)) {
            telling.client(0).reset(2);
            for (String line : story.lines) {
                telling.tell(line);
            }
            return telling.told;
        }
    }

    /** One telling of a story. Confined to the test's thread. */
    private static final class Telling implements AutoCloseable {

        private final int port;
        private final Map<Integer, RespTarget> clients = new HashMap<>();
        private final Map<Integer, CompletableFuture<Reply>> waiting = new HashMap<>();
        private final List<String> told = new ArrayList<>();

        Telling(int port) {
            this.port = port;
        }

        RespTarget client(int number) throws Exception {
            RespTarget known = clients.get(number);
            if (known == null) {
                known = new RespTarget("client " + number, HOST, port);
                clients.put(number, known);
            }
            return known;
        }

        void tell(String line) throws Exception {
            Matcher matcher = LINE.matcher(line);
            assertTrue(matcher.matches(), line);
            int number = Integer.parseInt(matcher.group(1));
            switch (matcher.group(2)) {
                case "<" -> {
                    CompletableFuture<Reply> reply = waiting.remove(number);
                    told.add(ReplyText.of(reply.get(REPLY_SECONDS_MAX, TimeUnit.SECONDS)));
                }
                case "~" -> {
                    RespTarget client = client(number);
                    String id = ReplyText.of(client.send(Words.of("CLIENT ID"))).substring(1);
                    Words words = Words.of(matcher.group(3));
                    CompletableFuture<Reply> reply =
                            CompletableFuture.supplyAsync(() -> client.send(words), Thread::startVirtualThread);
                    waiting.put(number, reply);
                    awaitBlocked(id, reply);
                }
                default -> {
                    Reply reply = client(number).send(Words.of(matcher.group(3)));
                    if (!matcher.group(3).startsWith("HELLO")) {
                        told.add(ReplyText.of(reply));
                    }
                }
            }
        }

        private void awaitBlocked(String id, CompletableFuture<Reply> reply) throws Exception {
            long begin = System.nanoTime();
            while (true) {
                String line = ReplyText.of(client(0).send(Words.of("CLIENT LIST ID " + id)));
                if (line.contains(" flags=b") || reply.isDone()) {
                    return;
                }
                assertTrue(System.nanoTime() - begin < BLOCKED_NANOS_MAX, line);
            }
        }

        @Override
        public void close() {
            clients.values().forEach(RespTarget::close);
        }
    }
}
