package io.kvasir.tools.launch;

import io.kvasir.tools.config.Sizes;
import io.kvasir.tools.config.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes the cache of loaded and linked classes (JEP 514) with which a node starts in less than half the time: runs one
 * node over an empty directory until it has answered, and lets its JVM write down what it loaded.
 *
 * <p>Confined to the main thread. It costs about five seconds after a build; without the cache everything works,
 * slower.
 */
final class Preparation {

    /** Writing the cache takes the JVM a few seconds after the node has stopped, more on a busy machine. */
    private static final long END_MILLIS_MAX = 90_000;

    private static final int PORT_FIRST = 20_000;
    private static final int PORT_LAST = 30_000;
    private static final int PORT_STEP = 7;

    private final Installation installation;

    Preparation(Installation installation) {
        this.installation = installation;
    }

    /** Writes the cache beside the installation's jars; returns 0 if it is there. */
    int run() {
        Path work;
        try {
            Files.deleteIfExists(installation.cacheFile());
            work = Files.createTempDirectory("kvasir-prepare");
        } catch (IOException failed) {
            throw new LaunchException("no room to prepare classes (" + failed.getMessage() + ")");
        }
        try {
            train(work.resolve("data"));
        } finally {
            delete(work);
        }
        return Files.isRegularFile(installation.cacheFile()) ? 0 : 1;
    }

    private void train(Path data) {
        Topology topology = freeTopology();
        NodeDirectory node = ClusterDirectory.create(data, topology, List.of("memory.total=" + 512 * Sizes.MIB))
                .node(0);
        NodeStart start =
                NodeStart.begin(node, installation, List.of("-XX:AOTCacheOutput=" + installation.cacheFile()));
        Optional<String> failure = start.awaitReady(Interrupts.install());
        if (failure.isPresent() || !Ping.answers("127.0.0.1", topology.redisPort(0))) {
            start.abandon();
            throw new LaunchException(failure.orElse("the node does not answer"));
        }
        OsProcess process = node.process().orElseThrow(() -> new LaunchException("the node ended"));
        process.send(OsProcess.Signal.TERM);
        if (!process.awaitEnd(END_MILLIS_MAX)) {
            start.abandon();
            throw new LaunchException("the node did not end");
        }
    }

    private static Topology freeTopology() {
        for (int port = PORT_FIRST; port < PORT_LAST; port += PORT_STEP) {
            Topology topology = new Topology(1, 1, port, "127.0.0.1", 1);
            if (Ports.refusal(topology).isEmpty()) {
                return topology;
            }
        }
        throw new LaunchException("no ports are free to prepare classes");
    }

    private static void delete(Path tree) {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
