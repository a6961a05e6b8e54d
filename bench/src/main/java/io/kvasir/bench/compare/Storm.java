package io.kvasir.bench.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Connections that read, one read after another each, what the present kind of storm says; or nothing. */
final class Storm implements AutoCloseable {

    private final int port;
    private final int connections;
    private final AtomicLong reads = new AtomicLong();
    private volatile boolean over;
    private volatile Weather weather = new Weather(0, 0, 0);

    /**
     * What is read.
     *
     * @param from number of the first key
     * @param to number after the last key; {@code from}: nothing is read
     * @param perSecond reads a second, as near as that can be kept; 0: as many as there can be
     */
    record Weather(int from, int to, int perSecond) {}

    Storm(int port, int connections) {
        this.port = port;
        this.connections = connections;
        for (int i = 0; i < connections; i++) {
            int number = i;
            Thread.ofPlatform().daemon().name("storm-" + i).start(() -> read(number));
        }
    }

    void become(Weather next) {
        weather = next;
    }

    /** Returns whether anything is read now. */
    boolean blows() {
        return weather.to > weather.from;
    }

    /** Returns the replies so far. */
    long reads() {
        return reads.get();
    }

    @Override
    public void close() {
        over = true;
    }

    private void read(int number) {
        SplittableRandom random = new SplittableRandom(number);
        long due = System.nanoTime();
        try (Connection connection = new Connection(port)) {
            while (!over) {
                Weather now = weather;
                if (now.to == now.from) {
                    Processes.pause(10);
                    continue;
                }
                long time = System.nanoTime();
                if (now.perSecond > 0) {
                    // What cannot be kept up with is not made good later by more than a tenth of a second of reads.
                    due = Math.max(
                            due + random.nextLong(2_000_000_000L * connections / now.perSecond), time - 100_000_000L);
                    LockSupport.parkNanos(due - time);
                }
                connection.send(List.of("GET", "key:" + random.nextInt(now.from, now.to)));
                connection.await();
                reads.incrementAndGet();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
