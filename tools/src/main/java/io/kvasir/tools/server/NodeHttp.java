package io.kvasir.tools.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kvasir.region.placement.PlacementClient;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.metric.NodeMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What a node tells over HTTP, on loopback alone: {@code /health} (the process lives), {@code /ready} (every range here
 * has a leader), {@code /metrics} in the text format of Prometheus, {@code /ranges} and {@code /checksums} for
 * {@code ./kvasir verify}, {@code /ctl/} for {@code ./kvasir ctl}, and {@code /}, a page that shows the cluster. Built
 * and closed by the thread that builds the process; answers on one thread of its own.
 */
final class NodeHttp implements AutoCloseable {

    private static final int BACKLOG = 64;
    private static final int STATUS_OK = 200;
    private static final int STATUS_NOT_ALLOWED = 405;
    private static final int STATUS_UNAVAILABLE = 503;

    private final NodeStore store;
    private final HttpServer server;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("kvasir-http").factory());

    /**
     * Begins to listen.
     *
     * @throws IOException if the port cannot be bound
     */
    NodeHttp(NodeConfig config, NodeStore store, NodeMetrics metrics, PlacementClient placement) throws IOException {
        this.store = store;
        server = HttpServer.create(
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), config.listen().httpPort()),
                BACKLOG);
        server.setExecutor(thread);
        server.createContext("/health", exchange -> answer(exchange, STATUS_OK, "ok\n"));
        server.createContext("/ready", this::ready);
        server.createContext("/metrics", exchange -> answer(exchange, STATUS_OK, metrics.page()));
        ReplicaPages replicas = new ReplicaPages(store);
        server.createContext("/ranges", replicas::ranges);
        server.createContext("/checksums", replicas::checksums);
        AdminToken token = AdminToken.of(config.dataDirectories().getFirst());
        server.createContext(
                AdminPages.ROOT,
                new AdminPages(placement, token, config.listen().httpPort(), thread)::answer);
        server.createContext(
                "/", new ConsolePages(AdminPages.hosts(config.listen().httpPort()))::answer);
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
