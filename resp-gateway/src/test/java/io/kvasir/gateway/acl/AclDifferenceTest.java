package io.kvasir.gateway.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.fuzz.RedisServer;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.gateway.fuzz.Words;
import io.kvasir.gateway.server.TestGateway;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rules of users and what they allow, side by side with a redis-server. */
class AclDifferenceTest {

    private static final int USERS = 500;
    private static final long SEED = 7_411;

    private static final List<String> RULES = List.of(
            "on",
            "off",
            "nopass",
            "resetpass",
            ">secret",
            "<secret",
            "#zz",
            "!" + "0".repeat(64),
            "#" + "a".repeat(64),
            "allkeys",
            "~*",
            "resetkeys",
            "~a*",
            "%R~a*",
            "%W~b*",
            "%RW~c",
            "%~d",
            "%X~d",
            "%Rd",
            "~[ab]?",
            "~with space",
            "allchannels",
            "&*",
            "resetchannels",
            "&news.*",
            "&a",
            "& b",
            "+@all",
            "-@all",
            "allcommands",
            "nocommands",
            "+get",
            "-get",
            "+GET",
            "+set",
            "-set",
            "+config",
            "-config|set",
            "+config|get",
            "+config|nosuch",
            "+select|0",
            "+get|x",
            "+config|get|x",
            "+nosuch",
            "-nosuch",
            "+@read",
            "-@read",
            "+@write",
            "-@dangerous",
            "+@nosuch",
            "+@string",
            "-@slow",
            "+@fast",
            "+@pubsub",
            "+object|",
            "(~a* +get)",
            "(%R~b* +@read)",
            "(+nosuch)",
            "(~b*",
            "+mget)",
            "clearselectors",
            "reset",
            "sanitize-payload",
            "skip-sanitize-payload",
            "nonsense",
            "");

    private static final List<String> CALLS = List.of(
            "GET a1",
            "GET b1",
            "SET a1 x",
            "SET b1 x",
            "MGET a1 b1",
            "MSET a1 x b1 y",
            "DEL c",
            "COPY a1 b1",
            "CONFIG GET x",
            "CONFIG SET maxmemory 1",
            "SELECT 0",
            "SELECT 1",
            "PUBLISH news.x m",
            "PUBLISH a m",
            "SUBSCRIBE news.x a",
            "PSUBSCRIBE news.*",
            "PSUBSCRIBE news.x",
            "SSUBSCRIBE a",
            "PING",
            "FLUSHALL",
            "KEYS *",
            "OBJECT ENCODING a1",
            "EVAL x 1 b1",
            "LPUSH ab v",
            "SINTERSTORE a1 b1 c",
            "ZUNIONSTORE b1 2 a1 c",
            "RENAME a1 b1",
            "APPEND b1 x",
            "GETSET b1 x",
            "GETDEL a1",
            "EXPIRE b1 9",
            "TYPE b1",
            "XADD b1 * f v",
            "BITOP AND a1 b1",
            "INCR b1",
            "nosuch",
            "GET",
            "AUTH x",
            "ACL WHOAMI",
            "ACL SETUSER x",
            "XREAD COUNT 1 STREAMS a1 b1 0 0");

    @Test
    void usersMayDoWhatRedisWouldLetThem() throws IOException {
        Optional<RedisServer> oracle = RedisServer.start();
        assumeTrue(oracle.isPresent(), "no redis-server");
        try (RedisServer redis = oracle.get();
                TestGateway gateway = new TestGateway();
                RespTarget theirs = new RespTarget("redis", "127.0.0.1", redis.port());
                RespTarget ours = new RespTarget("kvasir", "127.0.0.1", gateway.port())) {
            Random random = new Random(SEED);
            int allowed = 0;
            int refused = 0;
            for (int i = 0; i < USERS; i++) {
                List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", "u" + i % 3));
                if (i % 3 == 0) {
                    words.add("reset");
                }
                for (int k = random.nextInt(6); k >= 0; k--) {
                    words.add(RULES.get(random.nextInt(RULES.size())));
                }
                assertEquals(text(theirs.send(words(words))), text(ours.send(words(words))), words::toString);
                for (String call : CALLS) {
                    Words dry = Words.of("ACL DRYRUN u" + i % 3 + " " + call);
                    String expected = kind(theirs.send(dry));
                    assertEquals(expected, kind(ours.send(dry)), () -> words + ": " + call);
                    allowed += expected.equals("OK") ? 1 : 0;
                    refused += expected.startsWith("no") ? 1 : 0;
                }
            }
            assertTrue(allowed > 1_000 && refused > 1_000, allowed + " allowed, " + refused + " refused");
        }
    }

    private static Words words(List<String> words) {
        return new Words(words.stream()
                .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
                .toList());
    }

    /** Says what the answer to a dry run means: 7.0 and 7.2 say it in different words. */
    private static String kind(Reply reply) {
        String text = text(reply);
        if (text.contains("has no permissions to run")) {
            return "no command";
        }
        if (text.contains("to access the")) {
            return "no " + text.substring(text.indexOf("to access the"));
        }
        return text;
    }

    private static String text(Reply reply) {
        return switch (reply) {
            case Reply.Status(String text) -> text;
            case Reply.Error(String text) -> text;
            case Reply.Bulk(byte[] bytes) -> new String(bytes, StandardCharsets.ISO_8859_1);
            default -> reply.toString();
        };
    }
}
