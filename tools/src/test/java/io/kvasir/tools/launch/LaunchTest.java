package io.kvasir.tools.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher over real processes that keep to the agreement with a node, but hold no data. */
final class LaunchTest {

    @TempDir
    private Path folder;

    private final int port = freePorts();
    private String out = "";
    private String err = "";

    @AfterEach
    void endProcesses() {
        if (Files.exists(data().resolve("cluster.toml"))) {
            kvasir("down");
        }
    }

    @Test
    void upStartsEveryNodeAndDownEndsThem() {
        assertEquals(0, up("--nodes", "2"), err);
        assertTrue(out.startsWith("READY in "), out);
        assertTrue(out.contains("127.0.0.1:" + (port + 1)) && out.contains("127.0.0.1:" + (port + 2001)), out);
        assertTrue(out.contains("redis-cli -p " + port), out);
        assertEquals(0, kvasir("status"), out);
        assertEquals(2, linesWith("running"), out);
        assertEquals(0, kvasir("down"), err);
        assertEquals(1, kvasir("status"));
        assertEquals(2, linesWith("stopped"), out);
    }

    @Test
    void nodesAreKilledPausedAndStartedOneByOne() {
        assertEquals(0, up("--nodes", "2"), err);
        assertEquals(0, kvasir("node", "kill", "1"), err);
        assertEquals(1, kvasir("status"));
        assertTrue(out.contains("stopped") && out.contains("running"), out);
        assertEquals(1, kvasir("node", "kill", "1"));
        assertEquals("kvasir: node 1 is stopped already\n", err);
        assertEquals(0, kvasir("node", "start", "1"), err);
        assertEquals(0, kvasir("node", "pause", "0"), err);
        assertEquals(1, kvasir("status"));
        assertTrue(out.contains("paused"), out);
        assertEquals(0, kvasir("node", "resume", "0"), err);
        assertEquals(0, kvasir("status"), out);
        assertEquals(1, kvasir("node", "start", "0"));
        assertTrue(err.contains("runs already"), err);
        assertEquals(1, kvasir("node", "kill", "2"));
        assertEquals("kvasir: the node's number: '2' is not an integer within 0 to 1\n", err);
    }

    @Test
    void pausedNodesAreStoppedToo() {
        assertEquals(0, up(), err);
        assertEquals(0, kvasir("node", "pause", "0"), err);
        assertEquals(0, kvasir("down"), err);
        assertEquals("stopped 1 node in " + data() + "\n", out);
    }

    @Test
    void takenPortIsNamedWithItsProcess() throws IOException {
        try (ServerSocket taker = new ServerSocket(port + 1000, 1, InetAddress.getLoopbackAddress())) {
            assertEquals(1, up());
            long self = ProcessHandle.current().pid();
            assertTrue(err.startsWith("kvasir: port " + taker.getLocalPort() + " is taken by process " + self), err);
            assertTrue(err.contains("--port") && err.lines().count() == 1, err);
            assertFalse(Files.exists(data()));
        }
    }

    @Test
    void runningDirectoryIsNotStartedTwice() {
        assertEquals(0, up(), err);
        assertEquals(1, up());
        assertTrue(err.contains("is running already (node 0, pid "), err);
    }

    @Test
    void existingDirectoryDecidesTheTopology() {
        assertEquals(0, up("--nodes", "2"), err);
        assertEquals(0, kvasir("down"), err);
        assertEquals(1, up("--nodes", "3"));
        assertTrue(err.contains("was created with --nodes 2: start it without --nodes"), err);
        assertEquals(0, kvasir("up", "--detach", "--memory", "3GiB"), err);
        assertEquals(0, kvasir("config"), err);
        assertTrue(out.contains("total = \"1536MiB\""), out);
    }

    @Test
    void nodeThatRefusesToStartTakesTheOthersDown() throws IOException {
        assertEquals(0, up("--nodes", "2"), err);
        assertEquals(0, kvasir("down"), err);
        Files.createFile(data().resolve("node-1/refuse"));
        assertEquals(1, kvasir("up", "--detach"));
        assertTrue(err.startsWith("kvasir: node 1: refused by the file"), err);
        assertEquals(1, kvasir("status"));
        assertEquals(2, linesWith("stopped"), out);
        Files.move(data().resolve("node-1/refuse"), data().resolve("node-1/crash"));
        assertEquals(1, kvasir("up", "--detach"));
        assertTrue(err.startsWith("kvasir: node 1 ended at its start with exit code 1"), err);
        assertFalse(err.contains("\tat "), err);
    }

    @Test
    void foreignDamagedAndMissingDirectoriesAreRefusedAndLeftAlone() throws IOException {
        assertEquals(1, kvasir("status"));
        assertTrue(err.contains("does not exist; create a cluster there with: ./kvasir up"), err);
        Files.createDirectories(data());
        Files.writeString(data().resolve("letter.txt"), "mine");
        assertEquals(1, up());
        assertTrue(err.contains("is not empty and not a directory of Kvasir's"), err);
        assertEquals(List.of(data().resolve("letter.txt")), entries());
        Files.delete(data().resolve("letter.txt"));
        Files.writeString(data().resolve("cluster.toml"), "format = 1\nid = oops");
        assertEquals(1, up());
        assertTrue(err.contains("cluster.toml:2: oops is neither"), err);
        Files.writeString(data().resolve("cluster.toml"), "format = 9\n");
        assertEquals(1, up());
        assertTrue(err.contains("format 9 is not known"), err);
        Files.delete(data().resolve("cluster.toml"));
    }

    @Test
    void wrongFlagsAreSaidInOneLine() {
        assertRefused("up: --prot is no flag; there are --nodes", "up", "--prot", "1");
        assertRefused("--port needs a value", "up", "--dir", data().toString(), "--port");
        assertRefused("--nodes: '0' is not an integer within 1 to 99", "up", "--nodes", "0");
        assertRefused("--memory: 'lots' is not a size", "up", "--memory", "lots");
        assertRefused(
                "is too little for 3 nodes: each needs at least 512MiB", "up", "--nodes", "3", "--memory", "1GiB");
        assertRefused("set a password in the environment", "up", "--bind", "0.0.0.0");
        assertRefused("up decides that for each node", "up", "--set", "listen.port=1");
        assertRefused(
                "the nearest is client.maxclients",
                "up",
                "--set",
                "client.maxclient=1",
                "--port",
                String.valueOf(port));
        assertRefused("'sideways' is no command", "sideways");
        assertFalse(Files.exists(data().resolve("cluster.toml")));
    }

    private void assertRefused(String message, String... arguments) {
        assertEquals(1, kvasir(arguments), out);
        assertTrue(err.contains(message), err);
        assertEquals(1, err.lines().count(), err);
    }

    private int up(String... flags) {
        List<String> arguments = new ArrayList<>(List.of("up", "--detach", "--port", String.valueOf(port)));
        arguments.addAll(List.of(flags));
        return kvasir(arguments.toArray(String[]::new));
    }

    private int kvasir(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (!all.contains("--dir")) {
            all.addAll(List.of("--dir", data().toString()));
        }
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int exitCode = Kvasir.run(all, this::installation, new PrintStream(outBytes), new PrintStream(errBytes));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return exitCode;
    }

    private long linesWith(String word) {
        return out.lines().filter(line -> line.contains(word)).count();
    }

    private Installation installation() {
        return new Installation(
                folder,
                System.getProperty("java.class.path"),
                folder,
                folder.resolve("none.aot"),
                EchoNode.class.getName());
    }

    /** A path with a blank and a quote in it, because users have such. */
    private Path data() {
        return folder.resolve("my data's");
    }

    private List<Path> entries() throws IOException {
        try (var entries = Files.list(data())) {
            return entries.toList();
        }
    }

    /** Returns a port that is free together with the next one and with both at 1000 and 2000 above. */
    private static int freePorts() {
        for (int attempt = 0; attempt < 50; attempt++) {
            try (ServerSocket probe = new ServerSocket(0)) {
                int port = 10_000 + probe.getLocalPort() % 20_000;
                boolean free = true;
                for (int offset : new int[] {0, 1, 1000, 1001, 2000, 2001}) {
                    free &= Ports.refusal("127.0.0.1", port + offset).isEmpty();
                }
                if (free) {
                    return port;
                }
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IllegalStateException("no free ports");
    }
}
