package io.kvasir.bench.compare;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Asks for small keys all the time, one after the other, and notes how long each answer takes: what others notice of
 * something large. Started and ended by one thread.
 */
final class Probe implements AutoCloseable {

    private static final int KEYS = 64;
    private static final int PAUSE_MILLIS = 1;
    private static final int SAMPLES_MAX = 1 << 20;

    private final Connection connection;
    private final Thread thread;
    private final long[] nanos = new long[SAMPLES_MAX];

    /** Written by the probe's thread, which is joined before they are read. */
    private int count;

    private String failure = "";
    private volatile boolean ending;

    Probe(int port) throws IOException {
        connection = new Connection(port);
        thread = Thread.ofPlatform().name("probe").start(this::run);
    }

    private void run() {
        try {
            for (int i = 0; !ending && count < SAMPLES_MAX; i++) {
                String key = "probe:" + i / 2 % KEYS;
                long begin = System.nanoTime();
                connection.send(i % 2 == 0 ? List.of("SET", key, "value") : List.of("STRLEN", key));
                connection.await();
                nanos[count++] = System.nanoTime() - begin;
                Processes.pause(PAUSE_MILLIS);
            }
        } catch (IOException | BenchException failed) {
            failure = String.valueOf(failed.getMessage());
        }
    }

    /** Ends it and returns its answers' times: the median, the 999th of 1,000, and the longest. */
    String end() throws IOException {
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
        connection.close();
        if (!failure.isEmpty() || count == 0) {
            throw new BenchException("a probe failed (" + failure + ")");
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%,d | %.2f | %.2f | %.1f",
                count,
                sorted[count / 2] / 1e6,
                sorted[(int) (count * 0.999)] / 1e6,
                sorted[count - 1] / 1e6);
    }

    @Override
    public void close() throws IOException {
        ending = true;
        connection.close();
    }
}
