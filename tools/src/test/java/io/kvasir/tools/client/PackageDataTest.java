package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.RedisProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Debian's package index, as people would keep it in Redis, loaded with {@code redis-cli --pipe} into Kvasir and into a
 * real Redis, and compared key by key: at once, after all nodes were stopped, and after all were killed. About 3,000
 * packages, all with {@code -Dkvasir.packages=all}.
 */
@Tag("clients")
final class PackageDataTest {

    private static final int SAMPLE = 3_000;
    private static final int PACKAGES_MIN = 100;
    private static final int LOAD_SECONDS_MAX = 600;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void packagesAreWhatRedisHolds(int nodes) throws Exception {
        Path input = folder.resolve("commands");
        int commands = write(input);
        Optional<RedisProcess> started = RedisProcess.start(folder);
        assumeTrue(started.isPresent(), "no redis-server to compare with");
        try (RedisProcess redis = started.orElseThrow();
                LaunchedCluster cluster = LaunchedCluster.start(nodes)) {
            assertEquals(0, RedisToolsTest.pipeErrors(redis.port(), input, commands, LOAD_SECONDS_MAX));
            assertEquals(0, RedisToolsTest.pipeErrors(cluster.port(0), input, commands, LOAD_SECONDS_MAX));
            Keyspace expected = Keyspace.read(redis.port());
            assertTrue(expected.entries().size() > PACKAGES_MIN, "too few keys");
            for (int i = 0; i < nodes; i++) {
                assertEquals("", Keyspace.read(cluster.port(i)).differences(expected), "loaded, node " + i);
            }
            cluster.stopAll();
            cluster.restartAll();
            assertEquals("", Keyspace.read(cluster.port(0)).differences(expected), "after a stop");
            cluster.killAll();
            cluster.restartAll();
            assertEquals("", Keyspace.read(cluster.port(nodes - 1)).differences(expected), "after a kill");
        }
    }

    /** Writes the commands and returns how many they are. */
    private int write(Path input) throws IOException, InterruptedException {
        DebianPackages packages = DebianPackages.find(folder.resolve("index"));
        assumeTrue(
                packages.count() >= PACKAGES_MIN,
                "apt and dpkg know only " + packages.count() + " packages: apt-get update, on Debian");
        int wanted = "all".equals(System.getProperty("kvasir.packages")) ? packages.count() : SAMPLE;
        try (RespFile file = new RespFile(input)) {
            packages.visit(wanted, fields -> write(fields, file));
            return file.commands();
        }
    }

    /** Hashes small and large, strings that grow, counters, bits, times to live, deletions: by the package's name. */
    private static void write(SequencedMap<String, String> fields, RespFile file) throws IOException {
        String name = fields.getOrDefault("Package", "");
        String version = fields.getOrDefault("Version", "");
        String section = fields.getOrDefault("Section", "none");
        String digest = fields.getOrDefault("SHA256", name);
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        int number = (int) (crc.getValue() & 0xF_FFFF);
        List<String> whole = new ArrayList<>(List.of("HSET", "package:" + name));
        for (Map.Entry<String, String> field : fields.entrySet()) {
            whole.add(field.getKey());
            whole.add(field.getValue());
        }
        file.command(whole);
        file.command("SET", "version:" + name, version);
        file.command("HSET", "maintainer:" + fields.getOrDefault("Maintainer", ""), name, version);
        file.command("APPEND", "section:" + section, name + " " + fields.getOrDefault("Description", "") + "\n");
        file.command("INCRBY", "size:" + section, fields.getOrDefault("Size", "1"));
        file.command("SETBIT", "present", Integer.toString(number), "1");
        switch (number % 8) {
            case 0 -> file.command("SET", "digest:" + name, digest, "EX", "100000");
            case 1 -> file.command("EXPIRE", "version:" + name, "200000");
            case 2 -> file.command("HDEL", "package:" + name, "Tag", "SHA256", "MD5sum");
            case 3 -> file.command("DEL", "version:" + name);
            case 4 -> file.command("SETRANGE", "version:" + name, "70000", digest);
            case 5 -> file.command("PEXPIRE", "package:" + name, "300000000");
            case 6 -> file.command("HINCRBY", "maintainer:count", section, "1");
            default -> file.command("GETEX", "version:" + name, "EX", "100000");
        }
    }
}
