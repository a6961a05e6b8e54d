package io.kvasir.tools.client;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * All that a server holds in database 0: for each key its type, a digest of its value, and whether it has a time to
 * live.
 *
 * @param entries by key, each byte of it one character
 */
record Keyspace(TreeMap<String, String> entries) {

    private static final String HOST = "127.0.0.1";
    private static final int PAGE_KEYS = 500;
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int DIFFERENCES_MAX = 10;

    /** Reads everything from the server at {@code port}, whose strings and hashes do not change meanwhile. */
    static Keyspace read(int port) {
        TreeMap<String, String> entries = new TreeMap<>();
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder()
                .socketTimeoutMillis(TIMEOUT_MILLIS)
                .connectionTimeoutMillis(TIMEOUT_MILLIS)
                .build();
        HostAndPort server = new HostAndPort(HOST, port);
        try (RedisClient client = RedisClient.builder()
                        .hostAndPort(server)
                        .clientConfig(config)
                        .build();
                Connection connection = new Connection(server, config);
                Pipeline pipeline = new Pipeline(connection)) {
            byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
            do {
                ScanResult<byte[]> page = client.scan(cursor, new ScanParams().count(PAGE_KEYS));
                readKeys(pipeline, page.getResult(), entries);
                cursor = page.getCursorAsBytes();
            } while (!Arrays.equals(cursor, ScanParams.SCAN_POINTER_START_BINARY));
        }
        return new Keyspace(entries);
    }

    /** Returns the first differences to {@code other} in lines, empty if there are none. */
    String differences(Keyspace other) {
        List<String> lines = new ArrayList<>();
        entries.forEach((key, entry) -> {
            String theirs = other.entries.getOrDefault(key, "absent");
            if (!entry.equals(theirs)) {
                lines.add(key + ": " + entry + " here, " + theirs + " there");
            }
        });
        other.entries.forEach((key, entry) -> {
            if (!entries.containsKey(key)) {
                lines.add(key + ": absent here, " + entry + " there");
            }
        });
        String count = lines.size() > DIFFERENCES_MAX ? "\n" + lines.size() + " keys differ" : "";
        return String.join("\n", lines.subList(0, Math.min(lines.size(), DIFFERENCES_MAX))) + count;
    }

    private static void readKeys(Pipeline pipeline, List<byte[]> keys, Map<String, String> entries) {
        List<Response<String>> types = new ArrayList<>();
        keys.forEach(key -> types.add(pipeline.type(key)));
        pipeline.sync();
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            values.add(Value.ask(pipeline, keys.get(i), types.get(i).get()));
        }
        pipeline.sync();
        values.forEach(value -> entries.put(new String(value.key, StandardCharsets.ISO_8859_1), value.text()));
    }

    /** What was asked about a key and is known after the next {@code sync}. */
    private record Value(byte[] key, String type, Response<?> content, Response<Long> ttl) {

        static Value ask(AbstractPipeline pipeline, byte[] key, String type) {
            Response<?> content =
                    switch (type) {
                        case "string" -> pipeline.get(key);
                        case "hash" -> pipeline.hgetAll(key);
                        default -> throw new IllegalStateException("a key of type " + type + " cannot be compared");
                    };
            return new Value(key, type, content, pipeline.pttl(key));
        }

        String text() {
            MessageDigest digest = sha256();
            int size;
            if (content.get() instanceof Map<?, ?> fields) {
                size = fields.size();
                fields.entrySet().stream()
                        .sorted(Comparator.comparing(entry -> HexFormat.of().formatHex((byte[]) entry.getKey())))
                        .forEach(entry -> {
                            digest.update(sha256().digest((byte[]) entry.getKey()));
                            digest.update(sha256().digest((byte[]) entry.getValue()));
                        });
            } else {
                size = ((byte[]) content.get()).length;
                digest.update((byte[]) content.get());
            }
            return type + " of " + size + ", " + HexFormat.of().formatHex(digest.digest(), 0, 8)
                    + (ttl.get() < 0 ? "" : ", ends");
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("every Java has SHA-256", impossible);
            }
        }
    }
}
