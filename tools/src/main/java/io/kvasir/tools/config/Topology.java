package io.kvasir.tools.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a directory of {@code ./kvasir up} holds: the file {@code cluster.toml}, written when it is created and when a
 * node is added. It decides how many nodes there are and where they listen.
 *
 * @param clusterId drawn by chance
 * @param nodes 1 to {@link #NODES_MAX}
 * @param port node i serves Redis clients at {@code port + i}, its peers at {@code + 1000}, HTTP at {@code + 2000}
 * @param bind address at which clients are served
 * @param ranges how many ranges the cluster was created with
 * @param founders how many nodes it was created with; the others were added
 */
public record Topology(long clusterId, int nodes, int port, String bind, int ranges, int founders) {

    /** The largest number that has 18 digits in every file that holds it. */
    public static final long CLUSTER_ID_MAX = 999_999_999_999_999_999L;

    public static final int NODES_MAX = 99;
    public static final int PORT_MAX = 65535 - 2000 - NODES_MAX;
    public static final int RANGES_MAX = 4096;

    private static final int PEER_OFFSET = 1000;
    private static final int HTTP_OFFSET = 2000;
    private static final long FORMAT = 1;

    /** A cluster of the nodes that it is created with. */
    public Topology(long clusterId, int nodes, int port, String bind, int ranges) {
        this(clusterId, nodes, port, bind, ranges, nodes);
    }

    public Topology {
        require(
                clusterId >= 1 && clusterId <= CLUSTER_ID_MAX,
                "id " + clusterId + " is not within 1 to " + CLUSTER_ID_MAX);
        require(nodes >= 1 && nodes <= NODES_MAX, "nodes " + nodes + " is not within 1 to " + NODES_MAX);
        require(port >= 1 && port <= PORT_MAX, "port " + port + " is not within 1 to " + PORT_MAX);
        require(ranges >= 1 && ranges <= RANGES_MAX, "ranges " + ranges + " is not within 1 to " + RANGES_MAX);
        require(!bind.isBlank(), "bind is empty");
        require(founders >= 1 && founders <= nodes, "founders " + founders + " is not within 1 to " + nodes);
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws ConfigException if the file is missing, unreadable, damaged or of a later format
     */
    public static Topology read(Path file) {
        Map<String, TomlText.Entry> entries;
        try {
            entries = TomlText.parse(file.toString(), Files.readString(file));
        } catch (IOException failed) {
            throw new ConfigException(file + ": cannot be read (" + failed.getMessage() + ")");
        }
        long format = integer(file, entries, "format");
        if (format != FORMAT) {
            throw new ConfigException(file + ": format " + format + " is not known to this Kvasir (" + FORMAT + ")");
        }
        long id = integer(file, entries, "id");
        int nodes = count(file, entries, "nodes");
        int port = count(file, entries, "port");
        int ranges = count(file, entries, "ranges");
        String bind = value(file, entries, "bind", String.class);
        int founders = entries.containsKey("founders") ? count(file, entries, "founders") : nodes;
        try {
            return new Topology(id, nodes, port, bind, ranges, founders);
        } catch (ConfigException wrong) {
            throw new ConfigException(file + ": " + wrong.getMessage());
        }
    }

    /** Returns the text of the file. */
    public String text() {
        return "# Written by ./kvasir up when this directory was created. Do not edit: the data depends on it.\n"
                + "format = " + FORMAT + "\nid = " + clusterId + "\nnodes = " + nodes + "\nport = " + port + "\nbind = "
                + TomlText.quote(bind) + "\nranges = " + ranges + "\nfounders = " + founders + "\n";
    }

    /** Returns this with one more node. */
    public Topology withOneMore() {
        return new Topology(clusterId, nodes + 1, port, bind, ranges, founders);
    }

    /** Returns the port at which node {@code index} serves Redis clients. */
    public int redisPort(int index) {
        return port + index;
    }

    /** Returns the port at which node {@code index} serves the other nodes, on loopback. */
    public int peerPort(int index) {
        return port + PEER_OFFSET + index;
    }

    /** Returns the port at which node {@code index} serves metrics and health, on loopback. */
    public int httpPort(int index) {
        return port + HTTP_OFFSET + index;
    }

    /** Returns the number under which the others know node {@code index}: ids begin at 1. */
    public static long nodeId(int index) {
        return index + 1L;
    }

    /** Returns the fields of node {@code index} that follow from this, as {@code key=value}. */
    public List<String> fields(int index) {
        String peers = IntStream.range(0, founders)
                .mapToObj(other -> nodeId(other) + "=127.0.0.1:" + peerPort(other))
                .collect(Collectors.joining(","));
        return List.of(
                "node.id=" + nodeId(index),
                "node.cluster=" + clusterId,
                "node.peers=" + peers,
                "node.address=" + (index < founders ? "" : "127.0.0.1:" + peerPort(index)),
                "listen.bind=" + bind,
                "listen.port=" + redisPort(index),
                "listen.peer-port=" + peerPort(index),
                "listen.http-port=" + httpPort(index),
                "range.initial=" + ranges);
    }

    private static long integer(Path file, Map<String, TomlText.Entry> entries, String key) {
        return value(file, entries, key, Long.class);
    }

    private static int count(Path file, Map<String, TomlText.Entry> entries, String key) {
        long value = integer(file, entries, key);
        if (value != (int) value) {
            throw new ConfigException(file + ": " + key + " " + value + " is out of all bounds");
        }
        return (int) value;
    }

    private static <T> T value(Path file, Map<String, TomlText.Entry> entries, String key, Class<T> type) {
        TomlText.Entry entry = entries.get(key);
        if (entry == null || !type.isInstance(entry.value())) {
            throw new ConfigException(file + ": is damaged: " + key + " is missing or of another type");
        }
        return type.cast(entry.value());
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new ConfigException(otherwise);
        }
    }
}
