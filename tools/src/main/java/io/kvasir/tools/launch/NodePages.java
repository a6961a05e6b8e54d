package io.kvasir.tools.launch;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a node tells over HTTP about its replicas; see {@code tools.server.ReplicaPages}. A line is {@code name=value}
 * words. Safe for any thread.
 *
 * @param port of the node, on loopback
 */
record NodePages(int port) {

    /** The id that asks for nothing: an entry that changes nothing. */
    static final long NO_CHECKSUM = 0;

    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int STATUS_OK = 200;
    private static final int STATUS_UNDER_WAY = 202;

    /** A page: its status, 0 if the node does not answer, and its text. */
    private record Page(int status, String text) {}

    /** What a node says of a checksum that was asked for. */
    sealed interface Progress {

        record Computed(Map<String, String> words) implements Progress {}

        record UnderWay() implements Progress {}

        record Unknown() implements Progress {}

        /** The node does not answer. */
        record Silent() implements Progress {}
    }

    /** Returns a line for each replica; empty if the node does not answer. */
    Optional<List<Map<String, String>>> ranges() {
        Page page = fetch("GET", "/ranges");
        return page.status == STATUS_OK
                ? Optional.of(page.text.lines().map(NodePages::words).toList())
                : Optional.empty();
    }

    /** Asks for checksum {@code id} of all replicas of {@code region}; returns whether the node leads it. */
    boolean ask(long region, long id) {
        return fetch("POST", "/checksums?region=" + region + "&id=" + id).status == STATUS_UNDER_WAY;
    }

    Progress checksum(long region, long id) {
        Page page = fetch("GET", "/checksums?region=" + region + "&id=" + id);
        return switch (page.status) {
            case STATUS_OK -> new Progress.Computed(words(page.text.strip()));
            case STATUS_UNDER_WAY -> new Progress.UnderWay();
            case 0 -> new Progress.Silent();
            default -> new Progress.Unknown();
        };
    }

    private Page fetch(String method, String path) {
        try {
            String host = InetAddress.getLoopbackAddress().getHostAddress();
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + host + ":" + port + path).toURL().openConnection();
            connection.setRequestMethod(method);
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            int status = connection.getResponseCode();
            try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                return new Page(status, body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException unanswered) {
            return new Page(0, "");
        }
    }

    private static Map<String, String> words(String line) {
        Map<String, String> words = new HashMap<>();
        for (String word : line.split(" ")) {
            int equals = word.indexOf('=');
            words.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return words;
    }
}
