package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.SharedCluster;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/** Jedis, standalone and as a client of a cluster. Keys begin with {@code jedis:} and a letter. */
@Tag("clients")
final class JedisTest {

    private static final String HOST = "127.0.0.1";

    @Test
    void worksAtOneNode(@SharedCluster(nodes = 1) LaunchedCluster cluster) {
        try (RedisClient client = RedisClient.create(HOST, cluster.port(0))) {
            checkAll(client, client, "jedis:a:");
        }
    }

    @Test
    void worksAtThreeNodes(@SharedCluster(nodes = 3) LaunchedCluster cluster) {
        try (RedisClient writer = RedisClient.create(HOST, cluster.port(1));
                RedisClient reader = RedisClient.create(HOST, cluster.port(2))) {
            checkAll(writer, reader, "jedis:b:");
        }
    }

    @Test
    void worksAsClientOfACluster(@SharedCluster(nodes = 3, fields = "listen.cluster=true") LaunchedCluster cluster) {
        Set<HostAndPort> known = Set.of(new HostAndPort(HOST, cluster.port(0)));
        try (RedisClusterClient client = RedisClusterClient.create(known)) {
            assertEquals(3, client.getClusterNodes().size());
            checkValues(client, client, "jedis:c:");
            checkPipeline(client.pipelined(), "jedis:c:");
        }
    }

    private static void checkAll(UnifiedJedis writer, UnifiedJedis reader, String prefix) {
        checkValues(writer, reader, prefix);
        checkPipeline(writer.pipelined(), prefix);
        checkScan(reader, prefix);
    }

    private static void checkValues(UnifiedJedis writer, UnifiedJedis reader, String prefix) {
        byte[] all = new byte[256];
        IntStream.range(0, 256).forEach(i -> all[i] = (byte) i);
        byte[] key = (prefix + "\0binary\r\n").getBytes(StandardCharsets.UTF_8);
        assertEquals("OK", writer.set(key, all));
        assertArrayEquals(all, reader.get(key));
        assertNull(reader.get(prefix + "absent"));
        assertEquals(1, writer.incr(prefix + "count"));
        assertEquals(2, reader.incr(prefix + "count"));
        Map<String, String> fields = Map.of("f", "1", "g", "2", "h", "");
        assertEquals(3, writer.hset(prefix + "hash", fields));
        assertEquals(fields, reader.hgetAll(prefix + "hash"));
        assertEquals(
                "OK", writer.set(prefix + "brief", "x", SetParams.setParams().px(1)));
        while (reader.exists(prefix + "brief")) {
            Thread.onSpinWait();
        }
        assertEquals(
                "OK", writer.set(prefix + "long", "x", SetParams.setParams().ex(100)));
        assertTrue(reader.ttl(prefix + "long") > 50);
        JedisDataException wrong = assertThrows(JedisDataException.class, () -> reader.incr(prefix + "hash"));
        assertTrue(wrong.getMessage().startsWith("WRONGTYPE "), wrong.getMessage());
    }

    private static void checkPipeline(AbstractPipeline pipeline, String prefix) {
        int count = 1_000;
        List<Response<String>> sets = new ArrayList<>();
        List<Response<String>> gets = new ArrayList<>();
        try (pipeline) {
            for (int i = 0; i < count; i++) {
                sets.add(pipeline.set(prefix + "p" + i, "v" + i));
                gets.add(pipeline.get(prefix + "p" + i));
            }
            pipeline.sync();
            for (int i = 0; i < count; i++) {
                assertEquals("OK", sets.get(i).get());
                assertEquals("v" + i, gets.get(i).get());
            }
        }
    }

    private static void checkScan(UnifiedJedis client, String prefix) {
        Set<String> found = new HashSet<>();
        ScanParams page = new ScanParams().match(prefix + "p*").count(100);
        String cursor = ScanParams.SCAN_POINTER_START;
        do {
            ScanResult<String> result = client.scan(cursor, page);
            found.addAll(result.getResult());
            cursor = result.getCursor();
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
        assertEquals(1_000, found.size());
    }
}
