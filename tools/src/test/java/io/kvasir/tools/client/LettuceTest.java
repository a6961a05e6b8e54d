package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.SharedCluster;
import io.lettuce.core.GeoArgs;
import io.lettuce.core.GeoSearch;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.api.sync.RedisHashCommands;
import io.lettuce.core.api.sync.RedisKeyCommands;
import io.lettuce.core.api.sync.RedisStringCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lettuce over RESP3, standalone and as a client of a cluster. Keys begin with {@code lettuce:} and a letter. */
@Tag("clients")
final class LettuceTest {

    private static final String HOST = "127.0.0.1";
    private static final Duration QUIET = Duration.ZERO;
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

    @Test
    void worksAtThreeNodes(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        RedisClient client = RedisClient.create();
        try (StatefulRedisConnection<String, String> writer = client.connect(RedisURI.create(HOST, cluster.port(0)));
                StatefulRedisConnection<String, String> reader =
                        client.connect(RedisURI.create(HOST, cluster.port(2)));
                StatefulRedisConnection<byte[], byte[]> bytes =
                        client.connect(ByteArrayCodec.INSTANCE, RedisURI.create(HOST, cluster.port(1)))) {
            assertEquals("PONG", writer.sync().ping());
            checkBinary(bytes.sync(), "lettuce:a:");
            checkValues(writer.sync(), writer.sync(), writer.sync(), "lettuce:a:");
            checkReads(reader.sync(), "lettuce:a:");
            checkFlushedPipeline(writer, "lettuce:a:");
            checkScan(reader.sync(), "lettuce:a:");
            checkCollections(writer.sync(), "lettuce:a:");
            checkTransactions(writer.sync(), reader.sync(), "lettuce:a:");
        } finally {
            client.shutdown(QUIET, CLOSE_MAX);
        }
    }

    @Test
    void worksAsClientOfACluster(@SharedCluster(nodes = 3, fields = "listen.cluster=true") LaunchedCluster cluster)
            throws Exception {
        RedisClusterClient client = RedisClusterClient.create(RedisURI.create(HOST, cluster.port(2)));
        try (StatefulRedisClusterConnection<String, String> connection = client.connect()) {
            assertEquals(3, client.getPartitions().size());
            checkValues(connection.sync(), connection.sync(), connection.sync(), "lettuce:b:");
            checkReads(connection.sync(), "lettuce:b:");
            checkCollections(connection.sync(), "lettuce:b:");
            client.refreshPartitions();
            assertEquals("3", connection.sync().get("lettuce:b:count"));
        } finally {
            client.shutdown(QUIET, CLOSE_MAX);
        }
    }

    private static void checkBinary(RedisStringCommands<byte[], byte[]> commands, String prefix) {
        byte[] all = new byte[256];
        IntStream.range(0, 256).forEach(i -> all[i] = (byte) i);
        byte[] key = (prefix + "\0binary\r\n").getBytes(StandardCharsets.UTF_8);
        assertEquals("OK", commands.set(key, all));
        assertArrayEquals(all, commands.get(key));
    }

    private static void checkValues(
            RedisStringCommands<String, String> strings,
            RedisHashCommands<String, String> hashes,
            RedisKeyCommands<String, String> keys,
            String prefix) {
        assertNull(strings.get(prefix + "absent"));
        assertEquals(1, strings.incr(prefix + "count"));
        assertEquals(3, strings.incrby(prefix + "count", 2));
        assertEquals(2, hashes.hset(prefix + "hash", Map.of("f", "1", "g", "")));
        strings.set(prefix + "brief", "x", SetArgs.Builder.px(1));
        while (keys.exists(prefix + "brief") > 0) {
            Thread.onSpinWait();
        }
        strings.set(prefix + "long", "x", SetArgs.Builder.ex(100));
        RedisCommandExecutionException wrong =
                assertThrows(RedisCommandExecutionException.class, () -> strings.incr(prefix + "hash"));
        assertTrue(wrong.getMessage().startsWith("WRONGTYPE "), wrong.getMessage());
    }

    private static <C extends RedisHashCommands<String, String> & RedisKeyCommands<String, String>> void checkReads(
            C commands, String prefix) {
        assertEquals(Map.of("f", "1", "g", ""), commands.hgetall(prefix + "hash"));
        assertTrue(commands.ttl(prefix + "long") > 50);
    }

    private static void checkFlushedPipeline(StatefulRedisConnection<String, String> connection, String prefix)
            throws Exception {
        int count = 1_000;
        List<RedisFuture<String>> sets = new ArrayList<>();
        List<RedisFuture<String>> gets = new ArrayList<>();
        connection.setAutoFlushCommands(false);
        for (int i = 0; i < count; i++) {
            sets.add(connection.async().set(prefix + "p" + i, "v" + i));
            gets.add(connection.async().get(prefix + "p" + i));
        }
        connection.flushCommands();
        connection.setAutoFlushCommands(true);
        for (int i = 0; i < count; i++) {
            assertEquals("OK", sets.get(i).get(20, TimeUnit.SECONDS));
            assertEquals("v" + i, gets.get(i).get(20, TimeUnit.SECONDS));
        }
    }

    private static void checkCollections(RedisClusterCommands<String, String> commands, String prefix) {
        String list = prefix + "list";
        assertEquals(3, commands.rpush(list, "a", "b", "c"));
        assertEquals(List.of("a", "b", "c"), commands.lrange(list, 0, -1));
        assertEquals(1, commands.lpos(list, "b"));
        String set = prefix + "set";
        assertEquals(2, commands.sadd(set, "a", "b"));
        assertEquals(Set.of("a", "b"), commands.smembers(set));
        String scores = prefix + "scores";
        assertEquals(2, commands.zadd(scores, 1.0, "a", 2.5, "b"));
        assertEquals(
                List.of(ScoredValue.just(1, "a"), ScoredValue.just(2.5, "b")),
                commands.zrangeWithScores(scores, 0, -1));
        assertEquals(3.5, commands.zaddincr(scores, 1, "b"));
        String places = prefix + "places";
        assertEquals(1, commands.geoadd(places, 13.361389, 38.115556, "Palermo"));
        assertEquals(
                Set.of("Palermo"),
                commands.geosearch(
                        places, GeoSearch.fromCoordinates(13, 38), GeoSearch.byRadius(100, GeoArgs.Unit.km)));
        assertEquals(1, commands.pfadd(prefix + "distinct", "a", "b"));
        assertEquals(2, commands.pfcount(prefix + "distinct"));
        assertEquals(0, commands.setbit(prefix + "bits", 100, 1));
        assertEquals(100, commands.bitpos(prefix + "bits", true));
        String id = commands.xadd(prefix + "stream", Map.of("f", "1"));
        assertEquals(
                id,
                commands.xrange(prefix + "stream", Range.unbounded()).getFirst().getId());
        String script = "return {redis.call('LLEN', KEYS[1]), ARGV[1]}";
        assertEquals(List.of(3L, "x"), commands.eval(script, ScriptOutputType.MULTI, new String[] {list}, "x"));
        String hash = commands.scriptLoad(script);
        assertEquals(List.of(3L, "y"), commands.evalsha(hash, ScriptOutputType.MULTI, new String[] {list}, "y"));
    }

    private static void checkTransactions(
            RedisCommands<String, String> commands, RedisCommands<String, String> other, String prefix) {
        String one = prefix + "account 1";
        String two = prefix + "account 2";
        commands.multi();
        assertNull(commands.decrby(one, 10), "queued");
        commands.incrby(two, 10);
        TransactionResult done = commands.exec();
        assertFalse(done.wasDiscarded());
        assertEquals(List.of(-10L, 10L), done.stream().toList());
        commands.watch(one);
        other.incr(one);
        commands.multi();
        commands.incr(two);
        assertTrue(commands.exec().wasDiscarded());
        assertEquals("10", other.get(two));
    }

    private static void checkScan(RedisKeyCommands<String, String> commands, String prefix) {
        Set<String> found = new HashSet<>();
        ScanArgs page = ScanArgs.Builder.matches(prefix + "p*").limit(100);
        ScanCursor cursor = ScanCursor.INITIAL;
        do {
            KeyScanCursor<String> result = commands.scan(cursor, page);
            found.addAll(result.getKeys());
            cursor = result;
        } while (!cursor.isFinished());
        assertEquals(1_000, found.size());
    }
}
