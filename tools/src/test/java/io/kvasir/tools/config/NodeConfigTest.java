package io.kvasir.tools.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeConfigTest {

    private static final String LEAST = """
            [node]
            id = 1
            cluster = 77
            peers = ["1=127.0.0.1:7379"]
            """;

    @TempDir
    private Path folder;

    @Test
    void defaultsAreAsDocumented() throws IOException {
        NodeConfig config = load(LEAST);
        assertEquals(1, config.nodeId());
        assertEquals(77, config.clusterId());
        assertEquals(Map.of(1L, new HostPort("127.0.0.1", 7379)), config.peers());
        assertEquals(List.of(folder.resolve("data")), config.dataDirectories());
        assertEquals(folder.resolve("raft"), config.raftLogDirectory());
        assertEquals(folder.resolve("log"), config.logDirectory());
        assertEquals("info", config.logLevel());
        assertEquals(
                new NodeConfig.Listen("127.0.0.1", "127.0.0.1", "127.0.0.1", 6379, 7379, 8379, false), config.listen());
        assertEquals(new TlsConfig(0, false, "", "", "", "", "", "", "yes", "off", "", "", "", false), config.tls());
        assertEquals(new NodeConfig.Audit(false, 16L << 20, 8), config.audit());
        assertEquals(MemorySplit.of(1L << 30), config.memory());
        assertEquals(new NodeConfig.Ranges(1, 512L << 20, 10_000, 1_024), config.ranges());
        assertEquals(12, config.cachePercent());
        assertEquals(new NodeConfig.Commands(4_096, 4L << 20, 2, 12), config.commands());
        assertEquals(new NodeConfig.Clients("", 10_000, 0, 1L << 30, 512L << 20, 256L << 20), config.clients());
        assertEquals(
                Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                config.threads().readers());
        assertEquals(new NodeConfig.Lease(true, 1500, 2000), config.lease());
        assertEquals(1L << 30, config.diskReserveBytes());
        assertTrue(config.listen().isLoopback());
    }

    @Test
    void flagWinsOverEnvironmentAndThatOverFile() throws IOException {
        Path file = write(LEAST + "[listen]\nport = 7000\nhttp-port = 7002\n");
        Map<String, String> environment =
                Map.of("KVASIR_LISTEN_PORT", "7100", "KVASIR_CLIENT_MAXCLIENTS", "7", "PATH", "x");
        NodeConfig config = NodeConfig.load(file, environment, List.of("listen.port=7200"));
        assertEquals(7200, config.listen().redisPort());
        assertEquals(7002, config.listen().httpPort());
        assertEquals(7, config.clients().maxclients());
    }

    @Test
    void everyFieldCanComeFromTheEnvironment() throws IOException {
        Path file = write(LEAST + "[memory]\ntotal = \"2GiB\"\n[lease]\nenabled = false\n");
        NodeConfig config = NodeConfig.load(
                file,
                Map.of("KVASIR_NODE_DATA", "/a,/b", "KVASIR_LEASE_ENABLED", "true", "KVASIR_MEMORY_TOTAL", "3g"),
                List.of());
        assertEquals(List.of(Path.of("/a"), Path.of("/b")), config.dataDirectories());
        assertTrue(config.lease().enabled());
        assertEquals(3L << 30, config.memory().totalBytes());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    [listen];prot = 1                     | config.toml:6: listen.prot is not known; the nearest
                    [listen];port = -1                    | config.toml:6: listen.port: -1 is not within 0 to 65535
                    [listen];port = 0                     | listen.port and tls.port are both 0
                    [tls];port = 7379                     | tls.port 7379 is another port of this node already
                    [tls];auth-clients = "or"             | config.toml:6: tls.auth-clients: 'or' is not one of yes, no
                    [listen];port = "six"                 | config.toml:6: listen.port: 'six' is not an integer
                    [listen];port = 6379;port = 6380      | config.toml:7: listen.port is given twice
                    [listen];port 6379                    | config.toml:6: '=' was expected
                    [listen];bind = "0.0.0.0              | config.toml:6: a string is not closed
                    [listen];bind = "0.0.0.0"             | set client.requirepass
                    [listen];port = 7379                  | must differ
                    [memory];total = "12 parsecs"         | config.toml:6: memory.total: '12 parsecs' is not a size
                    [memory];total = "1MiB"               | 1MiB is not within 512MiB to 64TiB
                    [memory];total = 1.5                  | 1.5 is neither an integer nor true or false
                    [lease];enabled = 1                   | config.toml:6: lease.enabled: '1' is not text
                    [lease];duration-millis = 3000        | must be more than lease.duration-millis
                    [node];data = []                      | config.toml:6: node.data: 0 elements are not within 1 to 64
                    """)
    void whatCannotBeUsedIsSaidInOneLine(String lines, String message) throws IOException {
        ConfigException refused = assertThrows(ConfigException.class, () -> load(LEAST + lines.replace(";", "\n")));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
    }

    @Test
    void unknownVariableAndFlagNameTheNearest() throws IOException {
        Path file = write(LEAST);
        ConfigException variable = assertThrows(
                ConfigException.class, () -> NodeConfig.load(file, Map.of("KVASIR_LISTEN_PROT", "1"), List.of()));
        assertEquals(
                "environment: KVASIR_LISTEN_PROT is not known; the nearest is KVASIR_LISTEN_PORT",
                variable.getMessage());
        ConfigException flag =
                assertThrows(ConfigException.class, () -> NodeConfig.load(file, Map.of(), List.of("memory.totl=1")));
        assertEquals("--set memory.totl: memory.totl is not known; the nearest is memory.total", flag.getMessage());
    }

    @Test
    void missingForeignAndOversizedFilesAreRefused() throws IOException {
        Path missing = folder.resolve("none.toml");
        assertTrue(refusal(missing).endsWith("there is no such file"));
        Path foreign = folder.resolve("foreign.toml");
        Files.write(foreign, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertTrue(refusal(foreign).endsWith("is not UTF-8 text"));
        Path large = folder.resolve("large.toml");
        Files.writeString(large, "#".repeat(TomlText.LENGTH_MAX + 1));
        assertTrue(refusal(large).contains("too many for a configuration"));
    }

    @Test
    void whatIsPrintedReadsBackAsTheSameConfiguration() throws IOException {
        Path file = write(LEAST + "log = \"a \\\"quoted\\\" \\u00e9 folder\"\n[memory]\ntotal = \"1536MiB\"\n");
        String printed = ConfigDocument.inForce(file, Map.of(), List.of("listen.port=7200"));
        NodeConfig again = load(printed);
        assertEquals(NodeConfig.load(file, Map.of(), List.of("listen.port=7200")), load(printed));
        assertEquals(folder.resolve("a \"quoted\" é folder"), again.logDirectory());
    }

    @Test
    void passwordIsNeverPrinted() throws IOException {
        Path file = write(LEAST + "[client]\nrequirepass = \"geheim\"\n[tls]\nkey-file-pass = \"geheim\"\n");
        assertFalse(ConfigDocument.inForce(file, Map.of(), List.of()).contains("geheim"));
        assertFalse(load(Files.readString(file)).toString().contains("geheim"));
    }

    @ParameterizedTest
    @ValueSource(longs = {512, 1024, 4096})
    void memoryIsDividedByTheDocumentedRule(long total) {
        MemorySplit split = MemorySplit.of(total << 20);
        long rest = total - 152 - total / 32;
        assertTrue(Math.abs(split.heapBytes() / (1 << 20) - rest * 52 / 100) <= 1, split.toString());
        assertTrue(Math.abs(split.directBytes() / (1 << 20) - rest * 17 / 100) <= 1, split.toString());
        assertTrue(Math.abs(split.rocksBytes() / (1 << 20) - rest * 31 / 100) <= 1, split.toString());
    }

    @Test
    void manyRangesTakeFromTheMemoryThatIsDivided() {
        assertEquals(MemorySplit.TOTAL_BYTES_MIN, MemorySplit.totalBytesMin(3));
        long least = MemorySplit.totalBytesMin(500);
        assertTrue(least > MemorySplit.TOTAL_BYTES_MIN && least < 700L << 20, String.valueOf(least));
        MemorySplit few = MemorySplit.of(least);
        MemorySplit many = MemorySplit.of(least, 500);
        long stacks = 500L * 276 << 10;
        long taken = few.heapBytes()
                + few.directBytes()
                + few.rocksBytes()
                - (many.heapBytes() + many.directBytes() + many.rocksBytes());
        assertTrue(Math.abs(taken - stacks) <= 4 << 20, "taken " + taken);
        assertTrue(many.heapBytes() >= (64L << 20) + 500 * (128L << 10), many.toString());
        assertThrows(ConfigException.class, () -> MemorySplit.of(least - (1 << 20), 500));
    }

    private String refusal(Path file) {
        return String.valueOf(assertThrows(ConfigException.class, () -> NodeConfig.load(file, Map.of(), List.of()))
                .getMessage());
    }

    private NodeConfig load(String text) throws IOException {
        return NodeConfig.load(write(text), Map.of(), List.of());
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("config.toml"), text);
    }
}
