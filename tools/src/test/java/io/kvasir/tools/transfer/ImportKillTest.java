package io.kvasir.tools.transfer;

import static io.kvasir.tools.transfer.RedisConnection.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.reply.Reply;
import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An import from a running Redis whose process, or a node that it writes to, is killed goes on where it stopped. */
@Tag("kill")
final class ImportKillTest {

    private static final int KEYS = 10_000;
    private static final int LARGE = 20_000;
    private static final int KILLS = 3;
    private static final int RUNS_MAX = 12;
    private static final int SECONDS_MAX = 60;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    @TempDir
    private Path folder;

    private Path state = Path.of("");
    private Path said = Path.of("");

    @BeforeEach
    void nameFiles() {
        state = folder.resolve("state");
        said = folder.resolve("said");
    }

    @Test
    void anImportWhoseProcessIsKilledGoesOnWhereItStopped() throws Exception {
        try (RedisProcess redis = TransferTest.redis(folder);
                LaunchedCluster cluster = LaunchedCluster.startWithRanges(1, 3)) {
            fill(redis.port());
            String place = "";
            for (int kill = 0; kill < KILLS; kill++) {
                Process process = start(redis.port(), cluster.port(0));
                String reached = awaitProgress(process, place);
                process.destroyForcibly().waitFor();
                assertNotEquals(place, reached, "an import does not go on");
                place = reached;
            }
            assertEquals(0, end(start(redis.port(), cluster.port(0))), Files.readString(said));
            String text = Files.readString(said);
            assertTrue(text.contains("going on in database"), text);
            assertTrue(imported(text) < keys(redis.port()), "it began anew: " + text);
            same(redis, cluster.port(0));
        }
    }

    @Test
    void anImportGoesOnAfterANodeWasKilled() throws Exception {
        try (RedisProcess redis = TransferTest.redis(folder);
                LaunchedCluster cluster = LaunchedCluster.start(3)) {
            fill(redis.port());
            int failed = 0;
            int runs = 0;
            String place = "";
            // First the node that the import writes to, then one that leads some of the ranges.
            for (int victim : new int[] {0, 1}) {
                Process process = start(redis.port(), cluster.port(0));
                place = awaitProgress(process, place);
                cluster.kill(victim);
                cluster.restart(victim);
                failed += end(process) == 0 ? 0 : 1;
                runs++;
            }
            assertTrue(failed > 0, "no import was disturbed");
            while (end(start(redis.port(), cluster.port(2))) != 0) {
                assertTrue(++runs < RUNS_MAX, Files.readString(said));
            }
            assertFalse(Files.exists(state));
            same(redis, cluster.port(2));
        }
    }

    private static void same(RedisProcess redis, int port) throws IOException {
        Map<String, String> expected = TransferTest.contents(redis.port());
        TransferTest.assertSame(expected, TransferTest.contents(port));
    }

    /** Starts the command as a process of its own, which can be killed. */
    private Process start(int from, int at) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Transfer.class.getName(),
                        "import",
                        "--from=redis://127.0.0.1:" + from,
                        "--at=redis://127.0.0.1:" + at,
                        "--state=" + state)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
    }

    /** Waits until the import has noted another place than {@code before}; returns what it noted. */
    private String awaitProgress(Process process, String before) throws IOException {
        long begin = System.nanoTime();
        while (true) {
            String place = Files.exists(state) ? Files.readString(state) : before;
            if (!place.equals(before)) {
                return place;
            }
            assertTrue(process.isAlive(), () -> "it ended too soon");
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(SECONDS_MAX), "no progress");
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static int end(Process process) throws InterruptedException {
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("an import does not end");
        }
        return process.exitValue();
    }

    /** Returns how many keys the last run says that it imported. */
    private static long imported(String text) {
        String line = text.lines()
                .filter(one -> one.startsWith("imported "))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.split(" ")[1].replace(",", ""));
    }

    private static long keys(int port) throws IOException {
        try (RedisConnection redis = TransferTest.open(port)) {
            return ((Reply.Int) redis.require(bytes("DBSIZE"))).value();
        }
    }

    private static void fill(int port) throws IOException {
        try (RedisConnection redis = TransferTest.open(port)) {
            for (int i = 0; i < KEYS; i++) {
                switch (i % 4) {
                    case 0 -> redis.send(bytes("SET"), bytes("string:" + i), bytes("v".repeat(i % 90)));
                    case 1 -> redis.send(bytes("HSET"), bytes("hash:" + i), bytes("field"), bytes(i));
                    case 2 -> redis.send(bytes("ZADD"), bytes("zset:" + i), bytes(i), bytes("member"));
                    default -> redis.send(bytes("SET"), bytes("long:" + i), bytes(i), bytes("EX"), bytes(100_000));
                }
            }
            List<byte[]> list = new ArrayList<>(List.of(bytes("RPUSH"), bytes("large")));
            for (int i = 0; i < LARGE; i++) {
                list.add(bytes("element:" + i));
            }
            redis.send(list.toArray(byte[][]::new));
            redis.flush();
            for (int i = 0; i <= KEYS; i++) {
                assertFalse(redis.receive() instanceof Reply.Error);
            }
        }
    }
}
