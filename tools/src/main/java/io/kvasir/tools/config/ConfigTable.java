package io.kvasir.tools.config;

import static io.kvasir.tools.config.Sizes.GIB;
import static io.kvasir.tools.config.Sizes.KIB;
import static io.kvasir.tools.config.Sizes.MIB;
import static io.kvasir.tools.config.Sizes.TIB;

import java.util.List;
import java.util.Optional;

/** Every field of the configuration of a process. This table is also its documentation; see {@link ConfigDocument}. */
public final class ConfigTable {

    static final Setting<Long> NODE_ID = Setting.required(
            "node.id",
            1,
            65535,
            "The number of this node, also of its store; never changed, never given to another node.");
    static final Setting<Long> NODE_CLUSTER = Setting.required(
            "node.cluster",
            1,
            Topology.CLUSTER_ID_MAX,
            "The cluster's own number, drawn once; nodes of other clusters are refused.");
    static final Setting<List<String>> NODE_PEERS = Setting.texts(
            "node.peers",
            Optional.empty(),
            1,
            1000,
            "All nodes the cluster starts with, this one too, each as id=host:port of its peer port.");
    static final Setting<String> NODE_ADDRESS = Setting.text(
            "node.address",
            Optional.of(""),
            0,
            300,
            "host:port of the peer port of a node that was added later; empty for those in node.peers.");
    static final Setting<List<String>> NODE_DATA = Setting.texts(
            "node.data",
            Optional.of(List.of("data")),
            1,
            64,
            "Directories of the data, best one a disk; relative to the folder of this file.");
    static final Setting<String> NODE_RAFT_LOG = Setting.text(
            "node.raft-log",
            Optional.of("raft"),
            1,
            4096,
            "Directory of the raft log, perhaps on another disk; relative to the folder of this file.");
    static final Setting<String> NODE_LOG = Setting.text(
            "node.log",
            Optional.of("log"),
            1,
            4096,
            "Directory of the log files; relative to the folder of this file.");
    static final Setting<String> NODE_LOG_LEVEL = Setting.word(
            "node.log-level", "info", List.of("error", "warn", "info", "debug"), "The least level that is logged.");

    static final Setting<String> LISTEN_BIND = Setting.text(
            "listen.bind",
            Optional.of("127.0.0.1"),
            1,
            255,
            "Address to listen on; beyond loopback a password is needed.");
    static final Setting<String> LISTEN_PEER_BIND = Setting.text(
            "listen.peer-bind",
            Optional.of("127.0.0.1"),
            1,
            255,
            "Address to listen on for the other nodes; keep it off networks that strangers reach.");
    static final Setting<String> LISTEN_ADVERTISE = Setting.text(
            "listen.advertise",
            Optional.of(""),
            0,
            255,
            "Host that clients are told to connect to; empty: the address bound, or the host's name if that is a "
                    + "wildcard.");
    static final Setting<Long> LISTEN_PORT =
            Setting.integer("listen.port", "", 6379L, 0, 65535, "Port of the Redis protocol; 0: TLS alone.");
    static final Setting<Long> LISTEN_PEER_PORT =
            Setting.integer("listen.peer-port", "", 7379L, 1, 65535, "Port for the other nodes.");
    static final Setting<Long> LISTEN_HTTP_PORT = Setting.integer(
            "listen.http-port", "", 8379L, 1, 65535, "Port of metrics and health over HTTP; bound to loopback only.");

    static final Setting<Boolean> LISTEN_CLUSTER = Setting.flag(
            "listen.cluster",
            false,
            "Clients are treated as those of a Redis cluster: CLUSTER tells them which node leads which slots.");

    static final Setting<Long> TLS_PORT = Setting.integer(
            "tls.port",
            "",
            0L,
            0,
            65535,
            "Port of the Redis protocol over TLS; 0: none. The fields of [tls] are what "
                    + "Redis calls tls-port and so on.");
    static final Setting<Boolean> TLS_CLUSTER = Setting.flag(
            "tls.cluster",
            false,
            "The nodes speak TLS with each other, both sides with a certificate of the CA. The same on all nodes.");
    static final Setting<String> TLS_CLUSTER_NAME = tlsText(
            "tls.cluster-name",
            "Common or DNS name that a certificate must carry to be taken for a node's; empty: any of the CA's is.");
    static final Setting<String> TLS_CERT_FILE = tlsText(
            "tls.cert-file",
            "PEM file of this node's certificate, followed by those between it and the CA; relative to the folder of "
                    + "this file.");
    static final Setting<String> TLS_KEY_FILE = tlsText("tls.key-file", "PEM file of its private key.");
    static final Setting<String> TLS_KEY_FILE_PASS = tlsText("tls.key-file-pass", "Password of an encrypted key.");
    static final Setting<String> TLS_CA_CERT_FILE =
            tlsText("tls.ca-cert-file", "PEM file of the CAs that clients and nodes are checked against.");
    static final Setting<String> TLS_CA_CERT_DIR =
            tlsText("tls.ca-cert-dir", "Folder of such files, named *.pem, *.crt or *.0.");
    static final Setting<String> TLS_AUTH_CLIENTS = Setting.word(
            "tls.auth-clients",
            "yes",
            List.of("yes", "no", "optional"),
            "Whether clients must show a certificate of the CA.");
    static final Setting<String> TLS_AUTH_CLIENTS_USER = Setting.word(
            "tls.auth-clients-user",
            "off",
            List.of("off", "cn"),
            "cn: a client is logged in as the user whom the common name of its certificate names, if there is one.");
    static final Setting<String> TLS_PROTOCOLS =
            tlsText("tls.protocols", "TLSv1.2, TLSv1.3 or both, between blanks; empty: both.");
    static final Setting<String> TLS_CIPHERS =
            tlsText("tls.ciphers", "Suites of TLS 1.2 between colons, in OpenSSL's names: DEFAULT, names and !names.");
    static final Setting<String> TLS_CIPHERSUITES = tlsText("tls.ciphersuites", "Suites of TLS 1.3 between colons.");
    static final Setting<Boolean> TLS_PREFER_SERVER_CIPHERS =
            Setting.flag("tls.prefer-server-ciphers", false, "The order of suites here decides, not the client's.");

    static final Setting<Boolean> AUDIT_ENABLED = Setting.flag(
            "audit.enabled",
            false,
            "Administrative commands, logins and what is refused are written to audit.log in the folder of the log "
                    + "files.");
    static final Setting<Long> AUDIT_FILE_SIZE = Setting.size(
            "audit.file-size", 16 * MIB, 64 * KIB, GIB, "A file of the audit log that is larger is put aside.");
    static final Setting<Long> AUDIT_FILES =
            Setting.integer("audit.files", "files", 8L, 1, 100, "So many files of the audit log are kept.");

    static final Setting<Long> MEMORY_TOTAL = Setting.size(
            "memory.total",
            GIB,
            MemorySplit.TOTAL_BYTES_MIN,
            64 * TIB,
            "All memory of the process: heap, direct buffers and RocksDB are parts of it.");

    static final Setting<Long> MEMORY_CACHE_PERCENT = Setting.integer(
            "memory.cache-percent",
            "percent of the heap",
            12L,
            1,
            25,
            "Newest records that are kept ready; those of RocksDB's block cache come on top.");

    static final Setting<Long> COMMAND_RECORDS_MAX = Setting.integer(
            "command.records-max",
            "records",
            4_096L,
            64,
            1_000_000,
            "A command that looks at more runs beside its range, while others go on.");
    static final Setting<Long> COMMAND_BYTES_MAX = Setting.size(
            "command.bytes-max", 4 * MIB, 64 * KIB, 64 * MIB, "A command that looks at more runs beside its range.");
    static final Setting<Long> COMMAND_LARGE_MAX = Setting.integer(
            "command.large-max", "commands", 2L, 1, 64, "Commands that run beside their ranges at a time.");
    static final Setting<Long> COMMAND_LARGE_PERCENT = Setting.integer(
            "command.large-percent",
            "percent of the heap",
            12L,
            1,
            25,
            "Bytes that one of them may read, and again write; all of them together take at most half of the heap.");

    static final Setting<Long> RANGE_FLUSHED_MAX = Setting.integer(
            "range.flushed-max",
            "databases",
            1_024L,
            16,
            65_536,
            "Flushed databases that wait to be reclaimed in a range; beyond, FLUSHDB is answered TRYAGAIN.");

    static final Setting<Long> RANGE_INITIAL = Setting.integer(
            "range.initial", "", 1L, 1, 4096, "Ranges the cluster is created with; later it splits them by itself.");
    static final Setting<Long> RANGE_SPLIT_SIZE =
            Setting.size("range.split-size", 512 * MIB, MIB, 64 * GIB, "A range larger than this is split.");
    static final Setting<Long> RANGE_SLEEP = Setting.integer(
            "range.sleep-millis",
            "milliseconds",
            10_000L,
            1_000,
            86_400_000,
            "A range that was not used for so long sleeps: it renews no lease until it is used again.");

    static final Setting<String> CLIENT_REQUIREPASS = Setting.text(
            "client.requirepass", Optional.of(""), 0, 512, "Password of the default user; empty: none is asked for.");
    static final Setting<Long> CLIENT_MAXCLIENTS =
            Setting.integer("client.maxclients", "connections", 10_000L, 1, 1_000_000, "More connections are refused.");
    static final Setting<Long> CLIENT_TIMEOUT = Setting.integer(
            "client.timeout-seconds",
            "seconds",
            0L,
            0,
            31_536_000,
            "An idle connection is closed after this; 0: never.");
    static final Setting<Long> CLIENT_REQUEST_MAX = Setting.size(
            "client.request-max",
            GIB,
            MIB,
            GIB,
            "A request larger than this, or than half of the heap, closes its connection.");
    static final Setting<Long> CLIENT_BULK_MAX = Setting.size(
            "client.bulk-max",
            512 * MIB,
            MIB,
            512 * MIB,
            "An argument larger than this, or than a quarter of the heap, is refused.");
    static final Setting<Long> CLIENT_OUTPUT_MAX = Setting.size(
            "client.output-max",
            256 * MIB,
            64 * KIB,
            GIB,
            "A connection whose unread replies pass this is closed; also bounded by the node's direct memory.");

    static final Setting<Long> THREAD_OWNERS = Setting.integer(
            "thread.owners", "threads", 0L, 0, 256, "Threads that own ranges; 0: one for two cores, at least one.");
    static final Setting<Long> THREAD_EVENT_LOOPS = Setting.integer(
            "thread.event-loops",
            "threads",
            0L,
            0,
            256,
            "Threads that serve sockets; 0: one for two cores, at least one.");
    static final Setting<Long> THREAD_READERS = Setting.integer(
            "thread.readers",
            "threads",
            0L,
            0,
            256,
            "Threads that read the disk for those that may not wait; 0: one for two cores, at least one.");

    static final Setting<Long> THREAD_READER_REST = Setting.integer(
            "thread.reader-rest-max",
            "reads",
            3L,
            0,
            100,
            "While cores are short and others read from memory, a reader rests after each read for up to so many times as"
                    + " long as the read took; 0: never.");

    static final Setting<Boolean> LEASE_ENABLED = Setting.flag(
            "lease.enabled", true, "Leaders answer reads under a lease; otherwise every read asks a majority.");
    static final Setting<Long> LEASE_DURATION = Setting.integer(
            "lease.duration-millis",
            "milliseconds",
            1500L,
            1_000,
            60_000,
            "How long a lease lasts after it was renewed. The same on all nodes: voters promise nothing for a lease that "
                    + "is not shorter than their guard, and then every read asks a majority.");
    static final Setting<Long> LEASE_GUARD = Setting.integer(
            "lease.guard-millis",
            "milliseconds",
            2000L,
            1_001,
            120_000,
            "How long a voter keeps a promise, also after its start; more than the lease by the drift of clocks. To "
                    + "shorten it, stop the node for as long as it was.");

    static final Setting<Long> DISK_RESERVE = Setting.size(
            "disk.reserve", GIB, 64 * MIB, 64 * TIB, "Writes are refused when less than this is free on a disk.");

    static final Setting<Long> RAFT_TRUNCATE = Setting.integer(
            "raft.truncate-entries",
            "entries",
            20_000L,
            10,
            10_000_000,
            "A range's log is cut to about this many entries once all its replicas have more.");
    static final Setting<Long> RAFT_RETAINED = Setting.integer(
            "raft.retained-entries",
            "entries",
            1_000_000L,
            10,
            100_000_000,
            "A leader keeps no more than about this many for a replica that is away; it is sent a snapshot later.");
    static final Setting<Long> SNAPSHOT_RATE = Setting.size(
            "snapshot.rate", 64 * MIB, 64 * KIB, TIB, "A node sends snapshots at no more than this a second.");

    /** All rows, in the order in which they are documented and printed. */
    public static final List<Setting<?>> ALL = List.of(
            NODE_ID,
            NODE_CLUSTER,
            NODE_PEERS,
            NODE_ADDRESS,
            NODE_DATA,
            NODE_RAFT_LOG,
            NODE_LOG,
            NODE_LOG_LEVEL,
            LISTEN_BIND,
            LISTEN_PEER_BIND,
            LISTEN_ADVERTISE,
            LISTEN_PORT,
            LISTEN_PEER_PORT,
            LISTEN_HTTP_PORT,
            LISTEN_CLUSTER,
            TLS_PORT,
            TLS_CLUSTER,
            TLS_CLUSTER_NAME,
            TLS_CERT_FILE,
            TLS_KEY_FILE,
            TLS_KEY_FILE_PASS,
            TLS_CA_CERT_FILE,
            TLS_CA_CERT_DIR,
            TLS_AUTH_CLIENTS,
            TLS_AUTH_CLIENTS_USER,
            TLS_PROTOCOLS,
            TLS_CIPHERS,
            TLS_CIPHERSUITES,
            TLS_PREFER_SERVER_CIPHERS,
            AUDIT_ENABLED,
            AUDIT_FILE_SIZE,
            AUDIT_FILES,
            MEMORY_TOTAL,
            MEMORY_CACHE_PERCENT,
            COMMAND_RECORDS_MAX,
            COMMAND_BYTES_MAX,
            COMMAND_LARGE_MAX,
            COMMAND_LARGE_PERCENT,
            RANGE_INITIAL,
            RANGE_SPLIT_SIZE,
            RANGE_SLEEP,
            RANGE_FLUSHED_MAX,
            CLIENT_REQUIREPASS,
            CLIENT_MAXCLIENTS,
            CLIENT_TIMEOUT,
            CLIENT_REQUEST_MAX,
            CLIENT_BULK_MAX,
            CLIENT_OUTPUT_MAX,
            THREAD_OWNERS,
            THREAD_EVENT_LOOPS,
            THREAD_READERS,
            THREAD_READER_REST,
            LEASE_ENABLED,
            LEASE_DURATION,
            LEASE_GUARD,
            DISK_RESERVE,
            RAFT_TRUNCATE,
            RAFT_RETAINED,
            SNAPSHOT_RATE);

    private ConfigTable() {}

    /** A text of [tls], empty where it is not given. */
    private static Setting<String> tlsText(String key, String meaning) {
        return Setting.text(key, Optional.of(""), 0, 4096, meaning);
    }
}
