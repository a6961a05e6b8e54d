package io.kvasir.gateway.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.gateway.server.TestGateway;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What users may do over connections of their own. */
class AclTest {

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
        return text(client.send(Words.of(line)));
    }

    private static String text(Reply reply) {
        return switch (reply) {
            case Reply.Status(String text) -> text;
            case Reply.Error(String text) -> text;
            case Reply.Int(long number) -> Long.toString(number);
            case Reply.Bulk(byte[] bytes) -> new String(bytes, StandardCharsets.ISO_8859_1);
            case Reply.Array(List<Reply> elements) ->
                elements.stream().map(AclTest::text).toList().toString();
            default -> reply.toString();
        };
    }

    @Test
    void aUserIsHeldToItsCommandsKeysAndChannels() throws IOException {
        try (RespTarget ann = login("ann", "+@read +set +publish ~ann:* &news")) {
            assertTrue(say(admin, "ACL DRYRUN ann ACL WHOAMI").contains("no permissions"));
            assertEquals("OK", say(ann, "SET ann:x 1"));
            assertEquals("1", say(ann, "GET ann:x"));
            assertEquals("NOPERM No permissions to access a key", say(ann, "SET bob:x 1"));
            assertEquals("NOPERM User ann has no permissions to run the 'del' command", say(ann, "DEL ann:x"));
            assertEquals("NOPERM No permissions to access a channel", say(ann, "PUBLISH other m"));
            assertEquals("0", say(ann, "PUBLISH news m"));
        }
    }

    @Test
    void aRightThatIsTakenAwayIsGoneForConnectionsThatAreOpen() throws IOException {
        try (RespTarget ann = login("ann", "+@all ~*")) {
            assertEquals("OK", say(ann, "SET x 1"));
            assertEquals("OK", say(admin, "ACL SETUSER ann -set"));
            assertTrue(say(ann, "SET x 2").startsWith("NOPERM"));
            assertEquals("1", say(admin, "ACL DELUSER ann nobody"));
            assertThrows(UncheckedIOException.class, () -> say(ann, "GET x"));
        }
    }

    @Test
    void aScriptMayNotDoWhatItsUserMayNot() throws IOException {
        try (RespTarget ann = login("ann", "+eval +get +multi +exec ~a*")) {
            assertEquals("OK", say(admin, "SET b 1"));
            String steal = "return redis.pcall('GET','b')";
            Words eval = new Words(List.of(bytes("EVAL"), bytes(steal), bytes("0")));
            assertEquals("NOPERM ACL failure in script: No permissions to access a key", text(ann.send(eval)));
            assertEquals("1", text(admin.send(eval)));
            say(ann, "MULTI");
            assertEquals("QUEUED", text(ann.send(eval)));
            assertEquals("[NOPERM ACL failure in script: No permissions to access a key]", say(ann, "EXEC"));
            Words ask = new Words(List.of(
                    bytes("EVAL"),
                    bytes(
                            "return {redis.acl_check_cmd('GET','a') and 1 or 0, redis.acl_check_cmd('SET','a','x') and 1 or 0}"),
                    bytes("0")));
            assertEquals("[1, 0]", text(ann.send(ask)));
            assertTrue(say(ann, "KVASIR.AS default EVAL x 0").startsWith("ERR unknown command"));
        }
    }

    @Test
    void aCommandThatIsRefusedSpoilsItsTransaction() throws IOException {
        try (RespTarget ann = login("ann", "+multi +exec +get ~a*")) {
            say(ann, "MULTI");
            assertTrue(say(ann, "SET a 1").startsWith("NOPERM"));
            assertEquals("QUEUED", say(ann, "GET a"));
            assertTrue(say(ann, "EXEC").startsWith("EXECABORT"));
        }
    }

    @Test
    void whatIsRefusedIsLogged() throws IOException {
        try (RespTarget ann = login("ann", "+get ~a*")) {
            say(ann, "GET b");
            say(ann, "GET b");
            say(ann, "AUTH ann wrong");
            String log = say(admin, "ACL LOG");
            assertTrue(
                    log.startsWith("[[count, 1, reason, auth, context, toplevel, object, AUTH, username, ann,"), log);
            assertTrue(log.contains("[count, 2, reason, key, context, toplevel, object, b, username, ann,"), log);
            assertEquals("OK", say(admin, "ACL LOG RESET"));
            assertEquals("[]", say(admin, "ACL LOG"));
        }
    }

    @Test
    void whoMayNotHearAChannelAnyMoreIsClosed() throws IOException {
        try (RespTarget ann = login("ann", "+subscribe &a &b")) {
            say(ann, "SUBSCRIBE a");
            assertEquals("OK", say(admin, "ACL SETUSER ann resetchannels &b"));
            assertThrows(UncheckedIOException.class, () -> say(ann, "SUBSCRIBE b"));
        }
    }

    @Test
    void rulesAreSaidAsTheyWereGiven() {
        say(admin, "ACL SETUSER u on +@all -config +config|get ~a* %R~b (+get ~c)");
        assertEquals(
                "[user default on nopass sanitize-payload ~* &* +@all, user u on sanitize-payload ~a* %R~b resetchannels"
                        + " +@all -config +config|get (~c resetchannels -@all +get)]",
                say(admin, "ACL LIST"));
        assertEquals("[default, u]", say(admin, "ACL USERS"));
    }

    @Test
    void aStrangerMayNothingOnceTheDefaultUserNeedsAPassword() throws IOException {
        assertEquals("OK", say(admin, "ACL SETUSER default >pw resetpass >pw"));
        try (RespTarget stranger = new RespTarget("stranger", "127.0.0.1", gateway.port())) {
            assertEquals("NOAUTH Authentication required.", say(stranger, "GET a"));
            assertTrue(say(stranger, "AUTH wrong").startsWith("WRONGPASS"));
            assertEquals("OK", say(stranger, "AUTH pw"));
            assertEquals("default", say(stranger, "ACL WHOAMI"));
        }
    }

    @Test
    void nobodyMayAnythingBeforeTheUsersAreRead() throws IOException {
        gateway.commands().users().awaitStore();
        try (RespTarget client = new RespTarget("client", "127.0.0.1", gateway.port())) {
            assertTrue(say(client, "GET a").startsWith("LOADING"));
            assertTrue(say(client, "AUTH default x").startsWith("LOADING"));
            gateway.commands().directory().read(() -> {});
            assertEquals("OK", say(client, "SET a 1"));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
