package io.kvasir.tools.server;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The page that shows the cluster to people: {@code GET /}, and what it is made of below {@code /console/}. Resources
 * of this program and nothing else: the page loads nothing from elsewhere, asks {@code /ctl/} alone, and runs no script
 * that is not a file of it. Immutable; any thread.
 */
final class ConsolePages {

    /** Below it are the files of the page. */
    static final String ROOT = "/console/";

    /**
     * What a browser may do for the page: names of keys come from users, and were one taken for a part of the page, it
     * could still load and run nothing.
     */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final int STATUS_OK = 200;
    private static final int STATUS_FORBIDDEN = 403;
    private static final int STATUS_UNKNOWN = 404;
    private static final int STATUS_NOT_ALLOWED = 405;

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private static final String INDEX = "index.html";

    /** The files of the page, which are in the folder {@code console} of the resources. */
    static final List<String> FILES =
            List.of(INDEX, "console.css", "console.js", "parts.js", "format.js", "heat.js", "icon.svg");

    private final List<String> hosts;
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    /**
     * Reads the files.
     *
     * @param hosts names under which a browser may ask, as {@link AdminPages#hosts}
     * @throws IOException if one is missing
     */
    ConsolePages(List<String> hosts) throws IOException {
        this.hosts = hosts;
        for (String name : FILES) {
            try (InputStream in = ConsolePages.class.getResourceAsStream(ROOT + name)) {
                if (in == null) {
                    throw new IOException("the program lacks its resource " + ROOT + name);
                }
                files.put(name, in.readAllBytes());
            }
        }
    }

    /** Answers anything that no other page takes. */
    void answer(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        Optional<String> host = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host"));
        if (host.filter(hosts::contains).isEmpty()) {
            NodeHttp.send(exchange, STATUS_FORBIDDEN, "the host asked for is not this machine\n");
            return;
        }
        if (!method.equals("GET")) {
            NodeHttp.send(exchange, STATUS_NOT_ALLOWED, "");
            return;
        }
        String path = exchange.getRequestURI().getPath();
        String name = path.equals("/") ? INDEX : path.startsWith(ROOT) ? path.substring(ROOT.length()) : "";
        byte[] file = files.get(name);
        if (file == null) {
            NodeHttp.send(exchange, STATUS_UNKNOWN, "there is no such page\n");
            return;
        }
        try (exchange) {
            guard(exchange.getResponseHeaders());
            String type = Objects.requireNonNull(TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(STATUS_OK, file.length);
            exchange.getResponseBody().write(file);
        }
    }

    private static void guard(Headers headers) {
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-cache");
    }
}
