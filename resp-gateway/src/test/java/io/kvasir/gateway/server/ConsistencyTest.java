package io.kvasir.gateway.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a connection asks of its reads reaches the ranges as an instant. */
final class ConsistencyTest {

    private static final String OK = "+OK\r\n";
    private static final String NONE = "$-1\r\n";

    private static void expect(RawClient client, String sent, String expected) throws IOException {
        client.send(sent);
        assertEquals(expected, client.readLike(expected));
    }

    @Test
    void strictReadsGoToTheLeader() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient client = gateway.connect()) {
            expect(client, "CLIENT CONSISTENCY\r\n", "*1\r\n$6\r\nstrict\r\n");
            expect(client, "GET k\r\n", NONE);
            assertEquals(List.of(), gateway.executor().replicaReads());
        }
    }

    @Test
    void staleReadsAskForNothingAndBoundedOnesForSomeTimeAgo() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient client = gateway.connect()) {
            expect(client, "CLIENT CONSISTENCY stale\r\n", OK);
            expect(client, "GET k\r\n", NONE);
            assertEquals(List.of(OptionalLong.empty()), gateway.executor().replicaReads());
            expect(client, "CLIENT CONSISTENCY BOUNDED 500\r\n", OK);
            expect(client, "CLIENT CONSISTENCY\r\n", "*2\r\n$7\r\nbounded\r\n:500\r\n");
            long before = System.nanoTime();
            expect(client, "GET k\r\n", NONE);
            long after = System.nanoTime();
            long since = gateway.executor().replicaReads().getLast().orElseThrow();
            long bound = TimeUnit.MILLISECONDS.toNanos(500);
            assertTrue(since >= before - bound && since <= after - bound, before + " " + since + " " + after);
        }
    }

    @Test
    void aSessionSeesWhatItDidAndSawElsewhere() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient client = gateway.connect()) {
            expect(client, "CLIENT CONSISTENCY session\r\n", OK);
            expect(client, "GET k\r\n", NONE);
            expect(client, "GET k\r\n", NONE);
            List<OptionalLong> reads = gateway.executor().replicaReads();
            assertEquals(reads.get(0), reads.get(1), "the second read asks for no more than the first");
            expect(client, "SET k v\r\n", OK);
            long written = System.nanoTime();
            expect(client, "GET k\r\n", "$1\r\nv\r\n");
            assertTrue(gateway.executor().replicaReads().getLast().orElseThrow() >= written);
        }
    }

    @Test
    void aReadBehindAWriteOfItsPipelineGoesToTheLeader() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient client = gateway.connect()) {
            expect(client, "CLIENT CONSISTENCY stale\r\n", OK);
            expect(client, "SET k v\r\nGET k\r\n", OK + "$1\r\nv\r\n");
        }
    }

    @Test
    void readonlyLetsReplicasOfTheClusterAnswerStrictly() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient client = new RawClient(gateway.clusterPort())) {
            expect(client, "READONLY\r\n", OK);
            long before = System.nanoTime();
            expect(client, "GET k\r\n", NONE);
            List<OptionalLong> reads = gateway.executor().replicaReads();
            assertTrue(reads.getLast().orElseThrow() >= before);
            expect(client, "READWRITE\r\n", OK);
            expect(client, "GET k\r\n", NONE);
            assertEquals(reads, gateway.executor().replicaReads());
        }
    }

    @Test
    void theDefaultIsOfTheServerAndComesBackWithReset() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient first = gateway.connect()) {
            expect(first, "CONFIG SET client-consistency bounded client-consistency-bound-ms 70\r\n", OK);
            expect(first, "CLIENT CONSISTENCY\r\n", "*1\r\n$6\r\nstrict\r\n");
            try (RawClient second = gateway.connect()) {
                String bounded = "*2\r\n$7\r\nbounded\r\n:70\r\n";
                expect(second, "CLIENT CONSISTENCY\r\n", bounded);
                expect(second, "CLIENT CONSISTENCY strict\r\nRESET\r\n", OK + "+RESET\r\n");
                expect(second, "CLIENT CONSISTENCY\r\n", bounded);
            }
        }
    }

    @Test
    void badWordsAreErrors() throws IOException {
        String level = "-ERR consistency is one of strict, session, bounded <milliseconds>, stale\r\n";
        String time = "-ERR the time to read at is milliseconds since the Unix epoch, -milliseconds ago, or a whole"
                + " timestamp\r\n";
        try (TestGateway gateway = new TestGateway();
                RawClient client = gateway.connect()) {
            expect(client, "CLIENT CONSISTENCY weak\r\n", level);
            expect(client, "CLIENT CONSISTENCY bounded\r\n", "-ERR syntax error\r\n");
            expect(
                    client,
                    "CLIENT CONSISTENCY bounded 0\r\n",
                    "-ERR the bound of a read is 1 to 86400000 milliseconds\r\n");
            expect(client, "AT x GET k\r\n", time);
            expect(client, "AT -5 SET k v\r\n", "-ERR AT takes a read-only command over keys\r\n");
            expect(client, "AT -5 PING\r\n", "-ERR AT takes a read-only command over keys\r\n");
            expect(client, "AT -5 GET\r\n", "-ERR wrong number of arguments for 'get' command\r\n");
            expect(client, "AT -5 GET k\r\n", NONE);
        }
    }

    @Test
    void waitTellsWhatAMajorityIs() throws IOException {
        try (TestGateway gateway = new TestGateway();
                RawClient client = gateway.connect()) {
            expect(client, "SET k v\r\nWAIT 0 0\r\n", OK + ":0\r\n");
            expect(client, "WAIT 1 -1\r\n", "-ERR timeout is negative\r\n");
            expect(client, "WAIT 1 x\r\n", "-ERR timeout is not an integer or out of range\r\n");
            expect(client, "WAITAOF 1 0 0\r\n", "*2\r\n:1\r\n:0\r\n");
        }
    }
}
