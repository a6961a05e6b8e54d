package io.kvasir.bench.micro;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The commands that all layers are measured with: SETs of 100 bytes, as redis-benchmark sends them. Stateless. */
final class Sets {

    /** Commands of a batch or a pipeline. */
    static final int COUNT = 16;

    private static final int VALUE_BYTES = 100;

    private Sets() {}

    static byte[] key(int i) {
        return String.format("key:%012d", i * 7919).getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] value(int i) {
        byte[] value = new byte[VALUE_BYTES];
        Arrays.fill(value, (byte) ('a' + i));
        return value;
    }
}
