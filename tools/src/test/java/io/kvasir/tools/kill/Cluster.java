package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.config.ConfigDocument;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.launch.Installation;
import io.kvasir.tools.launch.ReplicaVerification;
import io.kvasir.tools.launch.ReplicaVerification.Verdict;
import io.kvasir.tools.process.BuiltProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Nodes on this machine, each a process in a folder of its own. Confined to one thread. */
final class Cluster implements AutoCloseable {

    /** What INFO says of the replica of a range. */
    private static final Pattern REGION_LINE = Pattern.compile("region_\\d+:first_slot=(\\d+),term=(\\d+)");

    private final List<NodeProcess> nodes = new ArrayList<>();
    private final List<Integer> httpPorts = new ArrayList<>();
    private final Thread endAll = new Thread(() -> nodes.forEach(NodeProcess::end));

    /**
     * Writes the configuration of {@code count} nodes with {@code ranges} ranges below {@code folder}; starts none.
     *
     * @param fields further fields of the configuration of every node, as {@code key=value}
     */
    Cluster(Path folder, int count, int ranges, String... fields) throws IOException {
        this(folder, count, ranges, List.of(), BuiltProgram.installation(), fields);
    }

    /**
     * As above.
     *
     * @param disks where node i keeps everything that must last; beside its configuration if there are none
     * @param program what the nodes run
     */
    Cluster(Path folder, int count, int ranges, List<Path> disks, Installation program, String... fields)
            throws IOException {
        int[] ports = freePorts(3 * count);
        String peers = IntStream.range(0, count)
                .mapToObj(i -> i + 1 + "=127.0.0.1:" + ports[3 * i + 1])
                .collect(Collectors.joining(","));
        long cluster = RandomGenerator.getDefault().nextLong(1, 1_000_000_000_000_000_000L);
        for (int i = 0; i < count; i++) {
            Path home = Files.createDirectories(folder.resolve("node " + i)); // with a blank, as users have
            Files.createDirectories(home.resolve("log"));
            Path disk = disks.isEmpty() ? home : disks.get(i);
            Files.writeString(
                    home.resolve("config.toml"),
                    ConfigDocument.file(
                            Optional.empty(),
                            Stream.concat(
                                            Stream.of(fields),
                                            Stream.of(
                                                    "node.data=" + disk.resolve("data"),
                                                    "node.raft-log=" + disk.resolve("raft"),
                                                    "node.id=" + (i + 1),
                                                    "node.cluster=" + cluster,
                                                    "node.peers=" + peers,
                                                    "listen.port=" + ports[3 * i],
                                                    "listen.peer-port=" + ports[3 * i + 1],
                                                    "listen.http-port=" + ports[3 * i + 2],
                                                    "memory.total=512MiB",
                                                    "range.initial=" + ranges))
                                    .toList()));
            Files.createFile(home.resolve(NodeConfig.FOUNDING));
            nodes.add(new NodeProcess(i, home, disk.resolve("data"), program, ports[3 * i]));
            httpPorts.add(ports[3 * i + 2]);
        }
        Runtime.getRuntime().addShutdownHook(endAll);
    }

    /** Compares all replicas while they serve; fails if any differ or cannot be compared. */
    void requireEqualReplicas() {
        Verdict verdict = new ReplicaVerification(httpPorts).run();
        System.out.println("verified: " + verdict);
        assertTrue(verdict.isEqual(), () -> verdict + tails());
    }

    /** Returns the port at which node {@code index} answers HTTP. */
    int httpPort(int index) {
        return httpPorts.get(index);
    }

    List<NodeProcess> nodes() {
        return nodes;
    }

    NodeProcess node(int index) {
        return nodes.get(index);
    }

    /** Starts all nodes that do not run, at once, and waits until they serve. */
    void startAll() {
        List<NodeProcess> stopped =
                nodes.stream().filter(node -> !node.isRunning()).toList();
        stopped.forEach(NodeProcess::start);
        stopped.forEach(NodeProcess::awaitReady);
    }

    /** Fails if a node ended itself. */
    void requireNoFault() {
        for (NodeProcess node : nodes) {
            assertEquals(List.of(), node.fatalLines(), node::tail);
        }
    }

    /** Returns the node that serves the range of {@code slot}, in the newest term if two believe they do. */
    Optional<NodeProcess> leaderOf(int slot) {
        NodeProcess leader = null;
        long newest = 0;
        for (NodeProcess node : nodes) {
            long term = servingTerm(node, slot);
            if (term > newest) {
                newest = term;
                leader = node;
            }
        }
        return Optional.ofNullable(leader);
    }

    /** Returns the term in which {@code node} serves the range of {@code slot}, 0 if it does not. */
    private static long servingTerm(NodeProcess node, int slot) {
        try (Connection connection = Connection.open(node.port())) {
            int nearest = -1;
            long term = 0;
            if (connection.call("INFO", "everything") instanceof Answer.Done info) {
                Matcher region = REGION_LINE.matcher(info.text());
                while (region.find()) {
                    int first = Integer.parseInt(region.group(1));
                    if (first <= slot && first > nearest) {
                        nearest = first;
                        term = Long.parseLong(region.group(2));
                    }
                }
            }
            return term;
        } catch (IOException notServing) {
            return 0;
        }
    }

    /** Returns the logs' ends of all nodes. */
    String tails() {
        return nodes.stream().map(NodeProcess::tail).collect(Collectors.joining());
    }

    @Override
    public void close() {
        nodes.forEach(NodeProcess::end);
        Runtime.getRuntime().removeShutdownHook(endAll);
    }

    /** Returns free ports below those that the system gives to outgoing connections, so that they stay free. */
    private static int[] freePorts(int count) {
        RandomGenerator random = RandomGenerator.getDefault();
        int[] ports = new int[count];
        for (int attempt = 0, found = 0; attempt < 1_000; attempt++) {
            int port = random.nextInt(11_000, 31_000);
            if (IntStream.of(ports).noneMatch(taken -> taken == port) && isFree(port)) {
                ports[found++] = port;
                if (found == count) {
                    return ports;
                }
            }
        }
        throw new IllegalStateException("no free ports");
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
