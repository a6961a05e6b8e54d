package io.kvasir.bench.compare;

import java.util.List;
import java.util.stream.Stream;

/**
 * One kind of load: a command over a random key of {@link #KEYS} that are all there, sent by {@link #CONNECTIONS}
 * connections.
 *
 * @param command its name
 * @param arguments what follows it, in the words of redis-benchmark
 * @param writes whether it changes data
 * @param pipeline requests that a connection sends before it waits for their replies
 */
record Workload(String command, List<String> arguments, boolean writes, int pipeline) {

    static final int KEYS = 100_000;
    static final int VALUE_BYTES = 100;
    static final int CONNECTIONS = 50;

    static final List<Workload> ALL = Stream.of(1, 16)
            .flatMap(pipeline -> Stream.of(
                    new Workload("GET", List.of("key:__rand_int__"), false, pipeline),
                    new Workload("SET", List.of("key:__rand_int__", "__data__"), true, pipeline),
                    new Workload("INCR", List.of("counter:__rand_int__"), true, pipeline),
                    new Workload("HSET", List.of("hash:__rand_int__", "field", "__data__"), true, pipeline)))
            .toList();

    Workload {
        arguments = List.copyOf(arguments);
    }

    String name() {
        return command + " P" + pipeline;
    }

    /** Returns the requests that make key number {@code i} of every load exist. */
    static List<List<String>> preload(int i) {
        String number = "%012d".formatted(i);
        String value = "x".repeat(VALUE_BYTES);
        return List.of(
                List.of("SET", "key:" + number, value),
                List.of("SET", "counter:" + number, "0"),
                List.of("HSET", "hash:" + number, "field", value));
    }
}
