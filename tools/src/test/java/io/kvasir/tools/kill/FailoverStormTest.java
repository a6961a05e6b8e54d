package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.proto.key.Slot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many ranges lose their leaders at the same instant, again and again (rule K37). */
@Tag("kill")
final class FailoverStormTest {

    private static final int RANGES = 60;
    private static final int KILLS = 2;

    /** 3,000 is the aim, on a machine that does nothing else. */
    private static final long FIRST_WRITE_MILLIS_MAX = Long.getLong("kvasir.failover.millis", 4_500);

    private static final long SETTLE_MILLIS_MAX = 40_000;

    @TempDir
    private Path folder;

    private final Register[] registers = new Register[RANGES];
    private final String[] keys = new String[RANGES];
    private final AtomicInteger connections = new AtomicInteger();

    @Test
    void everyRangeOfAKilledNodeTakesWritesAgainSoonEachTime() throws Exception {
        chooseKeys();
        try (Cluster cluster = new Cluster(folder, 3, RANGES);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int kill = 0; kill < KILLS; kill++) {
                cluster.startAll();
                NodeProcess other = cluster.node((kill + 1) % 3);
                writeAll(threads, other, System.nanoTime(), cluster);
                NodeProcess victim = cluster.node(kill % 3);
                victim.kill();
                long[] millis = writeAll(threads, other, System.nanoTime(), cluster);
                Arrays.sort(millis);
                System.out.println("storm " + kill + ": first writes after " + millis[0] + " to " + millis[RANGES - 1]
                        + " ms, median " + millis[RANGES / 2] + " ms");
                assertTrue(
                        millis[RANGES - 1] <= FIRST_WRITE_MILLIS_MAX,
                        () -> "first write after " + millis[RANGES - 1] + " ms" + cluster.tails());
            }
            cluster.startAll();
            try (Connection reader = Connection.open(cluster.node(0).port())) {
                for (int i = 0; i < RANGES; i++) {
                    read(reader, i, cluster);
                }
            }
            cluster.requireNoFault();
        }
    }

    /** Finds a key for each of the ranges that a cluster is cut into at its creation. */
    private void chooseKeys() {
        int missing = RANGES;
        for (int i = 0; missing > 0; i++) {
            String key = "key" + i;
            int slot = Slot.of(key.getBytes(StandardCharsets.UTF_8));
            int range = RANGES - 1;
            while (Slot.COUNT / RANGES * range + Math.min(range, Slot.COUNT % RANGES) > slot) {
                range--;
            }
            if (keys[range] == null) {
                keys[range] = key;
                registers[range] = new Register();
                missing--;
            }
        }
    }

    /** Writes to all ranges at once; returns for each how long after {@code begin} its first write was acknowledged. */
    private long[] writeAll(ExecutorService threads, NodeProcess through, long begin, Cluster cluster)
            throws InterruptedException, ExecutionException {
        List<Callable<Long>> writes = new ArrayList<>();
        for (int i = 0; i < RANGES; i++) {
            int range = i;
            writes.add(() -> {
                write(through, range, cluster);
                return (System.nanoTime() - begin) / 1_000_000;
            });
        }
        long[] millis = new long[RANGES];
        List<Future<Long>> done = threads.invokeAll(writes);
        for (int i = 0; i < RANGES; i++) {
            millis[i] = done.get(i).get();
        }
        return millis;
    }

    private void write(NodeProcess through, int range, Cluster cluster) {
        boolean written = Pause.until(SETTLE_MILLIS_MAX, () -> {
            try (Connection connection = Connection.open(through.port())) {
                long value = registers[range].issue(connections.incrementAndGet());
                Answer answer = connection.call("SET", keys[range], String.valueOf(value));
                registers[range].answered(value, answer);
                return answer instanceof Answer.Done;
            } catch (IOException notServing) {
                return false;
            }
        });
        assertTrue(written, () -> "no write to range " + range + cluster.tails());
    }

    private void read(Connection reader, int range, Cluster cluster) {
        boolean read = Pause.until(SETTLE_MILLIS_MAX, () -> {
            long floor = registers[range].floor();
            if (reader.call("GET", keys[range]) instanceof Answer.Done(Object value)) {
                registers[range]
                        .check(Model.number(value), floor)
                        .ifPresent(problem -> fail(keys[range] + " " + problem + cluster.tails()));
                return true;
            }
            return false;
        });
        assertTrue(read, () -> "no read of " + keys[range] + cluster.tails());
    }
}
