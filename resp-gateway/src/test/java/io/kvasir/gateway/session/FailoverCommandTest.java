package io.kvasir.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.gateway.server.TestGateway;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What FAILOVER begins and says, over a map of two nodes. */
final class FailoverCommandTest {

    private TestGateway gateway;
    private RespTarget client;

    @BeforeEach
    void start() throws IOException {
        gateway = new TestGateway();
        client = new RespTarget("client", "127.0.0.1", gateway.port());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        gateway.close();
    }

    private String say(String line) {
        return ReplyText.of(client.send(Words.of(line)));
    }

    @Test
    void itIsAnsweredWhenItBeginsAndThereIsOneAtATime() {
        assertEquals("+OK", say("FAILOVER"));
        TestGateway.HandOver first = gateway.handOvers().remove();
        assertTrue(first.to().isEmpty());
        assertTrue(say("INFO replication").contains("master_failover_state:failover-in-progress"));
        assertTrue(say("FAILOVER").contains("ERR FAILOVER already in progress."));
        first.whenDone().run();
        assertTrue(say("INFO replication").contains("master_failover_state:no-failover"));
        assertEquals("+OK", say("FAILOVER TO 127.0.0.1 7002 FORCE TIMEOUT 100000"));
        assertEquals(7002, gateway.handOvers().remove().to().orElseThrow().port());
    }

    @Test
    void itEndsWhenItIsAbortedAndTheNextOneGoesOn() {
        assertTrue(say("FAILOVER ABORT").contains("ERR No failover in progress."));
        say("FAILOVER");
        TestGateway.HandOver first = gateway.handOvers().remove();
        assertTrue(first.goesOn().getAsBoolean());
        assertEquals("+OK", say("FAILOVER ABORT"));
        assertFalse(first.goesOn().getAsBoolean());
        assertEquals("+OK", say("FAILOVER"));
        first.whenDone().run();
        assertTrue(gateway.handOvers().remove().goesOn().getAsBoolean());
        assertTrue(say("INFO replication").contains("master_failover_state:failover-in-progress"));
    }

    @Test
    void itsTimeEnds() throws InterruptedException {
        assertEquals("+OK", say("FAILOVER TIMEOUT 1"));
        TestGateway.HandOver first = gateway.handOvers().remove();
        long begin = System.nanoTime();
        while (first.goesOn().getAsBoolean()) {
            assertTrue(System.nanoTime() - begin < 10_000_000_000L, "it goes on");
            Thread.onSpinWait();
        }
    }

    @Test
    void whatCannotBeIsRefusedInTheWordsOfRedis() throws IOException {
        Map.of(
                        "FAILOVER TO 127.0.0.1 7003", "ERR FAILOVER target HOST and PORT is not a replica.",
                        "FAILOVER TO 127.0.0.1 7001", "ERR FAILOVER target HOST and PORT is not a replica.",
                        "FAILOVER TO 127.0.0.1 7002 FORCE",
                                "ERR FAILOVER with force option requires both a timeout and target HOST and IP.",
                        "FAILOVER TIMEOUT 0", "ERR FAILOVER timeout must be greater than 0",
                        "FAILOVER TO 127.0.0.1", "ERR syntax error",
                        "FAILOVER ABORT NOW", "ERR syntax error")
                .forEach((line, error) -> assertTrue(say(line).contains(error), line));
        assertTrue(gateway.handOvers().isEmpty());
    }
}
