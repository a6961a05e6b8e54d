package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvasir.gateway.server.TestAuthority;
import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** redis-cli over TLS at a node that has no other port for clients. */
@Tag("clients")
final class TlsNodeTest {

    private static final int SECONDS_MAX = 30;

    @TempDir
    private Path folder;

    @Test
    void redisCliSpeaksTlsWithANodeThatServesNothingElse() throws IOException, InterruptedException {
        Optional<Path> program = Program.find("redis-cli");
        assumeTrue(program.isPresent(), "no redis-cli on this machine (Debian: redis-tools)");
        TestAuthority authority = new TestAuthority("the CA");
        TestAuthority.write(authority.issue("node"), folder, "node");
        TestAuthority.write(authority.issue("alice"), folder, "alice");
        authority.write(folder.resolve("ca.crt"));
        int tls = freePort();
        try (LaunchedCluster cluster = LaunchedCluster.start(
                1,
                "listen.port=0",
                "tls.port=" + tls,
                "tls.cert-file=" + folder.resolve("node.crt"),
                "tls.key-file=" + folder.resolve("node.key"),
                "tls.ca-cert-file=" + folder.resolve("ca.crt"),
                "tls.auth-clients-user=cn")) {
            Cli cli = new Cli(program.get(), tls);
            assertEquals("OK", cli.run("SET", "k", "v"));
            assertEquals("v", cli.run("GET", "k"));
            assertEquals("default", cli.run("ACL", "WHOAMI"));
            assertEquals("OK", cli.run("ACL", "SETUSER", "alice", "on", "~*", "+@all"));
            assertEquals("alice", cli.run("ACL", "WHOAMI"));
            String server = cli.run("INFO", "server");
            assertTrue(server.contains("tcp_port:" + tls), server);
            assertTrue(server.contains("listener0:name=tls,bind=127.0.0.1,port=" + tls), server);
            assertEquals("port\n0", cli.run("CONFIG", "GET", "port"));
            assertTrue(cli.run("CLIENT", "LIST").contains(" laddr=127.0.0.1:" + tls + " "));
            Program.Result plain =
                    Program.run(SECONDS_MAX, program.get().toString(), "-p", Integer.toString(cluster.port(0)), "PING");
            assertNotEquals(0, plain.exitCode(), plain.text());
            cluster.stop(0);
            cluster.restart(0);
            assertEquals("v", cli.run("GET", "k"));
        }
    }

    private final class Cli {

        private final List<String> command;

        Cli(Path program, int port) {
            command = List.of(
                    program.toString(),
                    "--tls",
                    "--cacert",
                    folder.resolve("ca.crt").toString(),
                    "--cert",
                    folder.resolve("alice.crt").toString(),
                    "--key",
                    folder.resolve("alice.key").toString(),
                    "-p",
                    Integer.toString(port));
        }

        String run(String... words) throws IOException, InterruptedException {
            List<String> all = new ArrayList<>(command);
            all.addAll(List.of(words));
            return Program.run(SECONDS_MAX, all.toArray(String[]::new)).text();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }
}
