package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.SharedCluster;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

/** Rules about calls that are made at one node and hold at the others. */
@Tag("clients")
final class InterceptClusterTest {

    private static final int TIMEOUT_MILLIS = 10_000;

    @Test
    void aRuleHoldsAtEveryNodeOnceItIsAnswered(@SharedCluster(nodes = 3) LaunchedCluster cluster) {
        try (Jedis first = new Jedis("127.0.0.1", cluster.port(0), TIMEOUT_MILLIS);
                Jedis second = new Jedis("127.0.0.1", cluster.port(1), TIMEOUT_MILLIS)) {
            first.aclSetUser("kept", "on", ">pw", "+@all", "~kept:*");
            second.auth("kept", "pw");
            say(first, "INTERCEPT SET kept DEL DENY");
            assertTrue(refusal(second, "DEL kept:a").startsWith("NOPERM User kept is denied the 'del'"));
            assertTrue(refusal(second, "EVAL", "return redis.call('DEL', 'kept:a')", "0")
                    .contains("is denied the 'del'"));
            say(first, "INTERCEPT SET kept DEL RENAME remove");
            assertTrue(refusal(second, "DEL kept:a").startsWith("ERR unknown command 'DEL'"));
            assertEquals(0L, say(second, "remove kept:a"));
            say(first, "INTERCEPT SET kept DEL CONFIRM 60");
            String token = refusal(second, "DEL kept:a").replaceAll("^.*CONFIRM ([0-9a-f]{32}) .*$", "$1");
            say(second, "INTERCEPT CONFIRM " + token);
            assertEquals(0L, say(second, "DEL kept:a"));
            assertEquals(1L, say(first, "INTERCEPT DEL kept DEL"));
            assertEquals(0L, say(second, "DEL kept:a"));
            first.aclDelUser("kept");
        }
    }

    private static String refusal(Jedis client, String... words) {
        return assertThrows(JedisDataException.class, () -> say(client, words)).getMessage();
    }

    private static Object say(Jedis client, String... given) {
        String[] words = given.length == 1 ? given[0].split(" ") : given;
        byte[][] arguments = new byte[words.length - 1][];
        for (int i = 1; i < words.length; i++) {
            arguments[i - 1] = words[i].getBytes(StandardCharsets.ISO_8859_1);
        }
        return client.sendCommand(() -> words[0].getBytes(StandardCharsets.ISO_8859_1), arguments);
    }
}
