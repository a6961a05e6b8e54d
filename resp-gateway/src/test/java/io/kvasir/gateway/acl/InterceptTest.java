package io.kvasir.gateway.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.fuzz.ReplyText;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.gateway.server.TestGateway;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that are denied, renamed or to be confirmed. */
class InterceptTest {

    private static final String DENIED = "NOPERM User ann is denied the 'flushall' command, which is intercepted";

    @TempDir
    private Path folder;

    private TestGateway gateway;
    private RespTarget admin;

    @BeforeEach
    void start() throws IOException {
        gateway = new TestGateway(Runnable::run, Map.of());
        admin = new RespTarget("admin", "127.0.0.1", gateway.port());
    }

    @AfterEach
    void stop() throws IOException {
        admin.close();
        gateway.close();
    }

    private RespTarget login(String user, String rules) throws IOException {
        assertEquals("OK", say(admin, "ACL SETUSER " + user + " on >pw " + rules));
        RespTarget client = new RespTarget(user, "127.0.0.1", gateway.port());
        assertEquals("OK", say(client, "AUTH " + user + " pw"));
        return client;
    }

    private static String say(RespTarget client, String line) {
        return say(client, line.split(" "));
    }

    private static String say(RespTarget client, String... words) {
        return switch (client.send(Words.of(words))) {
            case Reply.Status(String text) -> text;
            case Reply.Error(String text) -> text;
            case Reply.Int(long number) -> Long.toString(number);
            case Reply.Bulk(byte[] bytes) -> new String(bytes, StandardCharsets.ISO_8859_1);
            case Reply other -> ReplyText.of(other);
        };
    }

    private static String token(String error) {
        assertTrue(error.startsWith("CONFIRM "), error);
        return error.replaceAll("^.*INTERCEPT CONFIRM ([0-9a-f]{32}) .*$", "$1");
    }

    @Test
    void aDeniedCallIsRefusedToThatUserAloneAndAtOnce() throws IOException {
        try (RespTarget ann = login("ann", "+@all ~* &*")) {
            assertEquals("OK", say(ann, "FLUSHALL"));
            assertEquals("OK", say(admin, "INTERCEPT SET ann FLUSHALL DENY"));
            assertEquals(DENIED, say(ann, "FLUSHALL ASYNC"));
            assertEquals("OK", say(admin, "FLUSHALL"));
            assertTrue(say(admin, "ACL LOG 1").contains("intercept"));
            assertEquals("1", say(admin, "INTERCEPT DEL ann FLUSHALL"));
            assertEquals("0", say(admin, "INTERCEPT DEL ann FLUSHALL"));
            assertEquals("OK", say(ann, "FLUSHALL"));
        }
    }

    @Test
    void theMostExactRuleDecides() throws IOException {
        try (RespTarget ann = login("ann", "+@all ~* &*")) {
            say(admin, "INTERCEPT SET * @dangerous DENY");
            say(admin, "INTERCEPT SET default @dangerous ALLOW");
            assertTrue(say(ann, "CONFIG GET port").startsWith("NOPERM"));
            assertTrue(say(ann, "FLUSHDB").startsWith("NOPERM"));
            assertEquals("OK", say(admin, "FLUSHDB"));
            say(admin, "INTERCEPT SET ann config ALLOW");
            assertFalse(say(ann, "CONFIG GET port").startsWith("NOPERM"));
            say(admin, "INTERCEPT SET ann config|get DENY");
            assertTrue(say(ann, "CONFIG GET port").startsWith("NOPERM"));
            assertEquals("OK", say(ann, "CONFIG RESETSTAT"));
            assertEquals(
                    "[[*, @dangerous, deny], [ann, config, allow], [ann, config|get, deny],"
                            + " [default, @dangerous, allow]]",
                    say(admin, "INTERCEPT LIST"));
        }
    }

    @Test
    void aRenamedCommandAnswersToItsOtherNameAlone() throws IOException {
        assertEquals("OK", say(admin, "INTERCEPT SET * FLUSHALL RENAME wipe-it"));
        assertEquals(
                "ERR unknown command 'FLUSHALL', with args beginning with: 'ASYNC' ", say(admin, "FLUSHALL ASYNC"));
        assertEquals("OK", say(admin, "WIPE-IT"));
        assertEquals("ERR syntax error", say(admin, "wipe-it a b c"));
        assertTrue(say(admin, "COMMAND INFO wipe-it").contains("flushall"));
        assertFalse(say(admin, "COMMAND INFO flushall").contains("flushall"));
        assertEquals("OK", say(admin, "INTERCEPT SET default FLUSHALL ALLOW"));
        assertEquals("OK", say(admin, "FLUSHALL"));
        assertTrue(say(admin, "wipe-it").startsWith("ERR unknown command 'wipe-it'"));
        String count = say(admin, "COMMAND COUNT");
        assertEquals("OK", say(admin, "INTERCEPT", "SET", "default", "DEBUG", "RENAME", ""));
        assertTrue(say(admin, "DEBUG SLEEP 0").startsWith("ERR unknown command"));
        assertEquals(Integer.parseInt(count) - 1, Integer.parseInt(say(admin, "COMMAND COUNT")));
    }

    @Test
    void aCallIsConfirmedOnceWithItsWordsByItsConnection() throws IOException {
        say(admin, "INTERCEPT SET * DEL CONFIRM 30");
        say(admin, "MSET a 1 b 2");
        String token = token(say(admin, "DEL a"));
        try (RespTarget other = new RespTarget("other", "127.0.0.1", gateway.port())) {
            assertTrue(say(other, "INTERCEPT CONFIRM " + token).startsWith("ERR nothing waits"));
        }
        assertEquals("OK", say(admin, "INTERCEPT CONFIRM " + token));
        assertEquals("1", say(admin, "DEL a"));
        assertTrue(say(admin, "DEL a").startsWith("CONFIRM"), "once");
        assertTrue(say(admin, "INTERCEPT CONFIRM " + token).startsWith("ERR nothing waits"), "a token serves once");
        assertEquals("OK", say(admin, "INTERCEPT CONFIRM " + token(say(admin, "DEL b"))));
        assertTrue(say(admin, "DEL a").startsWith("CONFIRM"), "other words");
        assertTrue(say(admin, "DEL b").startsWith("CONFIRM"), "something else was called between");
        assertEquals("OK", say(admin, "INTERCEPT CONFIRM " + token(say(admin, "DEL b"))));
        say(admin, "PING");
        assertTrue(say(admin, "DEL b").startsWith("CONFIRM"), "something else was called between");
        assertEquals("2", say(admin, "GET b"));
    }

    @Test
    void aTokenIsOfNoUseWhenItsTimeIsOverOrAnotherUserHasLoggedIn() throws IOException {
        say(admin, "ACL SETUSER bob on nopass +@all ~*");
        say(admin, "INTERCEPT SET * DEL CONFIRM 30");
        gateway.time().set(TestGateway.MILLIS);
        String token = token(say(admin, "DEL a"));
        gateway.time().set(TestGateway.MILLIS + 29_999);
        assertEquals("OK", say(admin, "INTERCEPT CONFIRM " + token));
        token = token(say(admin, "DEL b"));
        gateway.time().set(TestGateway.MILLIS + 59_999);
        assertTrue(say(admin, "INTERCEPT CONFIRM " + token).startsWith("ERR nothing waits"));
        token = token(say(admin, "DEL a"));
        assertEquals("OK", say(admin, "AUTH bob x"));
        assertTrue(say(admin, "INTERCEPT CONFIRM " + token).startsWith("ERR nothing waits"));
    }

    @Test
    void inATransactionCallsAreInterceptedWhenTheyAreQueued() throws IOException {
        try (RespTarget ann = login("ann", "+@all ~* &*")) {
            say(admin, "INTERCEPT SET ann FLUSHALL DENY");
            say(admin, "INTERCEPT SET ann DEL CONFIRM 30");
            say(admin, "INTERCEPT SET ann SET RENAME put");
            say(ann, "MULTI");
            assertEquals("QUEUED", say(ann, "GET a"));
            assertEquals(DENIED, say(ann, "FLUSHALL"));
            assertTrue(say(ann, "EXEC").startsWith("EXECABORT"));
            say(ann, "MULTI");
            assertTrue(say(ann, "SET a 1").startsWith("ERR unknown command 'SET'"));
            assertTrue(say(ann, "EXEC").startsWith("EXECABORT"));
            say(ann, "MULTI");
            String token = token(say(ann, "DEL a"));
            assertTrue(say(ann, "EXEC").startsWith("EXECABORT"));
            say(ann, "MULTI");
            assertEquals("QUEUED", say(ann, "put a 1"));
            assertEquals("OK", say(ann, "INTERCEPT CONFIRM " + token));
            assertEquals("QUEUED", say(ann, "DEL a"));
            assertEquals("[OK, 1]", say(ann, "EXEC").replace("+", "").replace(":", ""));
            say(ann, "MULTI");
            assertEquals("QUEUED", say(ann, "put a 1"));
            assertEquals("QUEUED", say(ann, "GET a"));
            say(admin, "INTERCEPT SET ann GET DENY");
            assertTrue(say(ann, "EXEC").contains("the command is intercepted"), "denied since it was queued");
        }
    }

    @Test
    void aScriptMayNotDoWhatIsInterceptedEvenForOneWhoMayDoEverything() {
        say(admin, "INTERCEPT SET default DEL DENY");
        say(admin, "INTERCEPT SET default GETDEL CONFIRM 30");
        say(admin, "INTERCEPT SET default SET RENAME put");
        assertEquals(
                "NOPERM ACL failure in script: User default is denied the 'del' command, which is intercepted",
                say(admin, "EVAL", "return redis.pcall('DEL', 'a')", "0"));
        assertTrue(say(admin, "EVAL", "return redis.pcall('GETDEL', 'a')", "0").contains("not possible here"));
        assertEquals("OK", say(admin, "EVAL", "return redis.pcall('put', 'a', '1')", "0"));
        assertEquals(
                "ERR Unknown Redis command called from script",
                say(admin, "EVAL", "return redis.pcall('SET', 'a', '1')", "0"));
        say(admin, "MULTI");
        say(admin, "EVAL", "return redis.pcall('DEL', 'a')", "0");
        assertTrue(say(admin, "EXEC").contains("is denied the 'del' command"));
    }

    @Test
    void aReadOfThePastIsInterceptedAsAnyOther() {
        say(admin, "INTERCEPT SET * GET DENY");
        assertTrue(say(admin, "AT -1 GET a").startsWith("NOPERM"));
    }

    @Test
    void whatCannotBeARuleIsRefused() {
        for (String rule : List.of(
                "* NOSUCH DENY",
                "* @nosuch DENY",
                "* AUTH DENY",
                "* INTERCEPT DENY",
                "* INTERCEPT|SET DENY",
                "* config|get RENAME x",
                "* @all RENAME x",
                "* FLUSHALL RENAME get",
                "* FLUSHALL RENAME",
                "* FLUSHALL CONFIRM 0",
                "* FLUSHALL CONFIRM 3601",
                "* FLUSHALL DENY now",
                "* FLUSHALL EXPLODE")) {
            assertTrue(say(admin, "INTERCEPT SET " + rule).startsWith("ERR"), rule);
        }
        say(admin, "INTERCEPT SET * FLUSHALL RENAME wipe");
        assertTrue(say(admin, "INTERCEPT SET * FLUSHDB RENAME WIPE").startsWith("ERR Target command name already"));
        assertEquals("OK", say(admin, "INTERCEPT SET * @admin DENY"));
        assertEquals("1", say(admin, "INTERCEPT DEL * @admin"), "there is a way back");
    }

    @Test
    void whatIsInterceptedStandsInTheAuditLog() throws IOException {
        Path file = folder.resolve("audit.log");
        gateway.commands().audit().open(file, 1 << 20, 2);
        say(admin, "INTERCEPT SET * FLUSHALL DENY");
        say(admin, "FLUSHALL");
        gateway.commands().audit().close();
        String all = Files.readString(file);
        assertTrue(all.contains("\"INTERCEPT\" \"SET\" \"*\" \"FLUSHALL\" \"DENY\""), all);
        assertTrue(all.contains("denied user=\"default\" reason=intercept context=toplevel \"flushall\""), all);
    }
}
