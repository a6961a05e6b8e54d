package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.Program;
import io.kvasir.tools.process.SharedCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** redis-cli and redis-benchmark against three nodes. Keys begin with {@code cli:}. */
@Tag("clients")
final class RedisToolsTest {

    private static final int SECONDS_MAX = 30;

    @TempDir
    private Path folder;

    @Test
    void cliRunsOneCommandAtEveryNode(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        assertEquals("PONG", cli(cluster, 0, "ping"));
        assertEquals("OK", cli(cluster, 0, "set", "cli:one", "1"));
        assertEquals("2", cli(cluster, 1, "incr", "cli:one"));
        assertEquals("3", cli(cluster, 2, "incr", "cli:one"));
        assertEquals("2", cli(cluster, 1, "hset", "cli:hash", "f", "v", "g", "w"));
        assertEquals("f\nv\ng\nw", cli(cluster, 2, "hgetall", "cli:hash"));
        assertEquals(
                "WRONGTYPE Operation against a key holding the wrong kind of value",
                cli(cluster, 0, "incr", "cli:hash"));
        assertEquals("", cli(cluster, 2, "get", "cli:absent"));
        assertEquals("OK", cli(cluster, 0, "set", "cli:short", "x", "px", "90000"));
        int seconds = Integer.parseInt(cli(cluster, 1, "ttl", "cli:short"));
        assertTrue(seconds > 30 && seconds <= 90, seconds + " s");
        assertTrue(cli(cluster, 0, "nonsense", "a").startsWith("ERR unknown command 'nonsense'"));
    }

    @Test
    void cliSpeaksResp3(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        assertEquals("2", cli(cluster, 0, "-3", "hset", "cli:map", "f", "1", "g", "2"));
        String map = cli(cluster, 1, "-3", "--no-raw", "hgetall", "cli:map");
        assertEquals("1# \"f\" => \"1\"\n2# \"g\" => \"2\"", map);
        assertTrue(cli(cluster, 2, "-3", "hello").contains("proto 3"), "HELLO");
    }

    @Test
    void cliTakesBinaryInputAndGivesItBack(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        byte[] all = new byte[1024];
        IntStream.range(0, all.length).forEach(i -> all[i] = (byte) (i * 7));
        Path input = Files.write(folder.resolve("binary"), all);
        Program.Result set = Program.run(words(cluster, 0, "-x", "set", "cli:binary"), input, Map.of(), SECONDS_MAX);
        assertEquals("OK", set.text());
        byte[] got = Program.run(
                        SECONDS_MAX, words(cluster, 2, "get", "cli:binary").toArray(String[]::new))
                .printed()
                .getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(all.length + 1, got.length); // redis-cli ends it with a line feed
        assertArrayEquals(all, Arrays.copyOf(got, all.length));
    }

    @Test
    void cliPipesAndScansThousandsOfKeys(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        int keys = 3_000;
        Path input = folder.resolve("pipe");
        try (RespFile file = new RespFile(input)) {
            for (int i = 0; i < keys; i++) {
                file.command("SET", "cli:pipe:" + i, "value " + i);
            }
        }
        assertEquals(0, pipeErrors(cluster, 1, input, keys));
        List<String> expected =
                IntStream.range(0, keys).mapToObj(i -> "cli:pipe:" + i).sorted().toList();
        List<String> found = cli(cluster, 2, "--scan", "--pattern", "cli:pipe:*")
                .lines()
                .sorted()
                .toList();
        assertEquals(keys, found.size());
        assertEquals(expected, found);
    }

    @Test
    void cliFindsBigKeys(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        assertEquals("OK", cli(cluster, 0, "set", "cli:biggest", "x".repeat(100_000)));
        String report = cli(cluster, 1, "--bigkeys");
        assertTrue(report.contains("Biggest string found '\"cli:biggest\"' has 100000 bytes"), report);
        assertEquals("1", cli(cluster, 2, "del", "cli:biggest"));
    }

    @Test
    void benchmarkEndsWithoutErrors(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        Optional<Path> program = Program.find("redis-benchmark");
        assumeTrue(program.isPresent(), "no redis-benchmark on this machine (Debian: redis-tools)");
        List<String> command = new ArrayList<>(List.of(
                program.orElseThrow().toString(), "-p", Integer.toString(cluster.port(0)), "-t", "set,get,incr,hset"));
        command.addAll(List.of("-n", "4000", "-c", "20", "-P", "8", "-r", "1000", "--csv"));
        Program.Result result = Program.run(command, Path.of("/dev/null"), Map.of(), SECONDS_MAX);
        assertEquals(0, result.exitCode(), result.printed());
        List<String> rows = result.text()
                .lines()
                .filter(row -> row.startsWith("\""))
                .skip(1)
                .toList();
        assertEquals(4, rows.size(), result.printed());
        assertTrue(result.text().lines().noneMatch(row -> row.contains("rror")), result.printed());
    }

    /** Loads {@code input} with {@code redis-cli --pipe}; returns how many errors came back. */
    static int pipeErrors(LaunchedCluster cluster, int node, Path input, int commands) throws Exception {
        return pipeErrors(cluster.port(node), input, commands, SECONDS_MAX);
    }

    /** As above, at any server. */
    static int pipeErrors(int port, Path input, int commands, int secondsMax) throws Exception {
        List<String> words = List.of(program().toString(), "-p", Integer.toString(port), "--pipe");
        Program.Result result = Program.run(words, input, Map.of(), secondsMax);
        Matcher summary = Pattern.compile("errors: (\\d+), replies: (\\d+)").matcher(result.printed());
        assertTrue(summary.find(), result.printed());
        assertEquals(commands, Integer.parseInt(summary.group(2)), result.printed());
        return Integer.parseInt(summary.group(1));
    }

    private static String cli(LaunchedCluster cluster, int node, String... arguments)
            throws IOException, InterruptedException {
        return Program.run(SECONDS_MAX, words(cluster, node, arguments).toArray(String[]::new))
                .text()
                .lines()
                .collect(Collectors.joining("\n"));
    }

    private static List<String> words(LaunchedCluster cluster, int node, String... arguments) {
        List<String> words = new ArrayList<>(List.of(program().toString(), "-p", Integer.toString(cluster.port(node))));
        words.addAll(List.of(arguments));
        return words;
    }

    private static Path program() {
        Optional<Path> program = Program.find("redis-cli");
        assumeTrue(program.isPresent(), "no redis-cli on this machine (Debian: redis-tools)");
        return program.orElseThrow();
    }
}
