package io.kvasir.tools.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of this machine in a folder of its own on free ports, started and tormented by the launcher that users
 * have, as a process of its own. However this process ends but by SIGKILL, the nodes end as well. Safe for any thread;
 * one command of the launcher runs at a time.
 */
public final class LocalCluster implements AutoCloseable {

    private static final String LAUNCHER = "io.kvasir.tools.launch.Kvasir";
    private static final int MEMORY_MIB_PER_NODE = 640;
    private static final int PORT_ATTEMPTS_MAX = 100;
    private static final int START_ATTEMPTS_MAX = 3;
    private static final int COMMAND_SECONDS_MAX = 130;
    private static final int END_SECONDS_MAX = 15;

    private final Path directory;
    private final List<String> launcher;
    private final int nodes;
    private final int port;
    private final Thread whenEnded = new Thread(this::end, "kvasir-cluster-end");
    private volatile @Nullable Process running;
    private volatile boolean ending;

    private LocalCluster(Path directory, List<String> launcher, int nodes, int port) {
        this.directory = directory;
        this.launcher = List.copyOf(launcher);
        this.nodes = nodes;
        this.port = port;
        Runtime.getRuntime().addShutdownHook(whenEnded);
    }

    /** The launcher cannot do what it was asked for; the message is what it said. */
    public static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** As {@link #start(Path, int, int, List)}, by the launcher of the installation that this process belongs to. */
    public static LocalCluster start(Path directory, int nodes, int ranges) {
        return start(directory, nodes, ranges, ownLauncher());
    }

    /**
     * Starts {@code nodes} nodes with {@code ranges} ranges and waits until all serve.
     *
     * @param directory where their data goes; it is created, and deleted at the end
     * @param launcher the command that the launcher's arguments are added to
     * @throws Refused with the launcher's reason if they do not
     */
    public static LocalCluster start(Path directory, int nodes, int ranges, List<String> launcher) {
        for (int attempt = 1; ; attempt++) {
            LocalCluster cluster = new LocalCluster(directory, launcher, nodes, freePorts(nodes));
            try {
                cluster.kvasir(
                        "up",
                        "--detach",
                        "--nodes=" + nodes,
                        "--ranges=" + ranges,
                        "--port=" + cluster.port,
                        "--memory=" + nodes * MEMORY_MIB_PER_NODE + "MiB");
                return cluster;
            } catch (Refused refused) {
                cluster.close();
                if (attempt == START_ATTEMPTS_MAX
                        || !String.valueOf(refused.getMessage()).contains("port ")) {
                    throw refused;
                }
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

    /** Returns the folder with all that the nodes keep. */
    public Path directory() {
        return directory;
    }

    /** Kills a node (SIGKILL) and waits for its end. */
    public void kill(int index) {
        kvasir("node", "kill", Integer.toString(index));
    }

    /** Starts a node that has ended and waits until it serves. */
    public void restart(int index) {
        kvasir("node", "start", Integer.toString(index));
    }

    /** Runs {@code command} of the launcher upon this cluster's directory; returns what it printed. */
    public String kvasir(String... command) {
        if (ending) {
            throw new Refused("the cluster is being ended");
        }
        return command(command);
    }

    /** Kills what runs and deletes everything. */
    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(whenEnded);
    }

    private void end() {
        killRunning();
        try {
            new Folder(directory).delete();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void killRunning() {
        ending = true;
        Process process = running;
        if (process != null) {
            process.destroy(); // it ends what it was starting
            await(process, END_SECONDS_MAX);
        }
        for (int i = 0; i < nodes; i++) {
            try {
                command("node", "kill", Integer.toString(i));
            } catch (Refused ended) {
                continue; // it does not run
            }
        }
    }

    private synchronized String command(String... words) {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(List.of(words));
        command.add("--dir=" + directory);
        try {
            Path printed = Files.createTempFile("kvasir-launcher", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(printed.toFile())
                        .start();
                running = process;
                boolean ended = await(process, COMMAND_SECONDS_MAX);
                running = null;
                String text = new String(Files.readAllBytes(printed), StandardCharsets.UTF_8).strip();
                if (!ended || process.exitValue() != 0) {
                    throw new Refused(
                            ended ? text : "'" + String.join(" ", words) + "' has not ended in time: " + text);
                }
                return text;
            } finally {
                Files.deleteIfExists(printed);
            }
        } catch (IOException failed) {
            throw new Refused("the launcher cannot be run: " + failed.getMessage());
        }
    }

    /** Waits for the end of {@code process}, which is killed if that takes too long or this thread is interrupted. */
    private static boolean await(Process process, int secondsMax) {
        try {
            if (process.waitFor(secondsMax, TimeUnit.SECONDS)) {
                return true;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        return false;
    }

    /** The launcher as {@code ./kvasir} starts it. */
    private static List<String> ownLauncher() {
        String root = System.getProperty("kvasir.root");
        String lib = System.getProperty("kvasir.lib");
        if (root == null || lib == null) {
            throw new Refused("start this with ./kvasir, which says where the program is");
        }
        try (Stream<Path> jars = Files.list(Path.of(lib))) {
            Path jar = jars.filter(file -> file.getFileName().toString().startsWith("tools-"))
                    .findFirst()
                    .orElseThrow(() -> new Refused(lib + ": there is no jar of tools"));
            return List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xmx64m",
                    "-Dkvasir.root=" + root,
                    "-Dkvasir.lib=" + lib,
                    "-cp",
                    jar.toString(),
                    LAUNCHER);
        } catch (IOException absent) {
            throw new Refused(lib + ": there are no jars (" + absent.getMessage() + ")");
        }
    }

    /** Returns a port that is free with those after it, one a node, and those 1000 and 2000 above. */
    private static int freePorts(int nodes) {
        RandomGenerator random = RandomGenerator.getDefault();
        for (int attempt = 0; attempt < PORT_ATTEMPTS_MAX; attempt++) {
            int port = random.nextInt(10_000, 30_000);
            boolean free = true;
            for (int i = 0; i < nodes; i++) {
                free &= isFree(port + i) && isFree(port + 1000 + i) && isFree(port + 2000 + i);
            }
            if (free) {
                return port;
            }
        }
        throw new Refused("no free ports between 10000 and 32000");
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
