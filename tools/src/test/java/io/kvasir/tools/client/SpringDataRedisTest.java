package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.SharedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.data.geo.Circle;
import org.springframework.data.geo.Distance;
import org.springframework.data.geo.Metrics;
import org.springframework.data.geo.Point;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.Cursor;
import org.springframework.data.redis.core.RedisOperations;
import org.springframework.data.redis.core.ScanOptions;
import org.springframework.data.redis.core.SessionCallback;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.ZSetOperations.TypedTuple;
import org.springframework.data.redis.core.script.RedisScript;

/** Templates of Spring Data Redis over Lettuce. Keys begin with {@code spring:}. */
@Tag("clients")
final class SpringDataRedisTest {

    @Test
    void templatesWork(@SharedCluster(nodes = 3) LaunchedCluster cluster) {
        LettuceConnectionFactory factory = new LettuceConnectionFactory("127.0.0.1", cluster.port(1));
        factory.afterPropertiesSet();
        factory.start();
        try {
            StringRedisTemplate template = new StringRedisTemplate(factory);
            checkValues(template);
            checkCollections(template);
            checkTransactions(template);
            checkScripts(template);
        } finally {
            factory.destroy();
        }
    }

    private static void checkValues(StringRedisTemplate template) {
        template.opsForValue().set("spring:value", "ä", Duration.ofSeconds(100));
        assertEquals("ä", template.opsForValue().get("spring:value"));
        assertTrue(template.getExpire("spring:value") > 50);
        assertEquals(false, template.opsForValue().setIfAbsent("spring:value", "x"));
        assertEquals(3, template.opsForValue().increment("spring:count", 3));
        assertEquals("ä", template.opsForValue().getAndDelete("spring:value"));
        assertNull(template.opsForValue().get("spring:value"));
        template.opsForValue().multiSet(Map.of("spring:m1", "1", "spring:m2", "2"));
        assertEquals(List.of("1", "2"), template.opsForValue().multiGet(List.of("spring:m1", "spring:m2")));
        List<String> found = new ArrayList<>();
        try (Cursor<String> cursor = template.scan(
                ScanOptions.scanOptions().match("spring:m?").count(10).build())) {
            cursor.forEachRemaining(found::add);
        }
        assertEquals(Set.of("spring:m1", "spring:m2"), Set.copyOf(found));
    }

    private static void checkCollections(StringRedisTemplate template) {
        template.opsForHash().putAll("spring:hash", Map.of("f", "1", "g", "2"));
        assertEquals(Map.of("f", "1", "g", "2"), template.opsForHash().entries("spring:hash"));
        assertEquals(5, template.opsForHash().increment("spring:hash", "f", 4));
        assertEquals(3, template.opsForList().rightPushAll("spring:list", "a", "b", "c"));
        assertEquals(List.of("a", "b", "c"), template.opsForList().range("spring:list", 0, -1));
        assertEquals("a", template.opsForList().leftPop("spring:list"));
        assertEquals(2, template.opsForSet().add("spring:set", "a", "b"));
        assertEquals(1, template.opsForSet().add("spring:other set", "b"));
        assertEquals(Set.of("b"), template.opsForSet().intersect("spring:set", "spring:other set"));
        template.opsForZSet()
                .add(
                        "spring:scores",
                        Set.of(TypedTuple.of("a", 1.0), TypedTuple.of("b", 2.5), TypedTuple.of("c", 0.5)));
        assertEquals(List.of("b", "a"), List.copyOf(template.opsForZSet().reverseRange("spring:scores", 0, 1)));
        assertEquals(3, template.opsForHyperLogLog().add("spring:distinct", "a", "b", "c") + 2);
        assertEquals(1, template.opsForGeo().add("spring:places", new Point(13.361389, 38.115556), "Palermo"));
        Circle around = new Circle(new Point(13, 38), new Distance(100, Metrics.KILOMETERS));
        assertEquals(
                1,
                template.opsForGeo()
                        .search("spring:places", around)
                        .getContent()
                        .size());
        assertEquals(false, template.opsForValue().setBit("spring:bits", 100, true));
        assertEquals(true, template.opsForValue().getBit("spring:bits", 100));
        template.opsForStream().add("spring:stream", Map.of("f", "1"));
        assertEquals(1L, template.opsForStream().size("spring:stream"));
    }

    private static void checkTransactions(StringRedisTemplate template) {
        List<Object> replies = template.execute(new SessionCallback<List<Object>>() {
            @Override
            @SuppressWarnings("unchecked")
            public <K, V> List<Object> execute(RedisOperations<K, V> operations) {
                RedisOperations<String, String> strings = (RedisOperations<String, String>) operations;
                strings.watch("spring:account 1");
                strings.multi();
                strings.opsForValue().decrement("spring:account 1", 10);
                strings.opsForValue().increment("spring:account 2", 10);
                return strings.exec();
            }
        });
        assertEquals(List.of(-10L, 10L), replies);
    }

    private static void checkScripts(StringRedisTemplate template) {
        RedisScript<Long> script = RedisScript.of(
                "return redis.call('INCRBY', KEYS[1], ARGV[1]) + redis.call('DEL', KEYS[2])", Long.class);
        assertEquals(8, template.execute(script, List.of("spring:script", "spring:m1"), "7"));
        assertEquals(14, template.execute(script, List.of("spring:script", "spring:m1"), "7"));
    }
}
