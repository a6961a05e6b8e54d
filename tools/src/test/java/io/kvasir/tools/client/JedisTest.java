package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.SharedCluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.GeoCoordinate;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.args.GeoUnit;
import redis.clients.jedis.args.ListPosition;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.resps.ScanResult;
import redis.clients.jedis.resps.Tuple;

/** Jedis, standalone and as a client of a cluster. Keys begin with {@code jedis:} and a letter. */
@Tag("clients")
final class JedisTest {

    private static final String HOST = "127.0.0.1";
    private static final int HEARD_SECONDS_MAX = 20;

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
            // Those that lead: all three, unless one has lost its range to another.
            int leaders = client.getClusterNodes().size();
            assertTrue(leaders >= 1 && leaders <= 3, () -> leaders + " nodes lead");
            checkValues(client, client, "jedis:c:");
            checkPipeline(client.pipelined(), "jedis:c:");
            checkCollections(client, "jedis:c:");
        }
    }

    @Test
    void aUserMadeAtOneNodeIsHeldToItsRightsAtAnother(@SharedCluster(nodes = 3) LaunchedCluster cluster) {
        try (Jedis admin = new Jedis(HOST, cluster.port(0));
                Jedis zoe = new Jedis(HOST, cluster.port(1))) {
            admin.aclSetUser("zoe", "on", ">secret", "~jedis:z:*", "+@all", "-flushall");
            assertEquals("OK", zoe.auth("zoe", "secret"));
            assertEquals("OK", zoe.set("jedis:z:a", "1"));
            JedisDataException refused = assertThrows(JedisDataException.class, () -> zoe.set("jedis:y", "1"));
            assertTrue(refused.getMessage().startsWith("NOPERM"), refused.getMessage());
            String steal = "return redis.call('get', 'jedis:y')";
            refused = assertThrows(JedisDataException.class, () -> zoe.eval(steal));
            assertTrue(refused.getMessage().contains("NOPERM ACL failure in script"), refused.getMessage());
            assertEquals(1, admin.aclDelUser("zoe"));
            assertThrows(JedisConnectionException.class, () -> zoe.get("jedis:z:a"));
        }
    }

    private static void checkAll(RedisClient writer, RedisClient reader, String prefix) {
        checkValues(writer, reader, prefix);
        checkPipeline(writer.pipelined(), prefix);
        checkScan(reader, prefix);
        checkCollections(writer, prefix);
        checkTransactions(writer, reader, prefix);
        checkScripts(writer, prefix);
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

    private static void checkCollections(UnifiedJedis client, String prefix) {
        String list = prefix + "list";
        assertEquals(4, client.rpush(list, "a", "b", "c", "b"));
        assertEquals(5, client.linsert(list, ListPosition.BEFORE, "c", "x"));
        assertEquals(1, client.lrem(list, -1, "b"));
        assertEquals(List.of("a", "b", "x", "c"), client.lrange(list, 0, -1));
        assertEquals(List.of("a", "b"), client.lpop(list, 2));
        String set = prefix + "set";
        assertEquals(3, client.sadd(set, "a", "b", "c"));
        assertEquals(Set.of("a", "b", "c"), client.smembers(set));
        assertEquals(List.of(true, false), client.smismember(set, "a", "z"));
        String scores = prefix + "scores";
        assertEquals(2, client.zadd(scores, Map.of("a", 1.0, "b", 2.5)));
        assertEquals(List.of(new Tuple("a", 1.0), new Tuple("b", 2.5)), client.zrangeWithScores(scores, 0, -1));
        assertEquals(1, client.zrank(scores, "b"));
        assertEquals(new Tuple("a", 1.0), client.zpopmin(scores));
        String places = prefix + "places";
        assertEquals(1, client.geoadd(places, 13.361389, 38.115556, "Palermo"));
        assertEquals(
                1,
                client.geosearch(places, new GeoCoordinate(13, 38), 100, GeoUnit.KM)
                        .size());
        String distinct = prefix + "distinct";
        assertEquals(1, client.pfadd(distinct, "a", "b", "c"));
        assertEquals(3, client.pfcount(distinct));
        String bits = prefix + "bits";
        assertEquals(false, client.setbit(bits, 100, true));
        assertEquals(1, client.bitcount(bits));
        assertEquals(100, client.bitpos(bits, true));
        String stream = prefix + "stream";
        StreamEntryID first = client.xadd(stream, XAddParams.xAddParams(), Map.of("f", "1"));
        assertEquals("OK", client.xgroupCreate(stream, "group", new StreamEntryID("0-0"), false));
        assertEquals(first, client.xrange(stream, "-", "+").getFirst().getID());
        assertEquals(0, client.xack(stream, "group", first));
        assertEquals("OK", client.restore(prefix + "copy", 0, client.dump(list)));
        assertEquals(List.of("x", "c"), client.lrange(prefix + "copy", 0, -1));
    }

    private static void checkTransactions(RedisClient client, RedisClient other, String prefix) {
        String one = prefix + "account 1";
        String two = prefix + "account 2";
        try (AbstractTransaction transaction = client.multi()) {
            Response<Long> left = transaction.decrBy(one, 10);
            Response<Long> right = transaction.incrBy(two, 10);
            assertEquals(List.of(-10L, 10L), transaction.exec());
            assertEquals(0, left.get() + right.get());
        }
        try (AbstractTransaction transaction = client.transaction(false)) {
            transaction.watch(one);
            other.incr(one);
            transaction.multi();
            transaction.incr(two);
            assertNull(transaction.exec());
        }
        assertEquals(List.of("-9", "10"), other.mget(one, two));
    }

    private static void checkScripts(UnifiedJedis client, String prefix) {
        String script = "redis.call('SET', KEYS[1], ARGV[1]) return {redis.call('STRLEN', KEYS[1]), KEYS[2]}";
        Object replied = client.eval(script, List.of(prefix + "s1", prefix + "s2"), List.of("abc"));
        assertEquals(List.of(3L, prefix + "s2"), replied);
        String hash = client.scriptLoad(script);
        assertEquals(List.of(1L, "k"), client.evalsha(hash, List.of(prefix + "s1", "k"), List.of("a")));
    }

    @Test
    void messagesReachSubscribersAtEveryNode(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        JedisPubSub subscriber = new JedisPubSub() {
            @Override
            public void onSubscribe(String channel, int subscribed) {
                heard.add("subscribed");
            }

            @Override
            public void onMessage(String channel, String message) {
                heard.add(message);
                if (message.equals("end")) {
                    unsubscribe();
                }
            }
        };
        try (RedisClient here = RedisClient.create(HOST, cluster.port(0));
                RedisClient there = RedisClient.create(HOST, cluster.port(2))) {
            Thread listening = Thread.ofVirtual().start(() -> here.subscribe(subscriber, "jedis:news"));
            assertEquals("subscribed", heard.poll(HEARD_SECONDS_MAX, TimeUnit.SECONDS));
            assertEquals(1, there.publish("jedis:news", "from afar"));
            assertEquals(1, here.publish("jedis:news", "from here"));
            String script = "redis.call('SET', KEYS[1], 'v') return redis.call('PUBLISH', ARGV[1], ARGV[2])";
            there.eval(script, List.of("jedis:scripted"), List.of("jedis:news", "by a script"));
            assertEquals(0, there.publish("jedis:nobody", "x"));
            assertEquals(1, there.publish("jedis:news", "end"));
            for (String message : List.of("from afar", "from here", "by a script", "end")) {
                assertEquals(message, heard.poll(HEARD_SECONDS_MAX, TimeUnit.SECONDS));
            }
            assertTrue(listening.join(Duration.ofSeconds(HEARD_SECONDS_MAX)));
        }
    }

    /**
     * One gateway is told to report events; its subscriber hears of writes at every node, in all ranges, each once and
     * those of a key in their order.
     */
    @Test
    void keyspaceEventsReachASubscriberOnceWhereverTheyHappen(@SharedCluster(nodes = 3) LaunchedCluster cluster)
            throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        JedisPubSub subscriber = new JedisPubSub() {
            @Override
            public void onPSubscribe(String pattern, int subscribed) {
                heard.add("subscribed");
            }

            @Override
            public void onPMessage(String pattern, String channel, String message) {
                heard.add(channel.substring(channel.indexOf(':') + 1) + " " + message);
                if (message.equals("del")) {
                    punsubscribe();
                }
            }
        };
        try (RedisClient here = RedisClient.create(HOST, cluster.port(1));
                RedisClient there = RedisClient.create(HOST, cluster.port(2))) {
            reportEvents(here, "KA");
            Thread listening = Thread.ofVirtual().start(() -> here.psubscribe(subscriber, "__keyspace@0__:event:*"));
            assertEquals("subscribed", heard.poll(HEARD_SECONDS_MAX, TimeUnit.SECONDS));
            // The node that was told so announces it again every second; its own commands come after the first time.
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                here.set("event:" + i, "v");
                there.lpush("event:list:" + i, "a", "b");
                there.expire("event:list:" + i, 1_000);
                expected.addAll(
                        List.of("event:" + i + " set", "event:list:" + i + " lpush", "event:list:" + i + " expire"));
            }
            there.mset("event:x", "1", "event:y", "2", "event:z", "3");
            expected.addAll(List.of("event:x set", "event:y set", "event:z set"));
            here.set("event:short", "v", SetParams.setParams().px(100));
            expected.addAll(List.of("event:short set", "event:short expire", "event:short expired"));
            List<String> got = new ArrayList<>();
            while (got.size() < expected.size()) {
                String event = heard.poll(HEARD_SECONDS_MAX, TimeUnit.SECONDS);
                assertTrue(event != null, () -> "heard only " + got);
                got.add(event);
            }
            there.del("event:0");
            assertEquals("event:0 del", heard.poll(HEARD_SECONDS_MAX, TimeUnit.SECONDS));
            assertTrue(got.indexOf("event:list:7 lpush") < got.indexOf("event:list:7 expire"), got::toString);
            assertEquals(
                    expected.stream().sorted().toList(), got.stream().sorted().toList());
            assertTrue(listening.join(Duration.ofSeconds(HEARD_SECONDS_MAX)));
            reportEvents(here, "");
        }
    }

    private static void reportEvents(UnifiedJedis client, String classes) {
        CommandArguments words = new CommandArguments(Protocol.Command.CONFIG).add("SET");
        client.executeCommand(
                new CommandObject<>(words.add("notify-keyspace-events").add(classes), BuilderFactory.STRING));
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
