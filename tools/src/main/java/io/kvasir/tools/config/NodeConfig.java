package io.kvasir.tools.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Everything one process is told before it starts. Each field's unit, default and bound stand in {@link ConfigTable}.
 *
 * @param nodeId the number of this node and of its store
 * @param clusterId nodes of another cluster are refused
 * @param peers where each node the cluster starts with is reached by the others, by id
 * @param address where the others reach this node
 * @param dataDirectories absolute, at least one
 * @param raftLogDirectory absolute
 * @param logDirectory absolute
 * @param logLevel error, warn, info or debug
 * @param diskReserveBytes writes are refused when less is free
 * @param snapshotBytesPerSecond most that is sent of snapshots
 * @param foundingMark file that is there as long as this node has never taken part in its cluster; without it a node
 *     that holds nothing has lost what it held
 */
public record NodeConfig(
        long nodeId,
        long clusterId,
        SequencedMap<Long, HostPort> peers,
        HostPort address,
        List<Path> dataDirectories,
        Path raftLogDirectory,
        Path logDirectory,
        String logLevel,
        Listen listen,
        TlsConfig tls,
        Audit audit,
        MemorySplit memory,
        int cachePercent,
        Commands commands,
        Ranges ranges,
        Clients clients,
        Threads threads,
        Lease lease,
        long diskReserveBytes,
        RaftLog raftLog,
        long snapshotBytesPerSecond,
        Path foundingMark) {

    /** The file beside the configuration that tells a node to found its cluster; gone once it has. */
    public static final String FOUNDING = "FOUNDING";

    public NodeConfig {
        if (listen.redisPort() == 0 && tls.port() == 0) {
            throw new ConfigException("listen.port and tls.port are both 0: clients would find no port");
        }
        if (tls.port() != 0
                && List.of(listen.redisPort(), listen.peerPort(), listen.httpPort())
                        .contains(tls.port())) {
            throw new ConfigException("tls.port " + tls.port() + " is another port of this node already");
        }
        peers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(peers));
        dataDirectories = List.copyOf(dataDirectories);
        if (!address.equals(peers.getOrDefault(nodeId, address))) {
            throw new ConfigException("node.address is not what node.peers has for node " + nodeId);
        }
        boolean certified = listen.redisPort() == 0 && tls.requiresCertificates();
        if (!listen.isLoopback() && clients.requirepass().isEmpty() && !certified) {
            throw new ConfigException("listen.bind " + listen.bind()
                    + " can be reached from other machines: set client.requirepass, or bind 127.0.0.1");
        }
    }

    /**
     * Sockets.
     *
     * @param bind address to listen on for clients
     * @param peerBind address to listen on for the other nodes; HTTP is on loopback always
     * @param advertise host that clients are told, never empty
     * @param redisPort 0: clients come over TLS alone
     * @param cluster whether clients are those of a Redis cluster (rule K36)
     */
    public record Listen(
            String bind,
            String peerBind,
            String advertise,
            int redisPort,
            int peerPort,
            int httpPort,
            boolean cluster) {

        public Listen {
            if (redisPort == peerPort || redisPort == httpPort || peerPort == httpPort) {
                throw new ConfigException("listen.port, listen.peer-port and listen.http-port must differ (" + redisPort
                        + ", " + peerPort + ", " + httpPort + ")");
            }
        }

        /** Returns whether only processes of this machine can connect. */
        public boolean isLoopback() {
            try {
                return InetAddress.getByName(bind).isLoopbackAddress();
            } catch (UnknownHostException unknown) {
                throw new ConfigException("listen.bind: " + bind + " is not an address of this machine");
            }
        }
    }

    /** The audit log: up to {@code files} files of {@code bytesMax} bytes. */
    public record Audit(boolean enabled, long bytesMax, int files) {}

    /**
     * Ranges: {@code initial} at the cluster's creation; a range above {@code splitBytes} is split, one that was not
     * used for {@code sleepMillis} sleeps, and {@code flushedMax} flushed databases may wait to be reclaimed in it.
     */
    public record Ranges(int initial, long splitBytes, long sleepMillis, int flushedMax) {}

    /**
     * Commands that are too large for their range's owner.
     *
     * @param recordsMax records that a command may look at there
     * @param bytesMax their bytes
     * @param largeMax commands that may run beside at a time
     * @param largePercent share of the heap that one may read, and again write
     */
    public record Commands(long recordsMax, long bytesMax, int largeMax, int largePercent) {

        private static final int LARGE_PERCENT_MAX = 50;

        public Commands {
            if (largeMax * largePercent > LARGE_PERCENT_MAX) {
                throw new ConfigException("command.large-max " + largeMax + " times command.large-percent "
                        + largePercent + " must not be more than " + LARGE_PERCENT_MAX);
            }
        }
    }

    /**
     * Connections of clients.
     *
     * @param requirepass password of the default user, empty for none
     * @param timeoutSeconds an idle connection is closed after this, 0 for never
     */
    public record Clients(
            String requirepass,
            int maxclients,
            long timeoutSeconds,
            long requestBytesMax,
            long bulkBytesMax,
            long outputBytesMax) {

        @Override
        public String toString() {
            return "Clients[maxclients=" + maxclients + ", timeoutSeconds=" + timeoutSeconds + "]";
        }
    }

    /** Numbers of threads, each at least 1. */
    public record Threads(int owners, int eventLoops, int readers, int readerRestMax) {}

    /** The log of a range: about {@code truncateEntries} stay, up to {@code retainedEntries} for a replica behind. */
    public record RaftLog(long truncateEntries, long retainedEntries) {

        public RaftLog {
            if (retainedEntries < truncateEntries) {
                throw new ConfigException("raft.retained-entries " + retainedEntries
                        + " must not be less than raft.truncate-entries " + truncateEntries);
            }
        }
    }

    /** The read lease of leaders. */
    public record Lease(boolean enabled, int durationMillis, int guardMillis) {

        public Lease {
            if (guardMillis <= durationMillis) {
                throw new ConfigException("lease.guard-millis " + guardMillis
                        + " must be more than lease.duration-millis " + durationMillis);
            }
        }
    }

    /**
     * Reads the configuration of a node.
     *
     * @param file the TOML file; relative directories in it are relative to its folder
     * @param environment where {@code KVASIR_*} wins over the file
     * @param flags {@code key=value} of {@code --set}, winning over both
     * @throws ConfigException with one line that says what is wrong and where
     */
    public static NodeConfig load(Path file, Map<String, String> environment, List<String> flags) {
        ConfigValues values = new ConfigValues();
        values.addFile(file);
        values.addEnvironment(environment);
        values.addFlags(flags);
        Path folder = file.toAbsolutePath().normalize().getParent();
        return of(values, folder == null ? Path.of("/") : folder);
    }

    private static NodeConfig of(ConfigValues values, Path folder) {
        String bind = values.get(ConfigTable.LISTEN_BIND);
        return new NodeConfig(
                values.get(ConfigTable.NODE_ID),
                values.get(ConfigTable.NODE_CLUSTER),
                peers(values.get(ConfigTable.NODE_PEERS)),
                address(values),
                values.get(ConfigTable.NODE_DATA).stream().map(folder::resolve).toList(),
                folder.resolve(values.get(ConfigTable.NODE_RAFT_LOG)),
                folder.resolve(values.get(ConfigTable.NODE_LOG)),
                values.get(ConfigTable.NODE_LOG_LEVEL),
                new Listen(
                        bind,
                        values.get(ConfigTable.LISTEN_PEER_BIND),
                        advertised(bind, values.get(ConfigTable.LISTEN_ADVERTISE)),
                        values.get(ConfigTable.LISTEN_PORT).intValue(),
                        values.get(ConfigTable.LISTEN_PEER_PORT).intValue(),
                        values.get(ConfigTable.LISTEN_HTTP_PORT).intValue(),
                        values.get(ConfigTable.LISTEN_CLUSTER)),
                TlsConfig.of(values, folder),
                new Audit(
                        values.get(ConfigTable.AUDIT_ENABLED),
                        values.get(ConfigTable.AUDIT_FILE_SIZE),
                        values.get(ConfigTable.AUDIT_FILES).intValue()),
                MemorySplit.of(
                        values.get(ConfigTable.MEMORY_TOTAL),
                        values.get(ConfigTable.RANGE_INITIAL).intValue()),
                values.get(ConfigTable.MEMORY_CACHE_PERCENT).intValue(),
                new Commands(
                        values.get(ConfigTable.COMMAND_RECORDS_MAX),
                        values.get(ConfigTable.COMMAND_BYTES_MAX),
                        values.get(ConfigTable.COMMAND_LARGE_MAX).intValue(),
                        values.get(ConfigTable.COMMAND_LARGE_PERCENT).intValue()),
                new Ranges(
                        values.get(ConfigTable.RANGE_INITIAL).intValue(),
                        values.get(ConfigTable.RANGE_SPLIT_SIZE),
                        values.get(ConfigTable.RANGE_SLEEP),
                        values.get(ConfigTable.RANGE_FLUSHED_MAX).intValue()),
                new Clients(
                        values.get(ConfigTable.CLIENT_REQUIREPASS),
                        values.get(ConfigTable.CLIENT_MAXCLIENTS).intValue(),
                        values.get(ConfigTable.CLIENT_TIMEOUT),
                        values.get(ConfigTable.CLIENT_REQUEST_MAX),
                        values.get(ConfigTable.CLIENT_BULK_MAX),
                        values.get(ConfigTable.CLIENT_OUTPUT_MAX)),
                new Threads(
                        threads(values.get(ConfigTable.THREAD_OWNERS)),
                        threads(values.get(ConfigTable.THREAD_EVENT_LOOPS)),
                        threads(values.get(ConfigTable.THREAD_READERS)),
                        values.get(ConfigTable.THREAD_READER_REST).intValue()),
                new Lease(
                        values.get(ConfigTable.LEASE_ENABLED),
                        values.get(ConfigTable.LEASE_DURATION).intValue(),
                        values.get(ConfigTable.LEASE_GUARD).intValue()),
                values.get(ConfigTable.DISK_RESERVE),
                new RaftLog(values.get(ConfigTable.RAFT_TRUNCATE), values.get(ConfigTable.RAFT_RETAINED)),
                values.get(ConfigTable.SNAPSHOT_RATE),
                folder.resolve(FOUNDING));
    }

    private static HostPort address(ConfigValues values) {
        String given = values.get(ConfigTable.NODE_ADDRESS);
        long self = values.get(ConfigTable.NODE_ID);
        HostPort founding = peers(values.get(ConfigTable.NODE_PEERS)).get(self);
        if (given.isEmpty() && founding == null) {
            throw new ConfigException(
                    "node.peers does not name node " + self + " itself, and there is no node.address");
        }
        return founding == null ? HostPort.parse(given) : founding;
    }

    /** Returns the file, perhaps not there, that CONFIG REWRITE writes. */
    public Path settingsFile() {
        return foundingMark.resolveSibling("settings.conf");
    }

    /** Returns whether this node is one of those the cluster starts with. */
    public boolean founds() {
        return peers.containsKey(nodeId);
    }

    private static SequencedMap<Long, HostPort> peers(List<String> rows) {
        TreeMap<Long, HostPort> peers = new TreeMap<>();
        for (String row : rows) {
            int equals = row.indexOf('=');
            if (equals < 1 || !row.substring(0, equals).matches("[0-9]{1,5}")) {
                throw new ConfigException("node.peers: '" + row + "' is not id=host:port");
            }
            if (peers.put(Long.valueOf(row.substring(0, equals)), HostPort.parse(row.substring(equals + 1))) != null) {
                throw new ConfigException("node.peers: node " + row.substring(0, equals) + " is given twice");
            }
        }
        return peers;
    }

    private static String advertised(String bind, String advertise) {
        if (!advertise.isEmpty()) {
            return advertise;
        }
        try {
            return InetAddress.getByName(bind).isAnyLocalAddress()
                    ? InetAddress.getLocalHost().getHostName()
                    : bind;
        } catch (UnknownHostException unknown) {
            throw new ConfigException("listen.bind: " + bind
                    + " is not an address of this machine, or its own name is unknown; set listen.advertise");
        }
    }

    private static int threads(long given) {
        return given > 0 ? (int) given : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }
}
