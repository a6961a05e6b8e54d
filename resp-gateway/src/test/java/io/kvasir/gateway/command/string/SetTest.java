package io.kvasir.gateway.command.string;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.gateway.type.KeyspaceEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SetTest {

    private final CommandRunner runner = new CommandRunner();

    @Test
    void aValueThatWasSetIsReadBack() {
        assertEquals(List.of("OK", "\"v\"", "(nil)"), runner.runAll("set k v", "GET k", "GET other"));
        runner.transaction().check();
    }

    @Test
    void conditionsDecideWhetherItWrites() {
        assertEquals(
                List.of("(nil)", "OK", "(nil)", "\"a\"", "\"a\"", "\"c\""),
                runner.runAll("SET k a XX", "SET k a NX", "SET k b NX", "SET k b NX GET", "SET k c XX GET", "GET k"));
    }

    @Test
    void contradictingOptionsAreSyntaxErrors() {
        for (String options : List.of("NX XX", "EX 1 PX 1", "KEEPTTL EX 1", "EX 1 KEEPTTL", "EX", "FOO", "EX x FOO")) {
            assertEquals("ERR syntax error", runner.run("SET k v " + options), options);
        }
    }

    @Test
    void anExpiredValueIsAbsentAndIsDroppedByTheNextWrite() {
        runner.run("SET k " + "x".repeat(3000) + " PX 100");
        assertEquals(2, runner.transaction().size());
        runner.transaction().begin(runner.transaction().timeMillis() + 100);
        assertEquals("(nil)", runner.run("GET k"));
        assertEquals("OK", runner.run("SET k y NX"));
        assertEquals(
                List.of(KeyspaceEvent.EXPIRED, KeyspaceEvent.NEW, KeyspaceEvent.SET),
                runner.transaction().events());
        assertEquals(1, runner.transaction().size());
        runner.transaction().check();
    }

    @Test
    void invalidExpireTimesAreRefused() {
        assertEquals("ERR invalid expire time in 'set' command", runner.run("SET k v EX 0"));
        assertEquals("ERR invalid expire time in 'set' command", runner.run("SET k v EX 9223372036854775807"));
        assertEquals("ERR invalid expire time in 'set' command", runner.run("SET k v PX 9223372036854775807"));
        assertEquals("ERR value is not an integer or out of range", runner.run("SET k v EX 1.5"));
    }

    @Test
    void aLargeValueIsReplacedWithoutOrphans() {
        String large = "0123456789abcdef".repeat(5_000);
        assertEquals("OK", runner.run("SET k " + large));
        assertEquals('"' + large + '"', runner.run("GET k"));
        assertEquals("OK", runner.run("SET k small"));
        assertEquals(1, runner.transaction().size());
        runner.transaction().check();
    }

    @Test
    void moreBytesThanOneEntryHoldsAreWritten() {
        byte[] value = new byte[4 << 20];
        String reply =
                CommandRunner.text(runner.run(CommandRunner.split("SET k ")[0], CommandRunner.split("k")[0], value));
        assertEquals("OK", reply);
        assertEquals(Integer.toString(value.length), runner.run("STRLEN k"));
        runner.transaction().check();
    }
}
