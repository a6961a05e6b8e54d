package io.kvasir.gateway.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LimitTest {

    @Test
    void oneClientTooManyIsToldAndClosed() throws IOException {
        try (TestGateway gateway = new TestGateway(Runnable::run, Map.of("maxclients", "2"));
                RawClient first = gateway.connect();
                RawClient second = gateway.connect()) {
            assertEquals("+PONG\r\n", first.send("PING\r\n").read(7));
            assertEquals("+PONG\r\n", second.send("PING\r\n").read(7));
            try (RawClient third = gateway.connect()) {
                assertEquals("-ERR max number of clients reached\r\n", third.readToEnd());
            }
            first.send("CONFIG SET maxclients 3\r\n").read(5);
            try (RawClient fourth = gateway.connect()) {
                assertEquals("+PONG\r\n", fourth.send("PING\r\n").read(7));
            }
        }
    }

    @Test
    void aPlaceIsFreeAgainWhenItsClientIsGone() throws IOException {
        try (TestGateway gateway = new TestGateway(Runnable::run, Map.of("maxclients", "1"))) {
            for (int i = 0; i < 20; i++) {
                try (RawClient client = gateway.connect()) {
                    assertEquals(
                            "+PONG\r\n+OK\r\n",
                            client.send("PING\r\nQUIT\r\n").endInput().readToEnd());
                }
                while (gateway.commands().sessions().count() > 0) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Test
    void anIdleClientIsClosed() throws IOException {
        try (TestGateway gateway = new TestGateway(Runnable::run, Map.of("timeout", "1"));
                RawClient client = gateway.connect()) {
            assertEquals("+PONG\r\n", client.send("PING\r\n").readToEnd());
        }
    }

    @Test
    void withoutThePasswordOnlySmallRequestsOfFewCommandsAreServed() throws IOException {
        try (TestGateway gateway = new TestGateway(Runnable::run, Map.of("requirepass", "secret"))) {
            try (RawClient client = gateway.connect()) {
                String refused = "-NOAUTH Authentication required.\r\n";
                client.send("PING\r\nGET a\r\nfoo\r\nAUTH wrong\r\nAUTH default secret\r\nPING\r\nRESET\r\nPING\r\n"
                                + "AUTH secret\r\nPING\r\n")
                        .endInput();
                assertEquals(
                        refused + refused
                                + "-ERR unknown command 'foo', with args beginning with: \r\n"
                                + "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
                                + "+OK\r\n+PONG\r\n+RESET\r\n" + refused + "+OK\r\n+PONG\r\n",
                        client.readToEnd());
            }
            try (RawClient client = gateway.connect()) {
                assertEquals(
                        "-ERR Protocol error: unauthenticated multibulk length\r\n",
                        client.send("*11\r\n").readToEnd());
            }
            try (RawClient client = gateway.connect()) {
                assertEquals(
                        "-ERR Protocol error: unauthenticated bulk length\r\n",
                        client.send("*2\r\n$4\r\nECHO\r\n$16385\r\n").readToEnd());
            }
            try (RawClient client = gateway.connect()) {
                String hello = client.send("HELLO 3 AUTH default secret\r\nPING\r\n")
                        .endInput()
                        .readToEnd();
                assertTrue(hello.startsWith("%7\r\n") && hello.endsWith("+PONG\r\n"), hello);
            }
        }
    }

    @Test
    void aClientThatNeverReadsIsClosedAtTheLimitOfItsOutput() throws IOException {
        try (TestGateway gateway =
                        new TestGateway(Runnable::run, Map.of("client-output-buffer-limit", "normal 20mb 0 0"));
                RawClient client = gateway.connect()) {
            String value = "x".repeat(200_000);
            client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$200000\r\n" + value + "\r\n")
                    .read(5);
            client.send("MGET" + " k".repeat(200) + "\r\n");
            while (gateway.commands().sessions().count() > 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aPipelineLargerThanEveryBoundIsServedToAClientThatReadsLate() throws IOException {
        BlockingQueue<Runnable> answers = new LinkedBlockingQueue<>();
        Thread answering = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    List<Runnable> batch = new ArrayList<>();
                    batch.add(answers.take());
                    answers.drainTo(batch);
                    batch.forEach(Runnable::run);
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        try (TestGateway gateway = new TestGateway(answers::add);
                RawClient client = gateway.connect()) {
            int count = 20 * Connection.OUTSTANDING_MAX;
            client.send("SET k 0123456789\r\n" + "GET k\r\n".repeat(count));
            String expected = "+OK\r\n" + "$10\r\n0123456789\r\n".repeat(count);
            assertTrue(expected.equals(client.readLike(expected)));
        } finally {
            answering.interrupt();
        }
    }

    @Test
    void anotherClientEndsAPause() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient writer = gateway.connect();
                RawClient other = gateway.connect()) {
            assertEquals("+OK\r\n", other.send("CLIENT PAUSE 600000 WRITE\r\n").read(5));
            writer.send("GET a\r\nSET a 1\r\nGET a\r\n");
            assertEquals("$-1\r\n", writer.read(5));
            while (gateway.commands().sessions().blockedCount() == 0) {
                Thread.onSpinWait();
            }
            assertEquals("+PONG\r\n", other.send("PING\r\n").read(7));
            assertEquals("+OK\r\n", other.send("CLIENT UNPAUSE\r\n").read(5));
            assertEquals("+OK\r\n$1\r\n1\r\n", writer.read(12));
        }
    }

    @Test
    void aPauseEndsByItself() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient client = gateway.connect()) {
            long started = System.nanoTime();
            assertEquals(
                    "+OK\r\n+PONG\r\n",
                    client.send("CLIENT PAUSE 50\r\nPING\r\n").read(12));
            assertTrue(System.nanoTime() - started >= TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
