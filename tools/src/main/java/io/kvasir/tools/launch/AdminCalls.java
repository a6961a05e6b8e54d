package io.kvasir.tools.launch;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Calls of the admin API of whichever node answers first. Stateless. */
record AdminCalls(ClusterDirectory directory) {

    private static final int TIMEOUT_MILLIS = 10_000;

    /**
     * What was answered.
     *
     * @param status of HTTP, 0 if nobody answered
     * @param body one JSON object
     */
    record Answer(int status, String body) {

        private static final Answer NONE = new Answer(0, "");

        boolean isGranted() {
            return status == HttpURLConnection.HTTP_OK;
        }

        /** Returns the text or number {@code name} of the object; empty if it has none. */
        Optional<String> value(String name) {
            Matcher found = Pattern.compile("\"" + name + "\":(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(-?\\d+))")
                    .matcher(body);
            return found.find()
                    ? Optional.of(found.group(1) != null ? found.group(1) : found.group(2))
                    : Optional.empty();
        }

        /** Returns why it was not granted, in a line. */
        String reason() {
            return value("error").orElse("no node answers, or the placement driver has no leader");
        }
    }

    Answer read(String path) {
        return ask("GET", path);
    }

    /** Has something changed, by the token in the node's data directory. */
    Answer change(String path) {
        return ask("POST", path);
    }

    /** Asks one node after the other until one answers. */
    private Answer ask(String method, String path) {
        Answer last = Answer.NONE;
        for (NodeDirectory node : directory.nodes()) {
            if (node.state() == NodeDirectory.State.RUNNING) {
                last = ask(node, method, path);
                if (last.status() != 0 && last.status() != HttpURLConnection.HTTP_UNAVAILABLE) {
                    return last;
                }
            }
        }
        return last;
    }

    private Answer ask(NodeDirectory node, String method, String path) {
        try {
            String host = InetAddress.getLoopbackAddress().getHostAddress();
            int port = directory.topology().httpPort(node.index());
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + host + ":" + port + path).toURL().openConnection();
            connection.setRequestMethod(method);
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            if (method.equals("POST")) {
                Path token = node.path().resolve("data").resolve("admin.token");
                connection.setRequestProperty(
                        "Authorization", "Bearer " + Files.readString(token).strip());
            }
            int status = connection.getResponseCode();
            try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                return new Answer(status, body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException unanswered) {
            return Answer.NONE;
        }
    }
}
