package io.kvasir.gateway.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

final class ConnectionTest {

    @Test
    void repliesKeepTheOrderOfTheirCommandsWhoeverAnswersFirst() throws IOException {
        Shuffler shuffler = new Shuffler();
        try (TestGateway gateway = new TestGateway(shuffler);
                RawClient client = gateway.connect()) {
            StringBuilder requests = new StringBuilder();
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < 5_000; i++) {
                requests.append("SET k").append(i % 7).append(' ').append(i).append("\r\n");
                requests.append("GET k").append(i % 7).append("\r\n");
                expected.append("+OK\r\n$").append(Integer.toString(i).length()).append("\r\n");
                expected.append(i).append("\r\n");
            }
            Thread.startVirtualThread(() -> {
                try {
                    client.send(requests.toString());
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertEquals(expected.toString(), client.readLike(expected.toString()));
        } finally {
            shuffler.close();
        }
    }

    @Test
    void aClientThatEndsItsInputGetsEveryReply() throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        ExecutorService late = Executors.newVirtualThreadPerTaskExecutor();
        try (TestGateway gateway = new TestGateway(task -> late.execute(() -> {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    task.run();
                }));
                RawClient client = gateway.connect()) {
            client.send("SET a 1\r\nGET a\r\nGET b\r\n").endInput();
            gate.countDown();
            assertEquals("+OK\r\n$1\r\n1\r\n$-1\r\n", client.readToEnd());
        } finally {
            late.close();
        }
    }

    @Test
    void aProtocolErrorIsToldAfterTheRepliesBeforeIt() throws IOException {
        Shuffler shuffler = new Shuffler();
        try (TestGateway gateway = new TestGateway(shuffler);
                RawClient client = gateway.connect()) {
            client.send("SET a 1\r\nGET a\r\n*1\r\nx\r\nGET a\r\n");
            assertEquals("+OK\r\n$1\r\n1\r\n-ERR Protocol error: expected '$', got 'x'\r\n", client.readToEnd());
        } finally {
            shuffler.close();
        }
    }

    @Test
    void aReplyLargerThanEverySocketBufferArrivesWhole() throws IOException {
        try (TestGateway gateway = new TestGateway(Runnable::run);
                RawClient client = gateway.connect()) {
            String value = "0123456789abcdef".repeat(1 << 15);
            client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + value.length() + "\r\n" + value + "\r\n");
            assertEquals("+OK\r\n", client.read(5));
            client.send("GET k\r\n".repeat(40) + "GET none\r\n");
            String expected = ("$" + value.length() + "\r\n" + value + "\r\n").repeat(40) + "$-1\r\n";
            assertTrue(expected.equals(client.readLike(expected)));
        }
    }

    @Test
    void anUnknownCommandIsAnErrorAndNoMore() throws IOException {
        try (TestGateway gateway = new TestGateway(Runnable::run);
                RawClient client = gateway.connect()) {
            client.send("foo a b\r\nGET\r\nGET a\r\n").endInput();
            assertEquals(
                    "-ERR unknown command 'foo', with args beginning with: 'a' 'b' \r\n"
                            + "-ERR wrong number of arguments for 'get' command\r\n$-1\r\n",
                    client.readToEnd());
        }
    }

    /** Gives replies on another thread in a random order. */
    private static final class Shuffler implements Executor, AutoCloseable {

        private final List<Runnable> waiting = new ArrayList<>();
        private final Random random = new Random(1);
        private final Thread thread = Thread.ofPlatform().start(this::work);
        private boolean closed;

        @Override
        public void execute(Runnable task) {
            synchronized (waiting) {
                waiting.add(task);
                waiting.notifyAll();
            }
        }

        @Override
        public void close() {
            synchronized (waiting) {
                closed = true;
                waiting.notifyAll();
            }
        }

        private void work() {
            List<Runnable> batch;
            while (true) {
                synchronized (waiting) {
                    while (waiting.isEmpty() && !closed) {
                        try {
                            waiting.wait();
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                    if (closed) {
                        return;
                    }
                    batch = new ArrayList<>(waiting);
                    waiting.clear();
                }
                Collections.shuffle(batch, random);
                batch.forEach(Runnable::run);
            }
        }
    }
}
