package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.tools.process.LaunchedCluster;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** FAILOVER at three real nodes. */
@Tag("clients")
final class FailoverTest {

    private static final String HOST = "127.0.0.1";
    private static final int RANGES = 6;
    private static final long END_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

    @Test
    void aNodeGivesAwayAllItLeadsWhileClientsWrite() throws Exception {
        try (LaunchedCluster cluster = LaunchedCluster.startWithRanges(3, RANGES, "listen.cluster=true");
                RespTarget asked = new RespTarget("asked", HOST, cluster.port(0))) {
            awaitLeads(asked, cluster.port(0), true);
            assertEquals("+OK", ReplyText.of(asked.send(Words.of("FAILOVER"))));
            awaitLeads(asked, cluster.port(0), false);
            try (RespTarget second = new RespTarget("second", HOST, cluster.port(1))) {
                assertEquals("+OK", ReplyText.of(second.send(Words.of("FAILOVER TO 127.0.0.1 " + cluster.port(2)))));
                awaitLeads(second, cluster.port(1), false);
            }
        }
    }

    /** Writes, each without an error, until the node at {@code port} leads something, or nothing. */
    private static void awaitLeads(RespTarget client, int port, boolean wanted) {
        long begin = System.nanoTime();
        for (int i = 0; ; i++) {
            String reply = ReplyText.of(client.send(Words.of("SET key" + i + " v")));
            assertTrue(reply.equals("+OK") || reply.contains("MOVED"), reply);
            String nodes = ReplyText.of(client.send(Words.of("CLUSTER NODES")));
            if (leads(nodes, port) == wanted) {
                return;
            }
            assertTrue(System.nanoTime() - begin < END_NANOS_MAX, nodes);
        }
    }

    /** Returns whether the node at {@code port} has slots in a reply of CLUSTER NODES. */
    private static boolean leads(String nodes, int port) {
        int line = nodes.indexOf(HOST + ":" + port + "@");
        assertTrue(line >= 0, nodes);
        return nodes.substring(line).matches("(?s)[^ ]+ (\\S+ ){5}connected \\d.*");
    }
}
