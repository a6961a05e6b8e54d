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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Client-side caching: stories told to this database and to redis-server, and caches held against what is stored. Each
 * line of a story is a command of a client, by its number, with {@code $n} for the id of client n; a number with
 * {@code <} alone asks for the next message of that client that is no reply; with {@code !} it leaves.
 *
 * <p>This file is long because the stories are one list.
 */
@Tag("clients")
final class TrackingTest {

    private static final String HOST = "127.0.0.1";
    private static final Pattern LINE = Pattern.compile("(\\d)([<!]?) ?(.*)");
    private static final int KEYS = 40;
    private static final int AGAIN_MAX = 3;
    private static final int ROUNDS = 3_000;
    private static final long AGREE_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    private record Story(String name, String... lines) {}

    private static final List<Story> STORIES = List.of(
            new Story("read and written", "1 HELLO 3", "1 CLIENT TRACKING ON", "1 GET {q}k", "2 SET {q}k 1", "1<"),
            new Story(
                    "told once for each read",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON",
                    "1 GET {q}k",
                    "1 GET {q}k",
                    "2 SET {q}k 1",
                    "2 SET {q}k 2",
                    "1<",
                    "1 GET {q}k",
                    "2 DEL {q}k",
                    "1<"),
            new Story(
                    "only what was read",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON",
                    "1 MGET {q}a {q}b",
                    "2 SET {q}c 1",
                    "2 SET {q}b 1",
                    "2 HSET {q}a f v",
                    "1<",
                    "1<"),
            new Story(
                    "all types",
                    "1 HELLO 3",
                    "2 RPUSH {q}l a",
                    "2 ZADD {q}z 1 a",
                    "2 XADD {q}x 1-1 f v",
                    "1 CLIENT TRACKING ON",
                    "1 LRANGE {q}l 0 -1",
                    "1 ZSCORE {q}z a",
                    "1 XLEN {q}x",
                    "2 LPOP {q}l",
                    "1<",
                    "2 ZINCRBY {q}z 1 a",
                    "1<",
                    "2 XADD {q}x 1-2 f v",
                    "1<"),
            new Story(
                    "its own change",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON",
                    "1 GET {q}k",
                    "1 SET {q}k 1",
                    "1<",
                    "1 GET {q}k"),
            new Story(
                    "its own change with NOLOOP",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON NOLOOP",
                    "1 GET {q}k",
                    "1 SET {q}k 1",
                    "1 GET {q}j",
                    "2 SET {q}j 1",
                    "1<",
                    "2 SET {q}k 2",
                    "1 GET {q}k",
                    "2 SET {q}k 3",
                    "1<"),
            new Story(
                    "NOLOOP in a transaction and a script",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON NOLOOP",
                    "1 MGET {q}a {q}b",
                    "1 MULTI",
                    "1 SET {q}a 1",
                    "1 EXEC",
                    "1 EVAL return{redis.call('set',KEYS[1],1)} 1 {q}b",
                    "1 GET {q}c",
                    "2 SET {q}c 1",
                    "1<"),
            new Story(
                    "in a transaction",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON",
                    "1 MULTI",
                    "1 GET {q}a",
                    "1 SET {q}b 1",
                    "1 EXEC",
                    "2 SET {q}b 1",
                    "2 SET {q}a 1",
                    "1<"),
            new Story(
                    "read by a script",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON",
                    "1 EVAL return{redis.call('get',KEYS[1])} 1 {q}a",
                    "2 SET {q}a 1",
                    "1<"),
            new Story(
                    "a watched transaction of another",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON",
                    "1 GET {q}a",
                    "2 MULTI",
                    "2 SET {q}a 1",
                    "2 SET {q}a 2",
                    "2 EXEC",
                    "1<"),
            new Story(
                    "off",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON",
                    "1 MGET {q}a {q}b",
                    "1 CLIENT TRACKING OFF",
                    "2 SET {q}a 1",
                    "1 CLIENT TRACKING ON",
                    "1 GET {q}c",
                    "2 SET {q}c 1",
                    "1<",
                    "1 CLIENT TRACKINGINFO"),
            new Story(
                    "OPTIN",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON OPTIN",
                    "1 GET {q}a",
                    "1 CLIENT CACHING YES",
                    "1 CLIENT TRACKINGINFO",
                    "1 GET {q}b",
                    "1 GET {q}c",
                    "2 SET {q}a 1",
                    "2 SET {q}c 1",
                    "2 SET {q}b 1",
                    "1<",
                    "1 CLIENT CACHING NO"),
            new Story(
                    "OPTIN before a transaction",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON OPTIN",
                    "1 CLIENT CACHING YES",
                    "1 MULTI",
                    "1 GET {q}a",
                    "1 GET {q}b",
                    "1 EXEC",
                    "1 GET {q}c",
                    "2 SET {q}c 1",
                    "2 SET {q}b 1",
                    "1<",
                    "2 SET {q}a 1",
                    "1<"),
            new Story(
                    "OPTOUT",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON OPTOUT",
                    "1 CLIENT CACHING NO",
                    "1 CLIENT TRACKINGINFO",
                    "1 GET {q}a",
                    "1 GET {q}b",
                    "2 SET {q}a 1",
                    "2 SET {q}b 1",
                    "1<",
                    "1 CLIENT CACHING NO",
                    "1 NOSUCHCOMMAND",
                    "1 GET {q}a",
                    "2 SET {q}a 1",
                    "1<",
                    "1 CLIENT CACHING YES"),
            new Story(
                    "broadcast",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON BCAST PREFIX {q}a PREFIX {q}b",
                    "1 CLIENT TRACKINGINFO",
                    "2 SET {q}c 1",
                    "2 SET {q}b1 1",
                    "1<",
                    "2 MSET {q}a1 1 {q}a2 2 {q}c 3",
                    "1<",
                    "2 SET {q}a1 1",
                    "1<"),
            new Story(
                    "broadcast of all",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON BCAST",
                    "2 SET {q}c 1",
                    "1<",
                    "2 RENAME {q}c {q}d",
                    "1<",
                    "1 CLIENT TRACKING ON BCAST PREFIX x",
                    "1 CLIENT TRACKING ON"),
            new Story(
                    "broadcast without loop",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON BCAST NOLOOP PREFIX {q}",
                    "1 SET {q}c 1",
                    "1 CLIENT TRACKINGINFO",
                    "2 SET {q}d 1",
                    "1<"),
            new Story(
                    "redirected to a subscriber",
                    "2 SUBSCRIBE __redis__:invalidate",
                    "1 CLIENT TRACKING ON REDIRECT $2",
                    "1 CLIENT GETREDIR",
                    "1 CLIENT TRACKINGINFO",
                    "1 GET {q}k",
                    "3 SET {q}k 1",
                    "2<",
                    "1 GET {q}k",
                    "1 SET {q}k 2",
                    "2<"),
            new Story(
                    "redirected to RESP3",
                    "2 HELLO 3",
                    "1 CLIENT TRACKING ON REDIRECT $2 BCAST PREFIX {q}",
                    "3 SET {q}k 1",
                    "2<"),
            new Story(
                    "redirected to one that is gone",
                    "2 PING",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON REDIRECT $2",
                    "1 GET {q}k",
                    "2!",
                    "3 SET {q}k 1",
                    "1<",
                    "1 CLIENT TRACKINGINFO"),
            new Story(
                    "flushed",
                    "1 HELLO 3",
                    "2 MSET {q}a 1 {q}b 2",
                    "1 CLIENT TRACKING ON",
                    "1 GET {q}a",
                    "2 FLUSHDB",
                    "1<"),
            new Story(
                    "flushed in RESP2",
                    "2 SUBSCRIBE __redis__:invalidate",
                    "1 CLIENT TRACKING ON REDIRECT $2",
                    "1 GET {q}a",
                    "3 FLUSHALL",
                    "2<"),
            new Story(
                    "expired",
                    "1 HELLO 3",
                    "2 SET {q}k 1 PX 1500",
                    "1 CLIENT TRACKING ON",
                    "1 GET {q}k",
                    "1<",
                    "1 GET {q}k"),
            new Story(
                    "another database",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON",
                    "1 GET {q}k",
                    "2 SELECT 3",
                    "2 SET {q}k 1",
                    "1<"),
            new Story(
                    "RESET",
                    "1 HELLO 3",
                    "1 CLIENT TRACKING ON",
                    "1 GET {q}k",
                    "1 RESET",
                    "2 SET {q}k 1",
                    "1 CLIENT TRACKINGINFO",
                    "1 CLIENT GETREDIR"),
            new Story(
                    "words",
                    "1 CLIENT TRACKING",
                    "1 CLIENT TRACKING MAYBE",
                    "1 CLIENT TRACKING ON MAYBE",
                    "1 CLIENT TRACKING ON REDIRECT",
                    "1 CLIENT TRACKING ON REDIRECT x",
                    "1 CLIENT TRACKING ON REDIRECT 12345678",
                    "1 CLIENT TRACKING ON PREFIX a",
                    "1 CLIENT TRACKING ON BCAST OPTIN",
                    "1 CLIENT TRACKING ON OPTIN OPTOUT",
                    "1 CLIENT TRACKING ON BCAST PREFIX a PREFIX ab",
                    "1 CLIENT TRACKING ON OPTIN",
                    "1 CLIENT TRACKING ON OPTOUT",
                    "1 CLIENT TRACKING ON BCAST",
                    "1 CLIENT TRACKINGINFO",
                    "1 CLIENT CACHING MAYBE",
                    "1 CLIENT TRACKING OFF BCAST PREFIX",
                    "1 CLIENT TRACKING OFF BCAST",
                    "1 CLIENT CACHING YES",
                    "1 CLIENT TRACKING ON BCAST PREFIX a",
                    "1 CLIENT TRACKING ON BCAST PREFIX ab",
                    "1 CLIENT TRACKING ON BCAST PREFIX b",
                    "1 CLIENT TRACKINGINFO"));

    /** Keys in all ranges of three. */
    private static final String KEYS_ALL_OVER = "abcdefghijklmnopqrstuvwxyz";

    @TempDir
    private Path folder;

    @Test
    void clientsAreToldAsByRedis(@SharedCluster(nodes = 1) LaunchedCluster cluster) throws Exception {
        compare(number -> cluster.port(0));
    }

    @Test
    void clientsAreToldAsByRedisOverThreeNodes(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        for (int first = 0; first < 3; first++) {
            int here = cluster.port(first);
            int there = cluster.port((first + 1) % 3);
            // Who redirects, and to whom, is at one node; "redirected" stories have their writer, 3, elsewhere.
            compare(number -> number == 3 ? there : here);
        }
    }

    private void compare(IntUnaryOperator ports) throws Exception {
        Optional<RedisProcess> started = RedisProcess.start(folder);
        assumeTrue(started.isPresent(), "no redis-server to compare with");
        try (RedisProcess redis = started.orElseThrow()) {
            List<String> differences = new ArrayList<>();
            for (Story story : STORIES) {
                List<String> expected = tell(number -> redis.port(), story, Optional.empty());
                List<String> told = tell(ports, story, Optional.of(expected));
                // Clients may be told of more than they must: of what a replica that lags applies late.
                for (int again = 0; again < AGAIN_MAX && !expected.equals(told); again++) {
                    told = tell(ports, story, Optional.of(expected));
                }
                if (!expected.equals(told)) {
                    differences.add(story.name + ": " + expected + " but was " + told);
                }
            }
            assertEquals(List.of(), differences, () -> String.join("\n", differences));
        }
    }

    /**
     * Returns what clients were told, up to what differs from {@code expected}, if that is given: what is to come after
     * would only be waited for.
     *
     * @param expected if present, what was written before tracking begins may come late at a replica
     */
    private static List<String> tell(IntUnaryOperator ports, Story story, Optional<List<String>> expected)
            throws Exception {
        try (Telling telling = new Telling(ports)) {
            telling.client(0).target.reset(2);
            for (String line : story.lines) {
                try {
                    if (expected.isPresent() && line.contains("TRACKING ON")) {
                        telling.settle();
                    }
                    telling.tell(line);
                    if (expected.isPresent() && !isBeginning(telling.told, expected.get())) {
                        return telling.told;
                    }
                } catch (UncheckedIOException silent) {
                    telling.told.add("nothing for " + line);
                    return telling.told;
                }
            }
            return telling.told;
        }
    }

    private static boolean isBeginning(List<String> told, List<String> expected) {
        return told.size() <= expected.size()
                && expected.subList(0, told.size()).equals(told);
    }

    /** A client, and what it was told between replies. */
    private static final class Client {

        final RespTarget target;
        final long id;
        final Deque<Reply> pushes = new ArrayDeque<>();

        Client(int port) throws Exception {
            target = new RespTarget("client", HOST, port);
            id = ((Reply.Int) target.send(Words.of("CLIENT ID"))).value();
        }

        Reply send(Words words) {
            target.post(words);
            while (true) {
                Reply reply = target.receive();
                if (!(reply instanceof Reply.Push)) {
                    return reply;
                }
                pushes.add(reply);
            }
        }

        Reply nextPush() {
            return pushes.isEmpty() ? target.receive() : pushes.remove();
        }
    }

    /** One telling of a story. Confined to the test's thread. */
    private static final class Telling implements AutoCloseable {

        private final IntUnaryOperator ports;
        private final Map<Integer, Client> clients = new HashMap<>();
        private final List<String> told = new ArrayList<>();

        Telling(IntUnaryOperator ports) {
            this.ports = ports;
        }

        Client client(int number) throws Exception {
            Client known = clients.get(number);
            if (known == null) {
                known = new Client(ports.applyAsInt(number));
                clients.put(number, known);
            }
            return known;
        }

        void tell(String line) throws Exception {
            Matcher matcher = LINE.matcher(line);
            assertTrue(matcher.matches(), line);
            int number = Integer.parseInt(matcher.group(1));
            Client client = client(number);
            switch (matcher.group(2)) {
                case "<" -> told.add(named(ReplyText.of(client.nextPush())));
                case "!" -> {
                    client.target.close();
                    awaitGone(client.id);
                }
                default -> {
                    String command = matcher.group(3);
                    for (Map.Entry<Integer, Client> each : clients.entrySet()) {
                        command = command.replace("$" + each.getKey(), Long.toString(each.getValue().id));
                    }
                    Reply reply = client.send(Words.of(command));
                    if (!command.startsWith("HELLO")) {
                        told.add(named(ReplyText.of(reply)));
                    }
                }
            }
        }

        /** Has the replicas beside client 0, which tell the clients there of changes, apply all that there is. */
        void settle() throws Exception {
            client(0).send(Words.of("CLIENT CONSISTENCY SESSION"));
            for (char key : KEYS_ALL_OVER.toCharArray()) {
                client(0).send(Words.of("EXISTS " + key));
            }
        }

        /** Ids of clients by the numbers that the story has for them. */
        private String named(String text) {
            String named = text;
            for (Map.Entry<Integer, Client> each : clients.entrySet()) {
                named = named.replaceAll(":" + each.getValue().id + "\\b", ":\\$" + each.getKey());
            }
            return named;
        }

        private void awaitGone(long id) throws Exception {
            long begin = System.nanoTime();
            while (!ReplyText.of(client(0).send(Words.of("CLIENT LIST ID " + id)))
                            .equals("\"\"")
                    && System.nanoTime() - begin < AGREE_NANOS_MAX) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            clients.values().forEach(client -> client.target.close());
        }
    }

    @Test
    void noCacheKeepsWhatHasChanged(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        List<CompletableFuture<Cache>> readers = new ArrayList<>();
        for (int node = 0; node < 3; node++) {
            int port = cluster.port(node);
            int seed = node;
            writers.add(CompletableFuture.runAsync(() -> write(port, seed, stop), Thread::startVirtualThread));
            String mode = List.of("ON", "ON BCAST", "ON NOLOOP").get(node);
            readers.add(
                    CompletableFuture.supplyAsync(() -> new Cache(port, mode).read(seed), Thread::startVirtualThread));
        }
        List<Cache> caches = new ArrayList<>();
        for (CompletableFuture<Cache> each : readers) {
            caches.add(each.get(1, TimeUnit.MINUTES));
        }
        stop.set(true);
        for (CompletableFuture<Void> each : writers) {
            each.get(1, TimeUnit.MINUTES);
        }
        for (Cache cache : caches) {
            try (RespTarget other = new RespTarget("other", HOST, cluster.port(0))) {
                assertEquals(List.of(), cache.awaitAgreement(other));
            }
            assertTrue(cache.hits > 0, "nothing was kept for long enough to be read again");
            cache.client.target.close();
        }
    }

    private static void write(int port, int seed, AtomicBoolean stop) {
        Random random = new Random(seed);
        try (RespTarget target = new RespTarget("writer", HOST, port)) {
            for (int i = 0; !stop.get(); i++) {
                String key = "tracked:" + random.nextInt(KEYS);
                switch (random.nextInt(8)) {
                    case 0 -> target.send(Words.of("DEL " + key));
                    case 1 ->
                        target.send(Words.of("MSET " + key + " m" + i + " tracked:" + random.nextInt(KEYS) + " n" + i));
                    case 2 -> target.send(Words.of("SET " + key + " x" + i + " PX 20"));
                    case 3 ->
                        target.send(Words.of("EVAL return{redis.call('set',KEYS[1],ARGV[1])} 1 " + key + " s" + i));
                    default -> target.send(Words.of("SET " + key + " v" + seed + "." + i));
                }
                Thread.yield();
            }
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** What one client keeps of what it has read. */
    private static final class Cache {

        final Client client;
        final Map<String, String> kept = new HashMap<>();
        int hits;

        Cache(int port, String mode) {
            try {
                client = new Client(port);
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
            client.send(Words.of("HELLO 3"));
            assertEquals("+OK", ReplyText.of(client.send(Words.of("CLIENT TRACKING " + mode))));
        }

        Cache read(int seed) {
            Random random = new Random(seed);
            for (int i = 0; i < ROUNDS; i++) {
                String key = "tracked:" + random.nextInt(KEYS);
                if (kept.containsKey(key)) {
                    hits++;
                } else {
                    fetch(key);
                }
            }
            return this;
        }

        private void fetch(String key) {
            client.target.post(Words.of("GET " + key));
            while (true) {
                Reply reply = client.target.receive();
                if (reply instanceof Reply.Push(List<Reply> elements)) {
                    forget(elements.get(1));
                } else {
                    kept.put(key, ReplyText.of(reply));
                    return;
                }
            }
        }

        private void forget(Reply what) {
            if (what instanceof Reply.Array(List<Reply> keys)) {
                keys.forEach(key -> kept.remove(Words.text(((Reply.Bulk) key).bytes())));
            } else {
                kept.clear();
            }
        }

        /** Returns what still differs from what is stored when there was time enough to hear of it. */
        List<String> awaitAgreement(RespTarget other) {
            long begin = System.nanoTime();
            while (true) {
                List<String> stale = new ArrayList<>();
                fetch("tracked:none");
                kept.forEach((key, value) -> {
                    String stored = ReplyText.of(other.send(Words.of("GET " + key)));
                    if (!stored.equals(value)) {
                        stale.add(key + " is " + stored + ", not " + value);
                    }
                });
                if (stale.isEmpty() || System.nanoTime() - begin > AGREE_NANOS_MAX) {
                    return stale;
                }
            }
        }
    }
}
