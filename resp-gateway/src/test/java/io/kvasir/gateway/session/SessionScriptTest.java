package io.kvasir.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.fuzz.RedisServer;
import io.kvasir.gateway.server.RawClient;
import io.kvasir.gateway.server.TestGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Plays the scripts in {@code script} of the test resources. A block is one connection: its lines with {@code >} are
 * sent in one piece, each followed by CR and LF, with the escapes of Java's strings and {@code \xff}; the lines with
 * {@code <} are all that comes back. The replies under {@code redis} are those of a redis-server, recorded with
 * {@code -Drecord=true} and compared with one again where there is one; those under {@code own} are recorded from the
 * gateway itself.
 */
final class SessionScriptTest {

    private static final Path SCRIPTS = Path.of("src/test/resources/io/kvasir/gateway/session/script");

    @TestFactory
    Stream<DynamicTest> everyReplyIsTheRecordedOne() throws IOException {
        return scripts("redis")
                .map(script -> DynamicTest.dynamicTest(script.getFileName().toString(), () -> {
                    try (TestGateway gateway = new TestGateway()) {
                        assertEquals(Files.readString(script), play(script, gateway.port()));
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyOwnReplyIsTheRecordedOne() throws IOException {
        return scripts("own")
                .map(script -> DynamicTest.dynamicTest(script.getFileName().toString(), () -> {
                    try (TestGateway gateway = new TestGateway()) {
                        boolean cluster = script.endsWith("cluster.txt");
                        String played = play(script, cluster ? gateway.clusterPort() : gateway.port());
                        record(script, played);
                        assertEquals(Files.readString(script), played);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyRecordedReplyIsThatOfRedis() throws IOException {
        return scripts("redis")
                .map(script -> DynamicTest.dynamicTest(script.getFileName().toString(), () -> {
                    Optional<RedisServer> redis = RedisServer.start();
                    assumeTrue(redis.isPresent(), "no redis-server to compare with");
                    try (RedisServer server = redis.orElseThrow()) {
                        String played = play(script, server.port());
                        record(script, played);
                        assertEquals(Files.readString(script), played);
                    }
                }));
    }

    private static void record(Path script, String played) throws IOException {
        if (Boolean.getBoolean("record")) {
            Files.writeString(script, played);
        }
    }

    private static Stream<Path> scripts(String directory) throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS.resolve(directory))) {
            return files.sorted().toList().stream();
        }
    }

    /** Returns the script with the replies of the server at {@code port}. */
    private static String play(Path script, int port) throws IOException {
        StringBuilder played = new StringBuilder();
        StringBuilder requests = new StringBuilder();
        List<String> lines = Files.readAllLines(script);
        for (String line : lines) {
            if (line.startsWith("> ")) {
                requests.append(unescape(line.substring(2))).append("\r\n");
                played.append(line).append('\n');
            } else if (line.isEmpty()) {
                played.append(replies(port, requests.toString())).append('\n');
                requests.setLength(0);
            } else if (line.startsWith("#")) {
                played.append(line).append('\n');
            }
        }
        return played.toString();
    }

    private static String replies(int port, String requests) throws IOException {
        try (RawClient client = new RawClient(port)) {
            String all = client.send(requests).endInput().readToEnd();
            StringBuilder lines = new StringBuilder();
            for (String line : all.split("\r?\n", -1)) {
                lines.append("< ").append(escape(line)).append('\n');
            }
            return lines.toString();
        }
    }

    private static String escape(String line) {
        StringBuilder shown = new StringBuilder();
        for (char c : line.toCharArray()) {
            shown.append(c < ' ' || c > '~' ? String.format("\\x%02x", (int) c) : String.valueOf(c));
        }
        return shown.toString();
    }

    private static String unescape(String line) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c != '\\') {
                bytes.append(c);
                continue;
            }
            i++;
            switch (line.charAt(i)) {
                case 'r' -> bytes.append('\r');
                case 'n' -> bytes.append('\n');
                case 'x' -> {
                    bytes.append((char) Integer.parseInt(line, i + 1, i + 3, 16));
                    i += 2;
                }
                default -> bytes.append(line.charAt(i));
            }
        }
        return bytes.toString();
    }
}
