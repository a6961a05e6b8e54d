package io.kvasir.gateway.command.key;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.MapTransaction;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Expiry by the operation's time, which a comparison with another server cannot set. */
final class ExpireTest {

    private final MapTransaction transaction = new MapTransaction(1);
    private final CommandRunner runner = new CommandRunner(transaction);

    @AfterEach
    void whatMustHoldHolds() {
        transaction.check();
    }

    @Test
    void aKeyLivesUpToItsExpiryAndNotAtIt() {
        runner.run("SET k v");
        assertEquals("1", runner.run("PEXPIRE k 1000"));
        pass(999);
        assertEquals(List.of("1", "1", "1"), runner.runAll("EXISTS k", "PTTL k", "TOUCH k"));
        pass(1);
        assertEquals(
                List.of("0", "-2", "-2", "none", "0", "0", "(nil)"),
                runner.runAll(
                        "EXISTS k", "PTTL k", "EXPIRETIME k", "TYPE k", "PERSIST k", "DEL k", "OBJECT ENCODING k"));
    }

    @Test
    void secondsAreRoundedToTheNearest() {
        runner.run("SET k v");
        runner.run("PEXPIRE k 1500");
        assertEquals("2", runner.run("TTL k"));
        pass(1);
        assertEquals("1", runner.run("TTL k"));
        pass(1_000);
        assertEquals("0", runner.run("TTL k"));
        runner.runAll("SET k v", "PEXPIREAT k 9223372036854775807");
        assertEquals("9223372036854776", runner.run("EXPIRETIME k"));
    }

    @Test
    void equalTimesAreNeitherLaterNorEarlier() {
        runner.run("SET k v");
        runner.run("PEXPIREAT k 2000000000000");
        assertEquals(
                List.of("0", "0", "0", "1", "1"),
                runner.runAll(
                        "PEXPIREAT k 2000000000000 GT",
                        "PEXPIREAT k 2000000000000 LT",
                        "PEXPIREAT k 2000000000001 NX",
                        "PEXPIREAT k 2000000000001 XX GT",
                        "PEXPIREAT k 2000000000000 LT"));
    }

    @Test
    void aTimeThatIsNowIsPast() {
        runner.run("SET k v");
        assertEquals("1", runner.run("PEXPIREAT k " + transaction.timeMillis()));
        assertEquals(List.of(KeyspaceEvent.DEL), transaction.events());
        assertEquals("0", runner.run("EXISTS k"));
    }

    @Test
    void anExpiredKeyIsNoTargetAndNoSource() {
        runner.runAll("SET old v PX 100", "SET k v");
        pass(100);
        assertEquals(List.of("1", "\"v\""), runner.runAll("RENAMENX k old", "GET old"));
        assertEquals("-1", runner.run("TTL old"));
        runner.runAll("SET gone v PX 100", "SET k v");
        pass(100);
        assertEquals(
                List.of("ERR no such key", "0", "0", "1"),
                runner.runAll("RENAME gone k", "COPY gone other", "MOVE gone 1", "COPY k gone"));
    }

    @Test
    void expiryGoesWithTheValue() {
        runner.runAll("SET k v PX 1000", "COPY k copy", "RENAME k renamed", "COPY copy copy DB 1");
        assertEquals(List.of("1000", "1000"), runner.runAll("PTTL copy", "PTTL renamed"));
        runner.runAll("SET copy new", "MOVE renamed 1");
        assertEquals(List.of("-1", "-2"), runner.runAll("PTTL copy", "PTTL renamed"));
    }

    @Test
    void eventsSayWhatHappened() {
        runner.run("SET k v");
        assertEvents("EXPIRE k 100", KeyspaceEvent.EXPIRE);
        assertEvents("PERSIST k", KeyspaceEvent.PERSIST);
        assertEvents("PERSIST k");
        assertEvents("COPY k c", KeyspaceEvent.NEW, KeyspaceEvent.COPY_TO);
        assertEvents("RENAME k c", KeyspaceEvent.NEW, KeyspaceEvent.RENAME_FROM, KeyspaceEvent.RENAME_TO);
        assertEvents("MOVE c 3", KeyspaceEvent.NEW, KeyspaceEvent.MOVE_FROM, KeyspaceEvent.MOVE_TO);
        runner.run("SET k v");
        assertEvents("DEL k k nothing", KeyspaceEvent.DEL);
    }

    private void assertEvents(String command, KeyspaceEvent... events) {
        runner.run(command);
        assertEquals(List.of(events), transaction.events(), command);
    }

    private void pass(long millis) {
        transaction.begin(transaction.timeMillis() + millis);
    }
}
