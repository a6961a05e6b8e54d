package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.Program;
import io.kvasir.tools.process.SharedCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Clients of Python and JavaScript: each runs a script of {@code src/test/clients} with what {@code prepare.sh} there
 * put into {@code target/clients}. {@code ./kvasir test clients} runs it first.
 */
@Tag("clients")
final class ScriptedClientTest {

    private static final int SECONDS_MAX = 40;

    private final Path root =
            Path.of(System.getProperty("kvasir.root", "..")).toAbsolutePath().normalize();
    private final Path clients = root.resolve("target/clients");

    @Test
    void redisPyWorks(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        requirePrepared("python/redis", "python3-redis");
        run("python3", "redis_py.py", "", cluster);
    }

    @Test
    void nodeRedisWorks(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        requirePrepared("node_modules/redis", "node-redis");
        run("node", "node_redis.mjs", "", cluster);
    }

    @Test
    void ioredisWorks(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        requirePrepared("node_modules/ioredis", "ioredis");
        run("node", "ioredis.mjs", "", cluster);
    }

    @Test
    void ioredisWorksAsClientOfACluster(
            @SharedCluster(nodes = 3, fields = "listen.cluster=true") LaunchedCluster cluster) throws Exception {
        requirePrepared("node_modules/ioredis", "ioredis");
        run("node", "ioredis.mjs", "cluster", cluster);
    }

    private void run(String interpreter, String script, String word, LaunchedCluster cluster) throws Exception {
        Optional<Path> program = Program.find(interpreter);
        assumeTrue(program.isPresent(), "no " + interpreter + " on this machine");
        List<String> command = new ArrayList<>();
        command.add(program.orElseThrow().toString());
        command.add(root.resolve("tools/src/test/clients").resolve(script).toString());
        if (!word.isEmpty()) {
            command.add(word);
        }
        for (int i = 0; i < cluster.nodes(); i++) {
            command.add(Integer.toString(cluster.port(i)));
        }
        Map<String, String> environment = Map.of(
                "PYTHONPATH", clients.resolve("python").toString(),
                "PYTHONDONTWRITEBYTECODE", "1",
                "CLIENTS", clients.toString());
        Program.Result result = Program.run(command, Path.of("/dev/null"), environment, SECONDS_MAX);
        assertEquals(0, result.exitCode(), result.printed());
        assertTrue(result.text().endsWith("ok"), result.printed());
    }

    private void requirePrepared(String folder, String client) {
        assumeTrue(
                Files.isDirectory(clients.resolve(folder)),
                client + " is not in target/clients; ./kvasir test clients gets it if there is a network");
    }
}
