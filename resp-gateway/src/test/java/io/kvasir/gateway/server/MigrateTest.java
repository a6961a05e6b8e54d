package io.kvasir.gateway.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.fuzz.RedisServer;
import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** MIGRATE to a redis-server, to another gateway, and to servers that answer late or never. */
final class MigrateTest {

    /** Both sources have the same keys; TARGET is the port of one redis-server for both, each with a database there. */
    private static final List<String> SCRIPT = List.of(
            "SET s value",
            "SET t value PX 100000",
            "RPUSH l a b c",
            "HSET h f v g w",
            "ZADD z 1 a 2.5 b",
            "SADD x 1 2 3",
            "XADD e 1-1 f v",
            "SET s2 other",
            "SET s3 third",
            "MIGRATE",
            "MIGRATE 127.0.0.1 TARGET s DB",
            "MIGRATE 127.0.0.1 TARGET nokey DB 5000",
            "MIGRATE 127.0.0.1 TARGET s DB 5000 FOO",
            "MIGRATE 127.0.0.1 TARGET s DB 5000 AUTH",
            "MIGRATE 127.0.0.1 TARGET s DB 5000 AUTH2 u",
            "MIGRATE 127.0.0.1 TARGET s x 5000",
            "MIGRATE 127.0.0.1 TARGET s DB x",
            "MIGRATE 127.0.0.1 TARGET s DB 5000 KEYS a b",
            "MIGRATE 127.0.0.1 TARGET s 99 5000",
            "EXISTS s",
            "MIGRATE 127.0.0.1 TARGET s DB 5000 COPY",
            "EXISTS s",
            "MIGRATE 127.0.0.1 TARGET s DB 5000",
            "EXISTS s",
            "MIGRATE 127.0.0.1 TARGET s DB 5000 COPY REPLACE",
            "MIGRATE 127.0.0.1 TARGET s DB 5000 REPLACE",
            "EXISTS s",
            "SET s again",
            "MIGRATE 127.0.0.1 TARGET | DB 5000 KEYS s2 s nokey s3",
            "MGET s s2 s3",
            "MIGRATE 127.0.0.1 TARGET | DB 5000 KEYS nokey nokey2",
            "MIGRATE 127.0.0.1 TARGET | DB 5000",
            "MIGRATE 127.0.0.1 TARGET t DB 5000 AUTH pw",
            "EXISTS t",
            "MIGRATE 127.0.0.1 TARGET t DB 5000 AUTH2 nobody pw",
            "MIGRATE 127.0.0.1 TARGET | DB -5 KEYS t l h z x e",
            "EXISTS t l h z x e",
            "SET s again",
            "MIGRATE 127.0.0.1 1 s DB 1000",
            "MIGRATE no.such.host.invalid 6379 s DB 1000",
            "MIGRATE 127.0.0.1 99999 s DB 1000",
            "MIGRATE 127.0.0.1 port s DB 1000",
            "COMMAND GETKEYS MIGRATE h 1 k 0 1 COPY",
            "COMMAND GETKEYS MIGRATE h 1 | 0 1 AUTH keys KEYS a keys b");

    @Test
    void answersAndMovesAsRedisDoes() throws IOException {
        Optional<RedisServer> source = RedisServer.start();
        assumeTrue(source.isPresent(), "no redis-server to compare with");
        try (RedisServer redis = source.orElseThrow();
                RedisServer target = RedisServer.start().orElseThrow();
                TestGateway gateway = new TestGateway()) {
            assertEquals(
                    String.join("\n", told(redis.port(), target, 3)),
                    String.join("\n", told(gateway.port(), target, 4)));
            assertEquals(held(target, 3), held(target, 4));
        }
    }

    private static List<String> told(int source, RedisServer target, int database) throws IOException {
        List<String> told = new ArrayList<>();
        try (RespTarget client = new RespTarget("source", "127.0.0.1", source)) {
            for (String line : SCRIPT) {
                String[] words = line.replace("TARGET", Integer.toString(target.port()))
                        .replace("DB", Integer.toString(database))
                        .split(" ");
                for (int i = 0; i < words.length; i++) {
                    words[i] = words[i].equals("|") ? "" : words[i];
                }
                told.add(line + " -> " + ReplyText.of(client.send(Words.of(words))));
            }
        }
        return told;
    }

    private static List<String> held(RedisServer target, int database) throws IOException {
        List<String> held = new ArrayList<>();
        try (RespTarget client = new RespTarget("target", "127.0.0.1", target.port())) {
            client.send(Words.of("SELECT", Integer.toString(database)));
            for (String line : List.of(
                    "DBSIZE",
                    "MGET s s2 s3 t",
                    "LRANGE l 0 -1",
                    "HGETALL h",
                    "ZRANGE z 0 -1 WITHSCORES",
                    "SORT x",
                    "XRANGE e - +",
                    "PTTL s")) {
                held.add(line + " -> " + ReplyText.of(client.send(Words.of(line.split(" ")))));
            }
            String left = ReplyText.of(client.send(Words.of("PTTL", "t"))).replaceAll("\\D", "");
            assertTrue(Long.parseLong(left) > 50_000 && Long.parseLong(left) <= 100_000, left);
        }
        return held;
    }

    @Test
    void anotherGatewayTakesKeysBeyondOnePiece() throws IOException {
        try (TestGateway source = new TestGateway();
                TestGateway target = new TestGateway();
                RespTarget from = new RespTarget("source", "127.0.0.1", source.port());
                RespTarget to = new RespTarget("target", "127.0.0.1", target.port())) {
            List<String> migrate = new ArrayList<>(
                    List.of("MIGRATE", "127.0.0.1", Integer.toString(target.port()), "", "0", "5000", "KEYS"));
            for (int i = 0; i < 200; i++) {
                from.send(Words.of("SET", "k" + i, "v".repeat(i * 1_000)));
                migrate.add("k" + i);
            }
            assertEquals("+OK", ReplyText.of(from.send(Words.of(migrate.toArray(String[]::new)))));
            assertEquals(":0", ReplyText.of(from.send(Words.of("DBSIZE"))));
            assertEquals(":200", ReplyText.of(to.send(Words.of("DBSIZE"))));
            assertEquals(":199000", ReplyText.of(to.send(Words.of("STRLEN", "k199"))));
        }
    }

    @Test
    void aKeyThatChangesWhileItIsSentStaysAndTheClientIsTold() throws IOException, InterruptedException {
        try (TestGateway gateway = new TestGateway();
                SlowTarget target = new SlowTarget();
                RespTarget other = new RespTarget("other", "127.0.0.1", gateway.port());
                RespTarget client = new RespTarget("client", "127.0.0.1", gateway.port())) {
            other.send(Words.of("MSET", "a", "1", "b", "2", "c", "3"));
            client.post(Words.of(
                    "MIGRATE", "127.0.0.1", Integer.toString(target.port()), "", "0", "5000", "KEYS", "a", "b", "c"));
            target.awaitKeys(3);
            assertEquals("+OK", ReplyText.of(other.send(Words.of("SET", "b", "2")))); // the same value is a change
            target.answer();
            assertEquals(
                    "-CHANGED 1 of 3 keys were changed, deleted or expired here after they were sent: what is here"
                            + " stays, the target has what was sent; the first is 'b'",
                    ReplyText.of(client.receive()));
            assertEquals("[null, 2, null]", list(other, "MGET", "a", "b", "c"));
        }
    }

    @Test
    void aTargetThatIsMuteHoldsUpNobodyElseAndOnlySoManyWait() throws IOException, InterruptedException {
        List<RespTarget> waiting = new ArrayList<>();
        try (TestGateway gateway = new TestGateway();
                SlowTarget target = new SlowTarget();
                RespTarget other = new RespTarget("other", "127.0.0.1", gateway.port())) {
            other.send(Words.of("SET", "a", "1"));
            String port = Integer.toString(target.port());
            for (int i = 0; i < 8; i++) {
                RespTarget client = new RespTarget("client", "127.0.0.1", gateway.port());
                waiting.add(client);
                client.post(Words.of("MIGRATE", "127.0.0.1", port, "a", "0", "1500", "COPY"));
            }
            target.awaitKeys(8);
            assertEquals("+PONG", ReplyText.of(other.send(Words.of("PING"))));
            assertEquals(
                    "-TRYAGAIN 8 MIGRATE are under way at this node, nothing was sent",
                    ReplyText.of(other.send(Words.of("MIGRATE", "127.0.0.1", port, "a", "0", "1500"))));
            for (RespTarget client : waiting) {
                assertEquals("-IOERR error or timeout reading to target instance", ReplyText.of(client.receive()));
            }
            assertEquals("1", ReplyText.of(other.send(Words.of("GET", "a"))));
        } finally {
            waiting.forEach(RespTarget::close);
        }
    }

    @Test
    void rightsAreCheckedForEveryKeyAndTransactionsAreRefused() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RespTarget client = new RespTarget("client", "127.0.0.1", gateway.port())) {
            client.send(Words.of("ACL", "SETUSER", "u", "on", "nopass", "~a*", "+@all"));
            client.send(Words.of("AUTH", "u", "x"));
            String denied = "-NOPERM No permissions to access a key";
            assertEquals(denied, ReplyText.of(client.send(Words.of("MIGRATE", "h", "1", "b", "0", "1"))));
            assertEquals(
                    denied,
                    ReplyText.of(client.send(Words.of("MIGRATE", "h", "1", "", "0", "1", "KEYS", "a", "KEYS", "b"))));
            assertEquals(denied, ReplyText.of(client.send(Words.of("MIGRATE", "h", "1", "", "0", "1"))));
            assertEquals("+NOKEY", ReplyText.of(client.send(Words.of("MIGRATE", "h", "1", "a", "0", "1"))));
            client.send(Words.of("MULTI"));
            client.send(Words.of("MIGRATE", "h", "1", "a", "0", "1"));
            String exec = ReplyText.of(client.send(Words.of("EXEC")));
            assertTrue(exec.contains("ERR MIGRATE is not possible inside a transaction"), exec);
            String script = ReplyText.of(
                    client.send(Words.of("EVAL", "return redis.call('MIGRATE', 'h', '1', 'a', '0', '1')", "0")));
            assertTrue(script.startsWith("-ERR"), script);
        }
    }

    private static String list(RespTarget client, String... words) {
        return ReplyText.of(client.send(Words.of(words)));
    }

    /** A server that takes keys and answers when it is told to. */
    private static final class SlowTarget implements AutoCloseable {

        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final CountDownLatch told = new CountDownLatch(1);
        private final java.util.concurrent.Semaphore keys = new java.util.concurrent.Semaphore(0);

        SlowTarget() throws IOException {
            Thread.ofPlatform().daemon().start(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        void awaitKeys(int count) throws InterruptedException {
            assertTrue(keys.tryAcquire(count, 10, TimeUnit.SECONDS), "the keys do not come");
        }

        void answer() {
            told.countDown();
        }

        private void accept() {
            try {
                while (true) {
                    Socket client = listener.accept();
                    Thread.ofPlatform().daemon().start(() -> serve(client));
                }
            } catch (IOException closed) {
                return;
            }
        }

        private void serve(Socket client) {
            try (client) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (line.equals("SELECT")) {
                        client.getOutputStream().write("+OK\r\n".getBytes(StandardCharsets.US_ASCII));
                    } else if (line.equals("RESTORE")) {
                        keys.release();
                        Thread.ofPlatform().daemon().start(() -> {
                            try {
                                told.await();
                                client.getOutputStream().write("+OK\r\n".getBytes(StandardCharsets.US_ASCII));
                            } catch (IOException | InterruptedException over) {
                                return;
                            }
                        });
                    }
                }
            } catch (IOException over) {
                return;
            }
        }

        @Override
        public void close() throws IOException {
            told.countDown();
            listener.close();
        }
    }
}
