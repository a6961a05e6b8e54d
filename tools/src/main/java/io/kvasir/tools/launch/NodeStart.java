package io.kvasir.tools.launch;

import io.kvasir.tools.config.MemorySplit;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.config.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The start of one node's process, up to its line {@code READY}.
 *
 * <p>The process is in a session of its own: a Ctrl-C in the terminal reaches the launcher alone, and closing the
 * terminal ends nothing. What it prints goes to a file, so that it may outlive its launcher.
 *
 * <p>Confined to the thread that began it.
 */
final class NodeStart {

    /** A node that replays a long log takes its time; one that is stuck must not hold up its user for ever. */
    static final long READY_SECONDS_MAX = 120;

    static final String READY = "READY";
    static final String FATAL = "FATAL:";

    private static final long END_MILLIS_MAX = 10_000;
    private static final int TAIL_LINES = 12;
    private static final int POLL_MILLIS = 15;
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private final NodeDirectory node;
    private final Process process;

    private NodeStart(NodeDirectory node, Process process) {
        this.node = node;
        this.process = process;
    }

    /**
     * Starts the process of {@code node}, which must be stopped.
     *
     * @param installation where jars and native libraries are
     * @throws LaunchException if its configuration cannot be used or no process can be started
     */
    static NodeStart begin(NodeDirectory node, Installation installation) {
        return begin(
                node,
                installation,
                installation.cache().map(cache -> "-XX:AOTCache=" + cache).stream()
                        .toList());
    }

    /** As above; {@code flags} are for the JVM. */
    static NodeStart begin(NodeDirectory node, Installation installation, List<String> flags) {
        NodeConfig config = NodeConfig.load(node.configFile(), System.getenv(), List.of());
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString());
        }
        command.addAll(command(node, config, installation, flags));
        try {
            Files.createDirectories(node.logDirectory());
            if (Files.exists(node.consoleFile())) {
                Files.move(
                        node.consoleFile(),
                        node.logDirectory().resolve("console.log.1"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(node.path().toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(node.consoleFile().toFile());
            builder.environment().putAll(Map.of("MALLOC_ARENA_MAX", "2"));
            return new NodeStart(node, builder.start());
        } catch (IOException failed) {
            throw new LaunchException("node " + node.index() + " cannot be started (" + failed.getMessage() + ")");
        }
    }

    /**
     * Waits until the process serves.
     *
     * @param interrupts a request to stop ends the wait
     * @return empty if it serves; otherwise why not, with the tail of its log
     */
    Optional<String> awaitReady(Interrupts interrupts) {
        long begin = LocalTime.nanos();
        while (true) {
            boolean ended = !process.isAlive();
            List<String> printed = NodeDirectory.tail(node.consoleFile(), Integer.MAX_VALUE);
            if (printed.contains(READY)) {
                return Optional.empty();
            }
            Optional<String> fatal =
                    printed.stream().filter(line -> line.startsWith(FATAL)).findFirst();
            if (fatal.isPresent()) {
                return Optional.of("node " + node.index() + ": "
                        + fatal.get().substring(FATAL.length()).strip() + tail(node.logFile()));
            }
            if (ended) {
                return Optional.of("node " + node.index() + " ended at its start with exit code " + process.exitValue()
                        + tail(node.consoleFile()));
            }
            if (LocalTime.nanos() - begin > TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX)) {
                return Optional.of("node " + node.index() + " is not ready after " + READY_SECONDS_MAX + " s"
                        + tail(node.logFile()));
            }
            if (interrupts.count() > 0) {
                return Optional.of("interrupted before node " + node.index() + " was ready");
            }
            LocalTime.pause(POLL_MILLIS);
        }
    }

    /**
     * Ends the process at once, as a start that failed elsewhere needs it, and waits for its end for a bounded time.
     */
    void abandon() {
        process.destroyForcibly();
        OsProcess.of(process.pid()).ifPresent(ended -> ended.awaitEnd(END_MILLIS_MAX));
    }

    private static List<String> command(
            NodeDirectory node, NodeConfig config, Installation installation, List<String> flags) {
        MemorySplit memory = config.memory();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms" + Math.min(64, memory.heapBytes() / Sizes.MIB) + "m",
                "-Xmx" + memory.heapBytes() / Sizes.MIB + "m",
                "-XX:MaxDirectMemorySize=" + memory.directBytes() / Sizes.MIB + "m",
                "-XX:ReservedCodeCacheSize=96m",
                "-Xss512k",
                // What the record cache holds lives in the old generation and fills two fifths of the heap: the usual
                // threshold of 45 % would have it marked all the time.
                "-XX:-G1UseAdaptiveIHOP",
                "-XX:InitiatingHeapOccupancyPercent=65",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+PerfDisableSharedMem",
                "-XX:ErrorFile=" + node.logDirectory().resolve("crash-%p.log"),
                "-ea:io.kvasir...",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.library.path=" + installation.natives(),
                "-Dkvasir.log.directory=" + config.logDirectory(),
                "-Dkvasir.log.level=" + config.logLevel(),
                "-Dsofa.middleware.log.disable=true",
                "-Dcom.google.protobuf.use_unsafe_pre22_gencode=true",
                "-Djraft.rpc.closure.threadpool.size.max=4096",
                "-Djraft.closure.threadpool.size.max=4096",
                "-Dio.netty.tryReflectionSetAccessible=true"));
        command.addAll(flags);
        command.addAll(List.of(
                "-cp",
                installation.classPath(),
                installation.serverMain(),
                "--config",
                node.configFile().toString()));
        return command;
    }

    private static String tail(Path file) {
        List<String> lines = NodeDirectory.tail(file, TAIL_LINES).stream()
                .filter(line -> !line.startsWith("\tat ") && !line.startsWith(FATAL))
                .toList();
        return lines.isEmpty() ? "" : "\n  " + String.join("\n  ", lines) + "\n  (" + file + ")";
    }
}
