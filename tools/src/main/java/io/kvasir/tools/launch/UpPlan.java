package io.kvasir.tools.launch;

import io.kvasir.tools.config.ConfigException;
import io.kvasir.tools.config.Sizes;
import io.kvasir.tools.config.Topology;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code ./kvasir up} is asked for, checked against the directory and the machine before anything is built or
 * written.
 *
 * @param path the directory, absolute
 * @param existing the cluster that is there already
 * @param topology the existing cluster's, or the one to create
 * @param memoryBytes for all nodes together
 * @param fields of every node's configuration that the user gave, as {@code key=value}
 * @param detach whether to return once it is ready
 */
record UpPlan(
        Path path,
        Optional<ClusterDirectory> existing,
        Topology topology,
        long memoryBytes,
        List<String> fields,
        boolean detach) {

    static final int PORT_DEFAULT = 6379;

    private static final List<String> VALUED = List.of("nodes", "dir", "port", "memory", "ranges", "bind", "set");
    private static final String PASSWORD = "client.requirepass";
    private static final String MEMORY = "memory.total";

    /**
     * Reads the flags of {@code up}.
     *
     * @param root of the installation; its {@code data} is the directory if none is given
     * @throws LaunchException with one line if something cannot be done
     */
    static UpPlan of(List<String> arguments, Path root, Map<String, String> environment) {
        Flags flags = Flags.parse("up", arguments, VALUED, List.of("detach"), 0);
        Path path = Kvasir.directory(flags, root);
        Optional<ClusterDirectory> existing = ClusterDirectory.find(path);
        requireNoTopology(flags, environment);
        Topology topology = existing.map(it -> agreed(it, flags)).orElseGet(() -> fresh(flags));
        requirePassword(topology.bind(), flags, environment);
        List<String> fields = new ArrayList<>(flags.texts("set"));
        long memoryBytes = memory(flags, topology);
        if (existing.isEmpty() || flags.has("memory")) {
            fields.add(MEMORY + "=" + memoryBytes / topology.nodes() / Sizes.MIB + "MiB");
        }
        return new UpPlan(path, existing, topology, memoryBytes, List.copyOf(fields), flags.has("detach"));
    }

    /**
     * Checks JDK, memory, disk, limits and all ports; throws a {@link LaunchException} naming the first that is amiss.
     */
    void requireMachine() {
        existing.ifPresent(UpPlan::requireStopped);
        Machine.javaRefusal()
                .or(() -> Machine.memoryRefusal(memoryBytes, topology.nodes(), topology.ranges()))
                .or(() -> Machine.diskRefusal(path))
                .or(() -> Machine.limitRefusal(topology.nodes(), topology.ranges()))
                .or(this::portRefusal)
                .ifPresent(refusal -> {
                    throw new LaunchException(refusal);
                });
    }

    private Optional<String> portRefusal() {
        String wayRound = existing.isPresent()
                ? ": stop that process; " + path + " was created for this port"
                : ": stop that process, or choose other ports, as with --port " + (topology.port() + 10_000) % 30_000;
        return Ports.refusal(topology).map(refusal -> refusal + wayRound);
    }

    private static void requireStopped(ClusterDirectory directory) {
        for (NodeDirectory node : directory.nodes()) {
            node.process().ifPresent(process -> {
                throw new LaunchException(directory.path() + " is running already (node " + node.index() + ", pid "
                        + process.pid() + "): see ./kvasir status, stop it with ./kvasir down");
            });
        }
    }

    private static Topology fresh(Flags flags) {
        int nodes = flags.integer("nodes", 1, Topology.NODES_MAX).orElse(1);
        try {
            return new Topology(
                    new SecureRandom().nextLong(1, Topology.CLUSTER_ID_MAX),
                    nodes,
                    flags.integer("port", 1, Topology.PORT_MAX).orElse(PORT_DEFAULT),
                    flags.text("bind").orElse("127.0.0.1"),
                    flags.integer("ranges", 1, Topology.RANGES_MAX).orElse(nodes));
        } catch (ConfigException wrong) {
            throw new LaunchException(wrong.getMessage());
        }
    }

    private static Topology agreed(ClusterDirectory directory, Flags flags) {
        Topology topology = directory.topology();
        requireSame(directory, flags, "nodes", String.valueOf(topology.nodes()));
        requireSame(directory, flags, "port", String.valueOf(topology.port()));
        requireSame(directory, flags, "ranges", String.valueOf(topology.ranges()));
        requireSame(directory, flags, "bind", topology.bind());
        return topology;
    }

    private static void requireSame(ClusterDirectory directory, Flags flags, String name, String value) {
        flags.text(name).filter(given -> !given.equals(value)).ifPresent(given -> {
            throw new LaunchException(directory.path() + " was created with --" + name + " " + value
                    + ": start it without --" + name + ", or create another cluster with --dir");
        });
    }

    private static long memory(Flags flags, Topology topology) {
        try {
            return flags.text("memory")
                    .map(Sizes::parse)
                    .orElseGet(() -> Machine.defaultMemoryBytes(topology.nodes(), topology.ranges()));
        } catch (ConfigException wrong) {
            throw new LaunchException("--memory: " + wrong.getMessage());
        }
    }

    /** Who the nodes are and where they listen is not to be said beside the flags for it. */
    private static void requireNoTopology(Flags flags, Map<String, String> environment) {
        for (String field : flags.texts("set")) {
            if (field.startsWith("node.") && !field.startsWith("node.log-level=")
                    || field.startsWith("listen.")
                            && !field.startsWith("listen.cluster=")
                            && !field.equals("listen.port=0")
                    || field.startsWith(MEMORY)
                    || field.startsWith("range.initial")) {
                throw new LaunchException("--set " + field
                        + ": up decides that for each node; see --nodes, --port, --bind, " + "--memory and --ranges");
            }
        }
        for (String name : environment.keySet()) {
            if (name.startsWith("KVASIR_NODE_") && !name.equals("KVASIR_NODE_LOG_LEVEL")
                    || name.startsWith("KVASIR_LISTEN_") && !name.equals("KVASIR_LISTEN_CLUSTER")) {
                throw new LaunchException("environment: " + name + " would be the same for all nodes; unset it and see "
                        + "--nodes, --port and --bind");
            }
        }
    }

    private static void requirePassword(String bind, Flags flags, Map<String, String> environment) {
        boolean password = flags.texts("set").stream().anyMatch(it -> it.startsWith(PASSWORD + "="))
                || environment.containsKey("KVASIR_CLIENT_REQUIREPASS");
        try {
            if (!InetAddress.getByName(bind).isLoopbackAddress() && flags.has("bind") && !password) {
                throw new LaunchException(
                        "--bind " + bind + " can be reached from other machines: set a password in the "
                                + "environment, KVASIR_CLIENT_REQUIREPASS=…, or bind 127.0.0.1");
            }
        } catch (UnknownHostException unknown) {
            throw new LaunchException("--bind " + bind + " is not an address of this machine");
        }
    }
}
