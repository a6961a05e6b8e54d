package io.kvasir.tools.process;

import io.kvasir.tools.launch.Kvasir;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of real processes in a temporary directory, started and tormented through the launcher that users have,
 * from the classes of this build. Confined to one thread at a time.
 */
public final class LaunchedCluster implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final int MEMORY_MIB_PER_NODE = 512;
    private static final int PORT_ATTEMPTS_MAX = 100;
    private static final int START_ATTEMPTS_MAX = 3;

    private final Path directory;
    private final int nodes;
    private final int port;
    private final Thread whenKilled = new Thread(this::killRunning, "kvasir-cluster-end");

    private LaunchedCluster(Path directory, int nodes, int port) {
        this.directory = directory;
        this.nodes = nodes;
        this.port = port;
        Runtime.getRuntime().addShutdownHook(whenKilled); // a test run that is ended early leaves no nodes behind
    }

    /**
     * Starts {@code nodes} nodes with as many ranges and waits until all serve.
     *
     * @param fields of the configuration, {@code key=value}
     * @throws IllegalStateException with the launcher's reason if they do not
     */
    public static LaunchedCluster start(int nodes, String... fields) {
        return startWithRanges(nodes, nodes, fields);
    }

    /** As {@link #start}, with {@code ranges} ranges. */
    public static LaunchedCluster startWithRanges(int nodes, int ranges, String... fields) {
        Path directory;
        try {
            directory = Files.createTempDirectory("kvasir-cluster");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        for (int attempt = 1; ; attempt++) {
            LaunchedCluster cluster = new LaunchedCluster(directory, nodes, freePorts(nodes));
            List<String> up = new ArrayList<>(List.of(
                    "up",
                    "--detach",
                    "--nodes=" + nodes,
                    "--ranges=" + ranges,
                    "--port=" + cluster.port,
                    "--memory=" + nodes * MEMORY_MIB_PER_NODE + "MiB"));
            for (String field : fields) {
                up.add("--set=" + field);
            }
            try {
                cluster.kvasir(up.toArray(String[]::new));
                return cluster;
            } catch (IllegalStateException failed) {
                if (attempt == START_ATTEMPTS_MAX || !failed.getMessage().contains("port ")) {
                    cluster.close();
                    throw failed;
                }
                Runtime.getRuntime().removeShutdownHook(cluster.whenKilled);
            }
        }
    }

    /** Returns how many nodes it has. */
    public int nodes() {
        return nodes;
    }

    /** Returns the port at 127.0.0.1 at which node {@code index} serves clients. */
    public int port(int index) {
        return port + index;
    }

    /** Returns the folder of node {@code index}. */
    public Path folder(int index) {
        return directory.resolve("cluster").resolve("node-" + index);
    }

    /** Returns the folder of the cluster. */
    public Path folder() {
        return directory.resolve("cluster");
    }

    /** Compares all replicas, as {@code ./kvasir verify} does; returns its exit code. */
    public int verify(ByteArrayOutputStream said) {
        return launcher(said, "verify");
    }

    /** Runs a command of the launcher, which says what it does in {@code said}; returns its exit code. */
    public int run(ByteArrayOutputStream said, String... arguments) {
        return launcher(said, arguments);
    }

    /** Stops a node in order (SIGTERM) and waits for its end. */
    public void stop(int index) {
        kvasir("node", "stop", Integer.toString(index));
    }

    /** Kills a node (SIGKILL) and waits for its end. */
    public void kill(int index) {
        kvasir("node", "kill", Integer.toString(index));
    }

    /** Starts a node that has ended and waits until it serves, which takes a majority. */
    public void restart(int index) {
        kvasir("node", "start", Integer.toString(index));
    }

    /** Stops all nodes in order and waits for their end. */
    public void stopAll() {
        kvasir("down");
    }

    /** Kills all nodes, one right after the other. */
    public void killAll() {
        for (int i = 0; i < nodes; i++) {
            kill(i);
        }
    }

    /** Starts all nodes, none of which may run, and waits until all serve. */
    public void restartAll() {
        kvasir("up", "--detach");
    }

    /** Kills what runs and deletes everything. */
    @Override
    public void close() {
        killRunning();
        Runtime.getRuntime().removeShutdownHook(whenKilled);
        try {
            delete(directory);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void killRunning() {
        for (int i = 0; i < Math.max(nodes, nodesNow()); i++) {
            launcher(new ByteArrayOutputStream(), "node", "kill", Integer.toString(i)); // it may have ended already
        }
    }

    /** Returns how many nodes have a folder, those among them that were added. */
    private int nodesNow() {
        int count = 0;
        while (Files.isDirectory(folder(count))) {
            count++;
        }
        return count;
    }

    private void kvasir(String... arguments) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        if (launcher(said, arguments) != 0) {
            throw new IllegalStateException(said.toString(StandardCharsets.UTF_8));
        }
    }

    private int launcher(ByteArrayOutputStream said, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--dir=" + directory.resolve("cluster"));
        PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8);
        return Kvasir.run(all, BuiltProgram::installation, both, both);
    }

    /** Returns a port that is free with those after it, one a node, and those 1000 and 2000 above. */
    private static int freePorts(int nodes) {
        for (int attempt = 0; attempt < PORT_ATTEMPTS_MAX; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 30_000);
            boolean free = true;
            for (int i = 0; i < nodes; i++) {
                free &= isFree(port + i) && isFree(port + 1000 + i) && isFree(port + 2000 + i);
            }
            if (free) {
                return port;
            }
        }
        throw new IllegalStateException("no free ports");
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByName(HOST), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failed) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
