package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.acl.AclLog;
import io.kvasir.gateway.acl.Denial;
import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.pubsub.PubSub;
import io.kvasir.gateway.pubsub.Topic;
import io.kvasir.gateway.resp.RealText;
import io.kvasir.gateway.tracking.Tracking;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.time.Ticker;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * INFO: the fields that tools read, with the meaning Redis gives them where there is one here, and a section "kvasir"
 * of our own. What does not happen here, such as snapshots in a child process, is 0.
 */
final class InfoCommand {

    private static final List<String> DEFAULT = List.of(
            "server",
            "clients",
            "memory",
            "persistence",
            "stats",
            "replication",
            "cpu",
            "modules",
            "errorstats",
            "cluster",
            "keyspace",
            "kvasir");
    private static final List<String> ALL = List.of(
            "server",
            "clients",
            "memory",
            "persistence",
            "stats",
            "replication",
            "cpu",
            "modules",
            "commandstats",
            "errorstats",
            "latencystats",
            "cluster",
            "keyspace",
            "kvasir");

    private final NodeFacts facts;
    private final Supplier<NodeReadings> readings;
    private final Sessions sessions;
    private final PubSub pubSub;
    private final Tracking tracking;
    private final PersistenceCommands persistence;
    private final FailoverCommand failover;
    private final AclLog aclLog;
    private final Settings settings;
    private final Supplier<Statistics> statistics;
    private final Ticker ticker;
    private final LongSupplier unixMillis;

    /** @param unixMillis the time shown, in ms since the Unix epoch; it decides nothing */
    InfoCommand(
            NodeFacts facts,
            Supplier<NodeReadings> readings,
            Sessions sessions,
            PubSub pubSub,
            Tracking tracking,
            PersistenceCommands persistence,
            FailoverCommand failover,
            AclLog aclLog,
            Settings settings,
            Supplier<Statistics> statistics,
            Ticker ticker,
            LongSupplier unixMillis) {
        this.facts = facts;
        this.readings = readings;
        this.sessions = sessions;
        this.pubSub = pubSub;
        this.tracking = tracking;
        this.persistence = persistence;
        this.failover = failover;
        this.aclLog = aclLog;
        this.settings = settings;
        this.statistics = statistics;
        this.ticker = ticker;
        this.unixMillis = unixMillis;
    }

    Command command() {
        return Rows.immediate(
                Rows.row("INFO", -1, "1.0.0", LOADING, SENTINEL, STALE).categories(AclCategory.DANGEROUS), this::run);
    }

    private Reply run(Session session, Arguments arguments) throws CommandError {
        Set<String> wanted = new LinkedHashSet<>();
        while (arguments.hasNext()) {
            String name = Rows.text(arguments.next()).toLowerCase(Locale.ROOT);
            switch (name) {
                case "all", "everything" -> wanted.addAll(ALL);
                case "default" -> wanted.addAll(DEFAULT);
                default -> wanted.add(name);
            }
        }
        List<String> names = wanted.isEmpty()
                ? DEFAULT
                : ALL.stream().filter(wanted::contains).toList();
        return Rows.verbatim(text(names, session.cluster()));
    }

    /** Returns all sections, as a client of the database as a whole sees them. Any thread. */
    String all() {
        return text(ALL, false);
    }

    private String text(List<String> names, boolean cluster) {
        InfoText text = new InfoText();
        NodeReadings now = readings.get();
        for (String name : names) {
            section(name, cluster, now, text);
        }
        return text.toString();
    }

    private void section(String name, boolean cluster, NodeReadings now, InfoText text) {
        text.section(Character.toUpperCase(name.charAt(0)) + name.substring(1));
        switch (name) {
            case "server" -> server(cluster, text);
            case "clients" -> clients(text);
            case "memory" -> memory(now, text);
            case "persistence" -> persistence(text);
            case "stats" -> stats(now, text);
            case "replication" -> replication(now, text);
            case "cpu" -> cpu(now, text);
            case "modules" -> {}
            case "commandstats" -> commandStats(text);
            case "errorstats" ->
                statistics.get().errors().forEach((code, count) -> text.line("errorstat_" + code, "count=" + count));
            case "latencystats" -> latencyStats(text);
            case "cluster" -> text.line("cluster_enabled", cluster ? 1 : 0);
            case "keyspace" -> keyspace(now, text);
            case "kvasir" -> kvasir(now, text);
            default -> throw new AssertionError("section " + name);
        }
    }

    private void server(boolean cluster, InfoText text) {
        long uptime = TimeUnit.NANOSECONDS.toSeconds(ticker.nanoTime() - facts.startedNanos());
        text.line("redis_version", NodeFacts.REDIS_VERSION);
        text.line("kvasir_version", facts.version());
        text.line("redis_git_sha1", "00000000");
        text.line("redis_git_dirty", 0);
        text.line("redis_build_id", "0");
        text.line("redis_mode", cluster ? "cluster" : "standalone");
        text.line(
                "os",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        text.line("arch_bits", 64);
        text.line("monotonic_clock", "Java nanoTime");
        text.line("multiplexing_api", "netty");
        text.line("process_id", ProcessHandle.current().pid());
        text.line("process_supervised", "no");
        text.line("run_id", facts.runId());
        text.line("tcp_port", facts.port() > 0 ? facts.port() : settings.number("tls-port"));
        text.line("server_time_usec", unixMillis.getAsLong() * 1_000);
        text.line("uptime_in_seconds", uptime);
        text.line("uptime_in_days", TimeUnit.SECONDS.toDays(uptime));
        text.line("hz", settings.get("hz"));
        text.line("configured_hz", settings.get("hz"));
        text.line("lru_clock", 0);
        text.line("executable", facts.executable());
        text.line("config_file", facts.configFile());
        text.line("io_threads_active", 0);
        listeners(text);
    }

    /** Tells where clients are served, as Redis 7.2 does (server.c, genRedisInfoString). */
    private void listeners(InfoText text) {
        int number = 0;
        if (facts.port() > 0) {
            text.line("listener" + number++, "name=tcp,bind=" + settings.get("bind") + ",port=" + facts.port());
        }
        if (settings.number("tls-port") > 0) {
            text.line(
                    "listener" + number, "name=tls,bind=" + settings.get("bind") + ",port=" + settings.get("tls-port"));
        }
    }

    private void clients(InfoText text) {
        long queryMax = 0;
        long outputMax = 0;
        for (Session session : sessions.all()) {
            queryMax = Math.max(queryMax, session.queryBytes());
            outputMax = Math.max(outputMax, session.outputBytes());
        }
        text.line("connected_clients", sessions.count());
        text.line("cluster_connections", 0);
        text.line("maxclients", settings.limits().clientsMax());
        text.line("client_recent_max_input_buffer", queryMax);
        text.line("client_recent_max_output_buffer", outputMax);
        text.line("blocked_clients", sessions.blockedCount());
        text.line("tracking_clients", tracking.clients());
        text.zeros("clients_in_timeout_table", "total_blocking_keys", "total_blocking_keys_on_nokey");
    }

    private void memory(NodeReadings now, InfoText text) {
        long used = now.usedMemoryBytes();
        text.bytes("used_memory", used);
        text.bytes("used_memory_rss", now.residentBytes());
        text.bytes("used_memory_peak", now.peakMemoryBytes());
        text.line("used_memory_peak_perc", InfoText.format(2, percent(used, now.peakMemoryBytes())) + "%");
        text.zeros("used_memory_overhead", "used_memory_startup");
        text.line("used_memory_dataset", used);
        text.line("used_memory_dataset_perc", "100.00%");
        text.line("allocator_allocated", used);
        text.line("allocator_active", used);
        text.line("allocator_resident", now.residentBytes());
        text.bytes("total_system_memory", now.systemMemoryBytes());
        text.bytes("used_memory_lua", 0);
        text.zeros("used_memory_vm_eval", "used_memory_scripts_eval", "number_of_cached_scripts");
        text.zeros("number_of_functions", "number_of_libraries", "used_memory_vm_functions", "used_memory_vm_total");
        text.zeros("used_memory_functions");
        text.bytes("used_memory_scripts", 0);
        text.bytes("maxmemory", now.memoryBudgetBytes());
        text.line("maxmemory_policy", settings.get("maxmemory-policy"));
        text.real("allocator_frag_ratio", 2, 1);
        text.zeros("allocator_frag_bytes");
        text.real("allocator_rss_ratio", 2, 1);
        text.zeros("allocator_rss_bytes");
        text.real("rss_overhead_ratio", 2, 1);
        text.zeros("rss_overhead_bytes");
        text.real("mem_fragmentation_ratio", 2, used == 0 ? 0 : (double) now.residentBytes() / used);
        text.line("mem_fragmentation_bytes", Math.max(0, now.residentBytes() - used));
        text.zeros("mem_not_counted_for_evict", "mem_replication_backlog", "mem_total_replication_buffers");
        text.zeros("mem_clients_slaves", "mem_clients_normal", "mem_cluster_links", "mem_aof_buffer");
        text.line("mem_allocator", "java");
        text.zeros("active_defrag_running", "lazyfree_pending_objects", "lazyfreed_objects");
    }

    private void persistence(InfoText text) {
        text.zeros("loading", "async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age");
        text.real("current_fork_perc", 2, 0);
        text.zeros("current_save_keys_processed", "current_save_keys_total", "rdb_changes_since_last_save");
        text.line("rdb_bgsave_in_progress", persistence.isSaving() ? 1 : 0);
        text.line("rdb_last_save_time", persistence.lastSaveSeconds());
        text.line("rdb_last_bgsave_status", "ok");
        text.line("rdb_last_bgsave_time_sec", -1);
        text.line("rdb_current_bgsave_time_sec", -1);
        text.zeros("rdb_saves", "rdb_last_cow_size", "rdb_last_load_keys_expired", "rdb_last_load_keys_loaded");
        text.zeros("aof_enabled", "aof_rewrite_in_progress", "aof_rewrite_scheduled");
        text.line("aof_last_rewrite_time_sec", -1);
        text.line("aof_current_rewrite_time_sec", -1);
        text.line("aof_last_bgrewrite_status", "ok");
        text.zeros("aof_rewrites", "aof_rewrites_consecutive_failures");
        text.line("aof_last_write_status", "ok");
        text.zeros("aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size");
    }

    private void stats(NodeReadings now, InfoText text) {
        text.line("total_connections_received", statistics.get().connections());
        text.line("total_commands_processed", statistics.get().commands());
        text.line("instantaneous_ops_per_sec", Math.round(statistics.get().commandsPerSecond()));
        text.line("total_net_input_bytes", statistics.get().inputBytes());
        text.line("total_net_output_bytes", statistics.get().outputBytes());
        text.zeros("total_net_repl_input_bytes", "total_net_repl_output_bytes");
        text.real("instantaneous_input_kbps", 2, statistics.get().inputBytesPerSecond() / 1024);
        text.real("instantaneous_output_kbps", 2, statistics.get().outputBytesPerSecond() / 1024);
        text.real("instantaneous_input_repl_kbps", 2, 0);
        text.real("instantaneous_output_repl_kbps", 2, 0);
        text.line("rejected_connections", statistics.get().rejectedConnections());
        text.zeros("sync_full", "sync_partial_ok", "sync_partial_err");
        text.line("expired_keys", now.expiredKeys());
        text.real("expired_stale_perc", 2, 0);
        text.zeros(
                "expired_time_cap_reached_count", "expire_cycle_cpu_milliseconds", "evicted_keys", "evicted_clients");
        text.zeros("total_eviction_exceeded_time", "current_eviction_exceeded_time");
        text.line("keyspace_hits", now.keyspaceHits());
        text.line("keyspace_misses", now.keyspaceMisses());
        text.line("pubsub_channels", pubSub.namesHere(Topic.CHANNEL));
        text.line("pubsub_patterns", pubSub.namesHere(Topic.PATTERN));
        text.line("pubsubshard_channels", pubSub.namesHere(Topic.SHARD));
        text.zeros("latest_fork_usec", "total_forks");
        text.zeros(
                "migrate_cached_sockets", "slave_expires_tracked_keys", "active_defrag_hits", "active_defrag_misses");
        text.zeros("active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time");
        text.zeros("current_active_defrag_time");
        text.line("tracking_total_keys", tracking.keys());
        text.line("tracking_total_items", tracking.items());
        text.line("tracking_total_prefixes", tracking.prefixes());
        text.zeros("unexpected_error_replies");
        text.line(
                "total_error_replies",
                statistics.get().errors().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        text.zeros("dump_payload_sanitizations", "io_threaded_reads_processed", "io_threaded_writes_processed");
        text.line("acl_access_denied_auth", aclLog.refused(Denial.Reason.AUTH));
        text.line("acl_access_denied_cmd", aclLog.refused(Denial.Reason.COMMAND));
        text.line("acl_access_denied_key", aclLog.refused(Denial.Reason.KEY));
        text.line("acl_access_denied_channel", aclLog.refused(Denial.Reason.CHANNEL));
        text.line("acl_access_denied_tls_cert", aclLog.refused(Denial.Reason.TLS_CERT));
        text.line("client_query_buffer_limit_disconnections", statistics.get().queryLimitDisconnections());
        text.line("client_output_buffer_limit_disconnections", statistics.get().outputLimitDisconnections());
    }

    private void replication(NodeReadings now, InfoText text) {
        text.line("role", "master");
        text.line("connected_slaves", 0);
        text.line("master_failover_state", failover.state());
        text.line("master_replid", facts.runId());
        text.line("master_replid2", "0".repeat(40));
        text.line("master_repl_offset", now.appliedOffset());
        text.line("second_repl_offset", -1);
        text.zeros(
                "repl_backlog_active", "repl_backlog_size", "repl_backlog_first_byte_offset", "repl_backlog_histlen");
    }

    private static void cpu(NodeReadings now, InfoText text) {
        text.real("used_cpu_sys", 6, now.cpuSystemMicros() / 1e6);
        text.real("used_cpu_user", 6, now.cpuUserMicros() / 1e6);
        text.real("used_cpu_sys_children", 6, 0);
        text.real("used_cpu_user_children", 6, 0);
    }

    private void commandStats(InfoText text) {
        for (Command command : statistics.get().used()) {
            Statistics.CommandSums sums = statistics.get().sums(command);
            long micros = TimeUnit.NANOSECONDS.toMicros(sums.nanos());
            double perCall = sums.calls() == 0 ? 0 : sums.nanos() / 1e3 / sums.calls();
            text.line(
                    "cmdstat_" + command.spec().replyName(),
                    "calls=" + sums.calls() + ",usec=" + micros + ",usec_per_call=" + InfoText.format(2, perCall)
                            + ",rejected_calls=" + sums.rejected() + ",failed_calls=" + sums.failed());
        }
    }

    private void latencyStats(InfoText text) {
        for (Command command : statistics.get().used()) {
            Statistics.CommandSums sums = statistics.get().sums(command);
            if (sums.calls() == 0) {
                continue;
            }
            StringBuilder line = new StringBuilder();
            for (double percentile : settings.percentiles()) {
                double micros = LatencyCounts.percentile(sums.latencies(), percentile) / 1e3;
                line.append(line.isEmpty() ? "p" : ",p")
                        .append(RealText.of(percentile))
                        .append('=');
                line.append(InfoText.format(3, micros));
            }
            text.line("latency_percentiles_usec_" + command.spec().replyName(), line.toString());
        }
    }

    private static void keyspace(NodeReadings now, InfoText text) {
        for (NodeReadings.Keyspace each : now.keyspace()) {
            text.line(
                    "db" + each.database(),
                    "keys=" + each.keys() + ",expires=" + each.expires() + ",avg_ttl=" + each.averageTtlMillis());
        }
    }

    private void kvasir(NodeReadings now, InfoText text) {
        text.line("kvasir_version", facts.version());
        text.line("tls_clients", sessions.all().stream().filter(Session::tls).count());
        text.line("tls_handshakes_failed", statistics.get().failedHandshakes());
        for (Map.Entry<String, String> each : now.kvasir().entrySet()) {
            text.line(each.getKey(), each.getValue());
        }
    }

    private static double percent(long part, long whole) {
        return whole == 0 ? 0 : 100.0 * part / whole;
    }
}
