package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.store.engine.DataDirectory;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.EngineSettings;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.RocksEngine;
import io.kvasir.tools.process.LaunchedCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code ./kvasir verify} tells replicas that are equal from those that are not, and from those it cannot see. */
@Tag("kill")
final class VerifyTest {

    private static final int CACHE_BYTES = 32 << 20;
    private static final int ROUNDS = 2;

    @Test
    void replicasAreComparedWhileTheyServeAndOneThatIsDamagedIsFound() throws IOException {
        try (LaunchedCluster cluster = LaunchedCluster.startWithRanges(3, 4)) {
            Thread writing = Thread.ofVirtual().start(() -> write(cluster.port(1)));
            List<String> said = new ArrayList<>();
            for (int i = 0; i < ROUNDS; i++) {
                assertEquals(0, verify(cluster, said), said::toString);
                assertTrue(said.getLast().contains("all replicas are equal: 4 ranges, 12 replicas"), said::toString);
            }
            writing.interrupt();
            cluster.kill(2);
            assertEquals(1, verify(cluster, said), said::toString);
            assertTrue(said.getLast().contains("the replica on node 2 does not answer"), said::toString);
            cluster.restart(2);
            assertEquals(0, verify(cluster, said), said::toString);

            cluster.stopAll();
            damage(cluster);
            assertEquals(2, verify(cluster, said), said::toString);
            assertTrue(
                    said.getLast().contains("no node runs") && said.getLast().contains("REPLICAS DIFFER"),
                    said::toString);
            assertEquals(2, verify(cluster, said), said::toString);
            assertTrue(said.getLast().contains("no node runs"), "they were stopped again: " + said);
        }
    }

    private static int verify(LaunchedCluster cluster, List<String> said) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code = cluster.verify(out);
        said.add(out.toString(StandardCharsets.UTF_8));
        return code;
    }

    private static void write(int port) {
        try (Connection connection = Connection.open(port)) {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                connection.call("SET", "key:" + i % 1000, String.valueOf(i));
            }
        } catch (IOException failed) {
            fail(failed);
        }
    }

    /** Changes one byte of one record in one replica, with a version of its own. */
    private static void damage(LaunchedCluster cluster) throws IOException {
        byte[] key = KeyLayout.root(0, "key:7".getBytes(StandardCharsets.US_ASCII));
        try (DataDirectory directory = DataDirectory.open(cluster.folder(1).resolve("data"));
                RocksEngine engine = RocksEngine.open(
                        directory, EngineSettings.within(CACHE_BYTES), fault -> fail("engine", fault));
                Engine.Batch batch = engine.newBatch()) {
            byte[] value = engine.get(Family.NEWEST, key);
            if (value == null) {
                fail("no record");
            }
            value[value.length - 1] ^= 1;
            batch.put(Family.NEWEST, key, value);
            engine.write(batch);
        }
    }
}
