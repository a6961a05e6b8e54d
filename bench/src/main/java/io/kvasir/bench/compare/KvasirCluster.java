package io.kvasir.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A cluster of this machine, started and stopped as a user does: by {@code ./kvasir up} and {@code down}. */
final class KvasirCluster implements Target {

    private static final int MEMORY_MIB_NODE = 768;

    private final Path root;
    private final Path directory;
    private final int port;
    private final List<Long> processes;
    private final double startSeconds;

    private KvasirCluster(Path root, Path directory, int port, List<Long> processes, double startSeconds) {
        this.root = root;
        this.directory = directory;
        this.port = port;
        this.processes = List.copyOf(processes);
        this.startSeconds = startSeconds;
    }

    /** Starts {@code nodes} nodes with {@code ranges} ranges, at {@code port} and the ports after it. */
    static KvasirCluster start(Path root, int nodes, int ranges, int port, Path directory) throws IOException {
        return start(root, nodes, ranges, port, directory, nodes * MEMORY_MIB_NODE);
    }

    /** As above, with {@code memoryMib} MiB of memory for all nodes together. */
    static KvasirCluster start(Path root, int nodes, int ranges, int port, Path directory, int memoryMib)
            throws IOException {
        long begin = System.nanoTime();
        Path console = directory.resolveSibling(directory.getFileName() + ".log");
        run(
                root,
                console,
                "up",
                "--detach",
                "--dir",
                directory.toString(),
                "--nodes",
                String.valueOf(nodes),
                "--ranges",
                String.valueOf(ranges),
                "--port",
                String.valueOf(port),
                "--memory",
                memoryMib + "M");
        double startSeconds = (System.nanoTime() - begin) / 1e9;
        List<Long> processes = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
            processes.add(Long.parseLong(Connection.info(port + node).get("process_id")));
        }
        return new KvasirCluster(root, directory, port, processes, startSeconds);
    }

    @Override
    public String name() {
        return "kvasir, " + processes.size() + (processes.size() == 1 ? " node" : " nodes");
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public List<Long> processes() {
        return processes;
    }

    @Override
    public double startSeconds() {
        return startSeconds;
    }

    @Override
    public LogCounts logCounts() {
        long syncs = 0;
        long appends = 0;
        for (int node = 0; node < processes.size(); node++) {
            Map<String, String> info = Connection.info(port + node);
            syncs += Long.parseLong(info.get("raft_log_syncs"));
            appends += Long.parseLong(info.get("raft_log_appends"));
        }
        return new LogCounts(syncs, appends);
    }

    @Override
    public void close() {
        try {
            run(
                    root,
                    directory.resolveSibling(directory.getFileName() + ".log"),
                    "down",
                    "--dir",
                    directory.toString());
        } catch (IOException | BenchException failed) {
            processes.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        }
    }

    private static void run(Path root, Path console, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(root.resolve("kvasir").toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(console.toFile()))
                .start();
        if (Processes.await(process) != 0) {
            throw new BenchException("'" + String.join(" ", command) + "' failed:\n" + Files.readString(console));
        }
    }
}
