package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.store.engine.DataDirectory;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.EngineSettings;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.RocksEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares what the replicas of a cluster hold, byte by byte, once its nodes have ended.
 *
 * <p>A follower learns that an entry is committed with the entry after it. So two marks go to every range: when the
 * second is answered, a follower that has taken it applies the first and all before it.
 */
final class ReplicaCheck {

    /** Fewer would say little; how many there are depends on how fast the machine is. */
    private static final int RECORDS_MIN = 20;

    private static final long CATCH_UP_MILLIS = 2_000;
    private static final long END_MILLIS_MAX = 15_000;
    private static final long CACHE_BYTES = 32 << 20;

    private final Cluster cluster;

    ReplicaCheck(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Stops all nodes and fails if two of them differ in any newest version. */
    void requireSameBytes() throws IOException {
        Pause.millis(CATCH_UP_MILLIS);
        mark("1");
        mark("2");
        Pause.millis(CATCH_UP_MILLIS);
        for (NodeProcess node : cluster.nodes()) {
            node.terminate(END_MILLIS_MAX);
        }
        Map<String, String> first = newest(cluster.node(0));
        assertTrue(first.size() >= RECORDS_MIN, () -> first.size() + " records only");
        for (NodeProcess node : cluster.nodes()) {
            assertEquals(first, newest(node), () -> "records of " + node);
        }
    }

    /** Writes {@code value} at a key of every thousandth slot at least, which is in every range. */
    private void mark(String value) throws IOException {
        try (Connection connection = Connection.open(cluster.node(0).port())) {
            for (int i = 0; i < 60; i++) {
                String key = "mark:" + i;
                assertTrue(connection.call("SET", key, value) instanceof Answer.Done, key);
            }
        }
    }

    private static Map<String, String> newest(NodeProcess node) {
        Map<String, String> all = new TreeMap<>();
        try (DataDirectory directory = DataDirectory.open(node.data());
                RocksEngine engine = RocksEngine.open(
                        directory, EngineSettings.within(CACHE_BYTES), fault -> fail("engine", fault));
                Engine.Cursor cursor = engine.cursor(Family.NEWEST, new byte[0], new byte[0], false, false)) {
            while (cursor.next()) {
                if (!new String(cursor.key(), StandardCharsets.ISO_8859_1).contains("mark:")) {
                    all.put(
                            HexFormat.of().formatHex(cursor.key()),
                            HexFormat.of().formatHex(cursor.value()));
                }
            }
        }
        return all;
    }
}
