package io.kvasir.bench.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Connections that read hot keys for as long as they live and note how long each read took.
 *
 * <p>Back to back: each sends the next read when it has the last reply, so the reads themselves load the machine.
 * Paced: at random instants, so many a second in all; what is due while a reply is owed is sent right after it and
 * counts from when it was due, so that no wait is left out.
 */
final class HotReads implements AutoCloseable {

    private static final int CONNECTIONS = 4;
    private static final int SAMPLES_MAX = 2_000_000 / CONNECTIONS;

    private final int port;
    private final int keys;
    private final List<One> ones = new ArrayList<>();
    private volatile boolean over;

    /** Mean time between two reads of a connection; 0: back to back. */
    private volatile long paceNanos;

    /** Starts reading "key:0" up to "key:" + {@code keys}, excluded. */
    HotReads(int port, int keys) {
        this.port = port;
        this.keys = keys;
        for (int i = 0; i < CONNECTIONS; i++) {
            One one = new One(i);
            ones.add(one);
            Thread.ofPlatform().daemon().name("hot-" + i).start(one);
        }
    }

    /** @param perSecond reads a second of all connections; 0: back to back */
    void pace(int perSecond) {
        paceNanos = perSecond == 0 ? 0 : 1_000_000_000L * CONNECTIONS / perSecond;
    }

    /** Forgets what was noted. */
    void restart() {
        ones.forEach(One::restart);
    }

    /** Returns the times taken since {@link #restart}, in nanoseconds, in ascending order. */
    long[] samples() {
        return ones.stream()
                .flatMapToLong(one -> Arrays.stream(one.samples()))
                .sorted()
                .toArray();
    }

    @Override
    public void close() {
        over = true;
    }

    /** One connection. Samples are guarded by this. */
    private final class One implements Runnable {

        private final SplittableRandom random;
        private long[] nanos = new long[SAMPLES_MAX];
        private int count;

        One(int number) {
            random = new SplittableRandom(1_000 + number);
        }

        @Override
        public void run() {
            try (Connection connection = new Connection(port)) {
                long due = System.nanoTime();
                while (!over) {
                    long begin = System.nanoTime();
                    long pace = paceNanos;
                    if (pace == 0) {
                        due = begin;
                    } else {
                        due = Math.max(due + random.nextLong(2 * pace), begin - 1_000_000_000L);
                        if (due > begin) {
                            awaitInstant(due);
                            begin = System.nanoTime();
                            due = begin; // that this thread woke late is not the server's doing
                        } else {
                            begin = due;
                        }
                    }
                    connection.send(List.of("GET", "key:" + random.nextInt(keys)));
                    connection.await();
                    add(System.nanoTime() - begin);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        private synchronized void add(long taken) {
            if (count < nanos.length) {
                nanos[count++] = taken;
            }
        }

        synchronized void restart() {
            count = 0;
        }

        synchronized long[] samples() {
            return Arrays.copyOf(nanos, count);
        }
    }

    private static void awaitInstant(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
