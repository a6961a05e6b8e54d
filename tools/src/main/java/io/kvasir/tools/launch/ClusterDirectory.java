package io.kvasir.tools.launch;

import io.kvasir.tools.config.ConfigDocument;
import io.kvasir.tools.config.ConfigException;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.config.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A directory of {@code ./kvasir up}: {@code cluster.toml} with the topology and a folder {@code node-0},
 * {@code node-1} … for each process.
 *
 * @param path absolute
 * @param topology what {@code cluster.toml} says
 */
record ClusterDirectory(Path path, Topology topology) {

    private static final String FILE = "cluster.toml";

    /**
     * Opens the existing directory at {@code path}.
     *
     * @throws LaunchException if it is missing, somebody else's or damaged
     */
    static ClusterDirectory open(Path path) {
        return find(path)
                .orElseThrow(() -> new LaunchException(
                        Files.exists(path)
                                ? path + " holds no cluster; create one there with: ./kvasir up --dir " + path
                                : path + " does not exist; create a cluster there with: ./kvasir up --dir " + path));
    }

    /** Returns the cluster at {@code path}; empty if nothing is there or an empty directory. */
    static Optional<ClusterDirectory> find(Path path) {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        if (!Files.isDirectory(path)) {
            throw new LaunchException(path + " is a file, not a directory");
        }
        Path file = path.resolve(FILE);
        if (!Files.exists(file)) {
            if (!isEmpty(path)) {
                throw new LaunchException(path + " is not empty and not a directory of Kvasir's (no " + FILE
                        + "): choose another with --dir");
            }
            return Optional.empty();
        }
        try {
            ClusterDirectory directory = new ClusterDirectory(path, Topology.read(file));
            directory.requireWhole();
            return Optional.of(directory);
        } catch (ConfigException damaged) {
            throw new LaunchException(damaged.getMessage());
        }
    }

    /**
     * Creates a cluster at {@code path}, which is missing or empty.
     *
     * @param fields values of the configuration for every node, as {@code key=value}
     */
    static ClusterDirectory create(Path path, Topology topology, List<String> fields) {
        ClusterDirectory directory = new ClusterDirectory(path, topology);
        try {
            Files.createDirectories(path);
            for (NodeDirectory node : directory.nodes()) {
                Files.createDirectories(node.logDirectory());
                write(
                        node.configFile(),
                        ConfigDocument.file(
                                Optional.empty(),
                                Stream.concat(
                                                topology.fields(node.index()).stream(),
                                                ClientPorts.fieldsOf(node.index(), fields).stream())
                                        .toList()));
                write(
                        node.path().resolve(NodeConfig.FOUNDING),
                        "This node has not been started yet. Its first start removes this file.\n");
            }
            write(path.resolve(FILE), topology.text()); // last: before it, the directory holds no cluster
            return directory;
        } catch (IOException failed) {
            throw new LaunchException(path + ": cannot be created (" + failed.getMessage() + ")");
        } catch (ConfigException wrong) {
            throw new LaunchException(wrong.getMessage());
        }
    }

    /** Changes the configuration of every node: {@code fields} over what its file says. */
    void configure(List<String> fields) {
        try {
            for (NodeDirectory node : nodes()) {
                write(
                        node.configFile(),
                        ConfigDocument.file(
                                Optional.of(node.configFile()), ClientPorts.fieldsOf(node.index(), fields)));
            }
        } catch (IOException failed) {
            throw new LaunchException(path + ": cannot be written (" + failed.getMessage() + ")");
        } catch (ConfigException wrong) {
            throw new LaunchException(wrong.getMessage());
        }
    }

    List<NodeDirectory> nodes() {
        return IntStream.range(0, topology.nodes()).mapToObj(this::node).toList();
    }

    NodeDirectory node(int index) {
        return new NodeDirectory(index, path.resolve("node-" + index));
    }

    /**
     * Writes the configuration of {@code node} anew if its folder is gone, after that of another node. The node then
     * finds that it has lost its data, and is sent them by the others.
     */
    void restore(NodeDirectory node) {
        if (Files.isRegularFile(node.configFile())) {
            return;
        }
        try {
            Files.createDirectories(node.logDirectory());
            NodeDirectory model = model();
            write(
                    node.configFile(),
                    ConfigDocument.file(
                            Optional.of(model.configFile()),
                            Stream.concat(
                                            topology.fields(node.index()).stream(),
                                            ClientPorts.of(this, model).fieldsFor(model.index(), node.index()).stream())
                                    .toList()));
        } catch (IOException failed) {
            throw new LaunchException(node.path() + ": cannot be created (" + failed.getMessage() + ")");
        } catch (ConfigException wrong) {
            throw new LaunchException(wrong.getMessage());
        }
    }

    /**
     * Adds a node, with a folder of its own; it is not started.
     *
     * @return the directory with that node, its last
     */
    ClusterDirectory add() {
        ClusterDirectory larger;
        try {
            larger = new ClusterDirectory(path, topology.withOneMore());
        } catch (ConfigException tooMany) {
            throw new LaunchException(tooMany.getMessage());
        }
        larger.restore(larger.node(topology.nodes()));
        try {
            write(path.resolve(FILE), larger.topology.text()); // last: before it, there is no such node
        } catch (IOException failed) {
            throw new LaunchException(path + ": cannot be written (" + failed.getMessage() + ")");
        }
        return larger;
    }

    private NodeDirectory model() {
        return nodes().stream()
                .filter(node -> Files.isRegularFile(node.configFile()))
                .findFirst()
                .orElseThrow(() -> new LaunchException(path + " is damaged: no node has its config.toml"));
    }

    private void requireWhole() {
        model();
    }

    private static boolean isEmpty(Path path) {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        } catch (IOException failed) {
            throw new LaunchException(path + ": cannot be read (" + failed.getMessage() + ")");
        }
    }

    /** Replaces {@code file} as a whole; readable by its owner alone, because it may hold a password. */
    private static void write(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
