package io.kvasir.tools.server;

import com.sun.net.httpserver.HttpExchange;
import io.kvasir.proto.json.Json;
import io.kvasir.region.placement.Answer;
import io.kvasir.region.placement.PlacementClient;
import io.kvasir.region.placement.PlacementClient.AdminAnswer;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin API over HTTP: {@code GET /ctl/PATH?name=value} asks, {@code POST} changes and needs {@code Authorization:
 * Bearer TOKEN}; the placement driver's leader answers, wherever it is, in JSON. What a page of another origin sends,
 * or comes to a name that is not this machine's, is refused: a browser would carry it here.
 *
 * <p>Called by the one thread of {@link NodeHttp}, which never waits here.
 */
final class AdminPages {

    static final String ROOT = "/ctl/";

    private static final int QUERY_LENGTH_MAX = 128 * 1024;
    private static final int STATUS_MALFORMED = 400;
    private static final int STATUS_FORBIDDEN = 403;
    private static final int STATUS_NOT_ALLOWED = 405;
    private static final int STATUS_UNAVAILABLE = 503;
    private static final String BEARER = "Bearer ";
    private static final Logger LOG = LoggerFactory.getLogger(AdminPages.class);

    private final PlacementClient placement;
    private final AdminToken token;
    private final List<String> hosts;
    private final Executor thread;

    /** @param thread on which answers are sent */
    AdminPages(PlacementClient placement, AdminToken token, int port, Executor thread) {
        this.placement = placement;
        this.token = token;
        this.hosts = hosts(port);
        this.thread = thread;
    }

    void answer(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        boolean change = method.equals("POST");
        Optional<String> objection = objection(
                hosts,
                header(exchange, "Host"),
                header(exchange, "Origin"),
                header(exchange, "Authorization"),
                change,
                token);
        if (objection.isPresent()) {
            send(exchange, STATUS_FORBIDDEN, Json.of("error", objection.get()).text());
            return;
        }
        if (!change && !method.equals("GET")) {
            send(
                    exchange,
                    STATUS_NOT_ALLOWED,
                    Json.of("error", "there are GET and POST").text());
            return;
        }
        String query =
                Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
        Map<String, String> arguments;
        try {
            arguments = arguments(query);
        } catch (IllegalArgumentException malformed) {
            send(exchange, STATUS_MALFORMED, Json.of("error", "malformed query").text());
            return;
        }
        String path = exchange.getRequestURI().getPath().substring(ROOT.length());
        placement.admin(path, arguments, change, who(exchange), said -> thread.execute(() -> reply(exchange, said)));
    }

    /** Returns why a request is refused whatever it asks, going by its headers. */
    static Optional<String> objection(
            List<String> hosts,
            Optional<String> host,
            Optional<String> origin,
            Optional<String> authorization,
            boolean change,
            AdminToken token) {
        if (host.filter(hosts::contains).isEmpty()) {
            return Optional.of("the host asked for is not this machine");
        }
        if (origin.isPresent() && !origin.get().equals("http://" + host.get())) {
            return Optional.of("requests of other origins are refused");
        }
        boolean known = authorization
                .filter(given -> given.startsWith(BEARER) && token.is(given.substring(BEARER.length())))
                .isPresent();
        return change && !known
                ? Optional.of("changes need the token in the file " + AdminToken.FILE + " of the node's data directory")
                : Optional.empty();
    }

    /** Returns the names under which a browser on this machine knows {@code port} of it. */
    static List<String> hosts(int port) {
        return List.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port);
    }

    private static Optional<String> header(HttpExchange exchange, String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    private static Map<String, String> arguments(String query) {
        if (query.length() > QUERY_LENGTH_MAX) {
            throw new IllegalArgumentException("query of " + query.length() + " characters");
        }
        Map<String, String> arguments = new HashMap<>();
        for (String word : query.split("&")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                arguments.put(
                        URLDecoder.decode(word.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(word.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return arguments;
    }

    private static String who(HttpExchange exchange) {
        return header(exchange, "User").orElse("?") + "@"
                + exchange.getRemoteAddress().getAddress().getHostAddress();
    }

    private static void reply(HttpExchange exchange, Answer<AdminAnswer> said) {
        AdminAnswer answer =
                switch (said) {
                    case Answer.Granted<AdminAnswer>(AdminAnswer granted) -> granted;
                    case Answer.Refused<AdminAnswer>(var code, String text) ->
                        new AdminAnswer(
                                STATUS_UNAVAILABLE, Json.of("error", text).text());
                    case Answer.Unavailable<AdminAnswer>() ->
                        new AdminAnswer(
                                STATUS_UNAVAILABLE,
                                Json.of("error", "the placement driver has no leader now")
                                        .text());
                };
        try {
            send(exchange, answer.status(), answer.body());
        } catch (IOException gone) {
            LOG.debug("asker is gone, reason={}", gone.getMessage());
        }
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        NodeHttp.send(exchange, status, json + "\n", "application/json");
    }
}
