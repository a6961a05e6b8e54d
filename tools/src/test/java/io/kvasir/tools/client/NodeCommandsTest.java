package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.proto.reply.Reply;
import io.kvasir.tools.process.LaunchedCluster;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Commands that concern a whole node, at real ones. */
@Tag("clients")
final class NodeCommandsTest {

    private static final String HOST = "127.0.0.1";
    private static final int WRITES = 300;
    private static final long END_NANOS_MAX = TimeUnit.SECONDS.toNanos(60);

    @Test
    void aNodeThatIsShutDownLeavesUnnoticedByTheClientsOfOthers() throws Exception {
        try (LaunchedCluster cluster = LaunchedCluster.start(3);
                RespTarget other = new RespTarget("other", HOST, cluster.port(0));
                RespTarget leaving = new RespTarget("leaving", HOST, cluster.port(2))) {
            checkpoints(leaving);
            leaving.post(Words.of("SHUTDOWN NOSAVE"));
            for (int i = 0; i < WRITES; i++) {
                assertEquals("+OK", ReplyText.of(other.send(Words.of("SET k" + i + " v"))));
            }
            assertThrows(UncheckedIOException.class, leaving::receive);
            restart(cluster, 2);
            try (RespTarget again = new RespTarget("again", HOST, cluster.port(2))) {
                assertEquals("v", ReplyText.of(again.send(Words.of("GET k1"))));
            }
        }
    }

    @Test
    void whatConfigRewriteWroteIsInForceAfterARestart() throws Exception {
        try (LaunchedCluster cluster = LaunchedCluster.start(1)) {
            try (RespTarget node = new RespTarget("node", HOST, cluster.port(0))) {
                node.send(Words.of("CONFIG", "SET", "slowlog-max-len", "77", "notify-keyspace-events", "KEA"));
                assertEquals(Reply.OK, node.send(Words.of("CONFIG", "REWRITE")));
            }
            cluster.kill(0);
            cluster.restart(0);
            try (RespTarget node = new RespTarget("node", HOST, cluster.port(0))) {
                String now =
                        ReplyText.of(node.send(Words.of("CONFIG", "GET", "slowlog-max-len", "notify-keyspace-events")));
                assertTrue(now.contains("77") && now.contains("AKE"), now);
            }
        }
    }

    private static void checkpoints(RespTarget node) {
        long before = ((Reply.Int) node.send(Words.of("LASTSAVE"))).value();
        assertEquals("+OK", ReplyText.of(node.send(Words.of("SET saved v"))));
        assertEquals("+OK", ReplyText.of(node.send(Words.of("SAVE"))));
        assertTrue(((Reply.Int) node.send(Words.of("LASTSAVE"))).value() >= before, "LASTSAVE goes back");
        assertEquals("+Background saving started", ReplyText.of(node.send(Words.of("BGSAVE SCHEDULE"))));
        assertTrue(ReplyText.of(node.send(Words.of("ROLE"))).startsWith("[master, :"), "a node is no master");
    }

    /** Starts a node once its process has ended. */
    private static void restart(LaunchedCluster cluster, int index) {
        long begin = System.nanoTime();
        while (true) {
            try {
                cluster.restart(index);
                return;
            } catch (IllegalStateException stillThere) {
                if (System.nanoTime() - begin > END_NANOS_MAX) {
                    throw stillThere;
                }
            }
        }
    }
}
