package io.kvasir.bench.compare;

import java.util.List;
import java.util.stream.Stream;

/**
 * One kind of load: a command over a random key of {@link #KEYS} that are all there, or over a random element of one
 * value of as many, sent by {@link #CONNECTIONS} connections.
 *
 * @param command its name
 * @param kind empty, or {@link #LARGE} if it is over one value
 * @param arguments what follows it, in the words of redis-benchmark
 * @param writes whether it changes data
 * @param pipeline requests that a connection sends before it waits for their replies
 */
record Workload(String command, String kind, List<String> arguments, boolean writes, int pipeline) {

    static final int KEYS = 100_000;
    static final int VALUE_BYTES = 100;
    static final int CONNECTIONS = 50;
    static final String LARGE = " large";

    static final List<Workload> ALL = Stream.of(1, 16)
            .flatMap(pipeline -> Stream.of(
                    small("GET", false, pipeline, "key:__rand_int__"),
                    small("SET", true, pipeline, "key:__rand_int__", "__data__"),
                    small("INCR", true, pipeline, "counter:__rand_int__"),
                    small("HSET", true, pipeline, "hash:__rand_int__", "field", "__data__"),
                    small("LPUSH", true, pipeline, "list:__rand_int__", "__data__"),
                    small("SADD", true, pipeline, "set:__rand_int__", "member:__rand_int__"),
                    small("ZADD", true, pipeline, "zset:__rand_int__", "__rand_int__", "member"),
                    large("HSET", pipeline, "large:hash", "field:__rand_int__", "__data__"),
                    large("LPUSH", pipeline, "large:list", "__data__"),
                    large("SADD", pipeline, "large:set", "member:__rand_int__"),
                    large("ZADD", pipeline, "large:zset", "__rand_int__", "member:__rand_int__")))
            .toList();

    Workload {
        arguments = List.copyOf(arguments);
    }

    private static Workload small(String command, boolean writes, int pipeline, String... arguments) {
        return new Workload(command, "", List.of(arguments), writes, pipeline);
    }

    private static Workload large(String command, int pipeline, String... arguments) {
        return new Workload(command, LARGE, List.of(arguments), true, pipeline);
    }

    String name() {
        return command + kind + " P" + pipeline;
    }

    /** Returns the requests that make key number {@code i} of every load exist. */
    static List<List<String>> preload(int i) {
        String number = "%012d".formatted(i);
        String value = "x".repeat(VALUE_BYTES);
        return List.of(
                List.of("SET", "key:" + number, value),
                List.of("SET", "counter:" + number, "0"),
                List.of("HSET", "hash:" + number, "field", value),
                List.of("LPUSH", "list:" + number, value),
                List.of("SADD", "set:" + number, "member"),
                List.of("ZADD", "zset:" + number, "1", "member"),
                List.of("HSET", "large:hash", "field:" + number, value),
                List.of("LPUSH", "large:list", value),
                List.of("SADD", "large:set", "member:" + number),
                List.of("ZADD", "large:zset", String.valueOf(i), "member:" + number));
    }
}
