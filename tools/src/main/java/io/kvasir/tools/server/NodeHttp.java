package io.kvasir.tools.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kvasir.gateway.session.NodeReadings;
import io.kvasir.region.placement.PlacementClient;
import io.kvasir.region.range.Range;
import io.kvasir.tools.config.NodeConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * What a node tells over HTTP, on loopback alone: {@code /health} (the process lives), {@code /ready} (every range here
 * has a leader), {@code /metrics} in the text format of Prometheus, {@code /ranges} and {@code /checksums} for
 * {@code ./kvasir verify}, {@code /ctl/} for {@code ./kvasir ctl}. Built and closed by the thread that builds the
 * process; answers on one thread of its own.
 */
final class NodeHttp implements AutoCloseable {

    private static final int BACKLOG = 64;
    private static final int STATUS_OK = 200;
    private static final int STATUS_NOT_ALLOWED = 405;
    private static final int STATUS_UNAVAILABLE = 503;

    private final NodeStore store;
    private final Supplier<NodeReadings> readings;
    private final HttpServer server;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("kvasir-http").factory());

    /**
     * Begins to listen.
     *
     * @throws IOException if the port cannot be bound
     */
    NodeHttp(NodeConfig config, NodeStore store, Supplier<NodeReadings> readings, PlacementClient placement)
            throws IOException {
        this.store = store;
        this.readings = readings;
        server = HttpServer.create(
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), config.listen().httpPort()),
                BACKLOG);
        server.setExecutor(thread);
        server.createContext("/health", exchange -> answer(exchange, STATUS_OK, "ok\n"));
        server.createContext("/ready", this::ready);
        server.createContext("/metrics", exchange -> answer(exchange, STATUS_OK, metrics()));
        ReplicaPages replicas = new ReplicaPages(store);
        server.createContext("/ranges", replicas::ranges);
        server.createContext("/checksums", replicas::checksums);
        AdminToken token = AdminToken.of(config.dataDirectories().getFirst());
        server.createContext(
                AdminPages.ROOT,
                new AdminPages(placement, token, config.listen().httpPort(), thread)::answer);
        server.start();
    }

    private void ready(HttpExchange exchange) throws IOException {
        long leaderless = store.ranges().all().stream()
                .filter(range -> range.leader().isEmpty())
                .count();
        if (leaderless == 0) {
            answer(exchange, STATUS_OK, "ready\n");
        } else {
            answer(exchange, STATUS_UNAVAILABLE, leaderless + " ranges have no leader\n");
        }
    }

    private String metrics() {
        NodeReadings now = readings.get();
        StringBuilder out = new StringBuilder();
        metric(out, "kvasir_memory_used_bytes", "gauge", "heap, direct buffers and engine", now.usedMemoryBytes());
        metric(out, "kvasir_memory_resident_bytes", "gauge", "resident memory of the process", now.residentBytes());
        metric(out, "kvasir_memory_budget_bytes", "gauge", "memory the process may use", now.memoryBudgetBytes());
        metric(
                out,
                "kvasir_ranges",
                "gauge",
                "replicas of ranges here",
                store.ranges().all().size());
        metric(
                out,
                "kvasir_ranges_led",
                "gauge",
                "ranges led here",
                store.ranges().all().stream()
                        .filter(range -> range.servingTerm() != 0)
                        .count());
        metric(
                out,
                "kvasir_commands_queued",
                "gauge",
                "commands admitted to ranges here and not answered yet",
                store.ranges().all().stream().mapToInt(Range::queued).sum());
        metric(
                out,
                "kvasir_reads_total",
                "counter",
                "reads that ranges here answered as leaders, or took into their queues",
                store.ranges().all().stream().mapToLong(Range::readsAnswered).sum());
        metric(
                out,
                "kvasir_writes_total",
                "counter",
                "writes that ranges here took into their queues as leaders",
                store.ranges().all().stream().mapToLong(Range::writesTaken).sum());
        metric(out, "kvasir_raft_groups_awake", "gauge", "raft groups here that do not sleep", store.awakeGroups());
        metric(
                out,
                "kvasir_disk_free_bytes",
                "gauge",
                "free bytes of the fullest disk of this store",
                store.disks().freeBytes());
        metric(
                out,
                "kvasir_raft_log_syncs_total",
                "counter",
                "syncs of the raft log",
                store.logs().syncs());
        metric(
                out,
                "kvasir_raft_log_appends_total",
                "counter",
                "appends to the raft log",
                store.logs().appends());
        metric(out, "kvasir_applied_entries", "gauge", "sum of the applied raft indexes", now.appliedOffset());
        return out.toString();
    }

    private static void metric(StringBuilder out, String name, String type, String help, long value) {
        out.append(
                String.format(Locale.ROOT, "# HELP %s %s%n# TYPE %s %s%n%s %d%n", name, help, name, type, name, value));
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        if (exchange.getRequestMethod().equals("GET")) {
            send(exchange, status, text);
        } else {
            send(exchange, STATUS_NOT_ALLOWED, "");
        }
    }

    /** Answers {@code exchange} whatever its method is. */
    static void send(HttpExchange exchange, int status, String text) throws IOException {
        send(exchange, status, text, "text/plain; version=0.0.4; charset=utf-8");
    }

    static void send(HttpExchange exchange, int status, String text, String type) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        thread.shutdown();
    }
}
