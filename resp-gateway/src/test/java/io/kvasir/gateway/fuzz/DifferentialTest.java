package io.kvasir.gateway.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.glob.Glob;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The harness itself: it must find what is wrong, and nothing where nothing is. */
final class DifferentialTest {

    private static final Family COUNTERS = new Family(
            "counters",
            new Grammar()
                    .add(4, "INCR", Grammar.anyOf("k1", "k2", "k3"))
                    .add(2, "GET", Grammar.anyOf("k1", "k2", "k3"))
                    .add(1, "KEYS", Grammar.word("*")),
            new Comparison.Rules(Map.of("KEYS", Comparison.UNORDERED)),
            List.of(Words.of("GET k1"), Words.of("GET k2"), Words.of("GET k3")));

    @Test
    void equalServersDoNotDiffer() {
        Differential.Result result =
                new Differential(new Counters(false), new Counters(false)).campaign(COUNTERS, 1, Duration.ofMillis(50));
        assertEquals(Optional.empty(), result.failure());
        assertTrue(result.scripts() > 0);
    }

    @Test
    void aBugIsFoundAndItsScriptIsShrunkToTheLeast() {
        Differential differential = new Differential(new Counters(false), new Counters(true));
        Differential.Failure failure = differential
                .campaign(COUNTERS, 1, Duration.ofSeconds(5))
                .failure()
                .orElseThrow();
        assertEquals(3, failure.smallest().lines().size(), failure::toString);
        assertTrue(failure.toString().contains("INCR k2"), failure::toString);
    }

    @Test
    void oneSeedMakesOneScript() {
        assertEquals(
                COUNTERS.script(42, 100).toString(), COUNTERS.script(42, 100).toString());
        assertFalse(COUNTERS.script(42, 100)
                .toString()
                .equals(COUNTERS.script(43, 100).toString()));
    }

    @Test
    void redisDoesNotDifferFromItself() throws IOException {
        Optional<RedisServer> started = RedisServer.start();
        assumeTrue(started.isPresent(), "no redis-server on this machine");
        try (RedisServer server = started.get();
                RedisServer other = RedisServer.start().orElseThrow();
                Target left = server.connect();
                Target right = other.connect()) {
            Differential.Result result =
                    new Differential(left, right).campaign(COUNTERS, Differential.seed(), Duration.ofMillis(200));
            assertEquals(Optional.empty(), result.failure());
        }
    }

    @Test
    void globsMatchAsRedisMatchesThem() throws IOException {
        Optional<RedisServer> started = RedisServer.start();
        assumeTrue(started.isPresent(), "no redis-server on this machine");
        long seed = Differential.seed();
        Chance chance = new Chance(seed);
        try (RedisServer server = started.get();
                Target redis = server.connect()) {
            redis.reset(2);
            for (int i = 0; i < 3_000; i++) {
                byte[] key = ofAlphabet(chance, "ab-^]\u00ff\0", 4);
                byte[] pattern = ofAlphabet(chance, "ab*?[]^-\\\u00ff\0", 7);
                redis.send(Words.of("FLUSHALL"));
                redis.send(new Words(List.of(Words.bytes("SET"), key, Words.bytes("v"))));
                Reply answer = redis.send(new Words(List.of(Words.bytes("KEYS"), pattern)));
                boolean expected = answer instanceof Reply.Array(List<Reply> found) && found.size() == 1;
                assertEquals(
                        expected,
                        new Glob(pattern).matches(key),
                        () -> "seed " + seed + ", key and pattern " + new Words(List.of(key, pattern)));
            }
        }
    }

    private static byte[] ofAlphabet(Chance chance, String alphabet, int lengthMax) {
        StringBuilder text = new StringBuilder();
        for (int left = chance.between(0, lengthMax); left > 0; left--) {
            text.append(alphabet.charAt(chance.below(alphabet.length())));
        }
        return Words.bytes(text.toString());
    }

    /** A server of counters; the broken one forgets the third increment of k2. */
    private static final class Counters implements Target {

        private final boolean broken;
        private final Map<String, Long> values = new TreeMap<>();

        private Counters(boolean broken) {
            this.broken = broken;
        }

        @Override
        public String name() {
            return broken ? "broken" : "sound";
        }

        @Override
        public Reply send(Words words) {
            if (words.size() != 2) {
                return Reply.error("ERR wrong number of arguments");
            }
            String key = words.text(1);
            return switch (words.name()) {
                case "GET" ->
                    values.containsKey(key) ? Reply.bulk(values.get(key).toString()) : Reply.NULL;
                case "INCR" -> {
                    long next = values.getOrDefault(key, 0L) + 1;
                    if (broken && key.equals("k2") && next == 3) {
                        next = 2;
                    }
                    values.put(key, next);
                    yield Reply.of(next);
                }
                case "KEYS" -> {
                    List<Reply> keys = new ArrayList<>();
                    values.keySet().forEach(name -> keys.add(Reply.bulk(name)));
                    yield Reply.array(broken ? keys.reversed() : keys);
                }
                default -> Reply.error("ERR unknown command");
            };
        }

        @Override
        public void reset(int protocol) {
            values.clear();
        }

        @Override
        public void close() {}
    }
}
