package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.SharedCluster;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RAtomicLong;
import org.redisson.api.RBucket;
import org.redisson.api.RLock;
import org.redisson.api.RMap;
import org.redisson.api.RMapCache;
import org.redisson.api.RScoredSortedSet;
import org.redisson.api.RedissonClient;
import org.redisson.api.geo.GeoSearchArgs;
import org.redisson.api.geo.GeoUnit;
import org.redisson.api.stream.StreamAddArgs;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/**
 * Redisson, whose objects are scripts: those that wait for nobody. Keys begin with {@code redisson:}. Its locks, as
 * long as nobody must wait for one, publish that they are free and need no subscriber.
 */
@Tag("clients")
final class RedissonTest {

    private static final int CONNECTIONS = 2;

    @Test
    void objectsWork(@SharedCluster(nodes = 3) LaunchedCluster cluster) {
        RedissonClient one = client(cluster.port(0));
        RedissonClient two = client(cluster.port(2));
        try {
            checkValues(one, two);
            checkCollections(one, two);
            checkTimes(one, two);
        } finally {
            one.shutdown();
            two.shutdown();
        }
    }

    private static RedissonClient client(int port) {
        Config config = new Config();
        config.setCodec(StringCodec.INSTANCE);
        config.useSingleServer()
                .setAddress("redis://127.0.0.1:" + port)
                .setConnectionMinimumIdleSize(CONNECTIONS)
                .setConnectionPoolSize(CONNECTIONS)
                .setSubscriptionConnectionMinimumIdleSize(0);
        return Redisson.create(config);
    }

    private static void checkValues(RedissonClient one, RedissonClient two) {
        RBucket<String> bucket = one.getBucket("redisson:bucket");
        bucket.set("a");
        assertTrue(two.<String>getBucket("redisson:bucket").compareAndSet("a", "b"));
        assertFalse(two.<String>getBucket("redisson:bucket").compareAndSet("a", "c"));
        assertEquals("b", bucket.getAndSet("d"));
        RAtomicLong count = one.getAtomicLong("redisson:count");
        assertEquals(1, count.incrementAndGet());
        assertTrue(two.getAtomicLong("redisson:count").compareAndSet(1, 10));
        assertEquals(10, count.getAndAdd(5));
        assertEquals(15, count.get());
    }

    private static void checkCollections(RedissonClient one, RedissonClient two) {
        RMap<String, String> map = one.getMap("redisson:map");
        assertEquals(null, map.putIfAbsent("k", "1"));
        assertEquals("1", map.putIfAbsent("k", "2"));
        assertTrue(two.<String, String>getMap("redisson:map").replace("k", "1", "3"));
        assertEquals(Map.of("k", "3"), map.readAllMap());
        assertTrue(one.<String>getList("redisson:list").addAll(List.of("a", "b", "c", "b")));
        assertEquals("b", two.<String>getList("redisson:list").remove(1));
        assertEquals(
                List.of("a", "c", "b"), two.<String>getList("redisson:list").readAll());
        assertTrue(one.<String>getSet("redisson:set").addAll(Set.of("a", "b")));
        assertTrue(two.<String>getSet("redisson:set").move("redisson:other set", "a"));
        assertEquals(Set.of("b"), one.<String>getSet("redisson:set").readAll());
        RScoredSortedSet<String> scores = one.getScoredSortedSet("redisson:scores");
        assertTrue(scores.add(2, "b") && scores.add(1, "a"));
        assertEquals(1, two.<String>getScoredSortedSet("redisson:scores").rank("b"));
        assertEquals("a", scores.pollFirst());
        assertTrue(one.getHyperLogLog("redisson:distinct").addAll(List.of("a", "b", "c")));
        assertEquals(3, two.getHyperLogLog("redisson:distinct").count());
        assertEquals(1, one.<String>getGeo("redisson:places").add(13.361389, 38.115556, "Palermo"));
        assertEquals(
                List.of("Palermo"),
                two.<String>getGeo("redisson:places")
                        .search(GeoSearchArgs.from(13, 38).radius(100, GeoUnit.KILOMETERS)));
        assertFalse(one.getBitSet("redisson:bits").set(100));
        assertEquals(1, two.getBitSet("redisson:bits").cardinality());
        StreamAddArgs<String, String> entry = StreamAddArgs.entry("f", "1");
        assertTrue(one.<String, String>getStream("redisson:stream").add(entry).getId0() > 0);
        assertEquals(1, two.getStream("redisson:stream").size());
    }

    /** What has a time: entries of a map that expire by scripts, and locks. */
    private static void checkTimes(RedissonClient one, RedissonClient two) {
        RMapCache<String, String> cache = one.getMapCache("redisson:cache");
        cache.put("long", "x", 100, TimeUnit.SECONDS);
        cache.put("brief", "x", 1, TimeUnit.MILLISECONDS);
        while (cache.containsKey("brief")) {
            Thread.onSpinWait();
        }
        assertEquals("x", two.<String, String>getMapCache("redisson:cache").get("long"));
        cache.destroy();
        RLock mine = one.getLock("redisson:lock");
        RLock theirs = two.getLock("redisson:lock");
        assertTrue(mine.tryLock());
        assertTrue(mine.tryLock());
        assertFalse(theirs.tryLock());
        assertEquals(2, mine.getHoldCount());
        mine.unlock();
        assertTrue(theirs.isLocked());
        mine.forceUnlock();
        assertTrue(theirs.tryLock());
        theirs.forceUnlock();
    }
}
