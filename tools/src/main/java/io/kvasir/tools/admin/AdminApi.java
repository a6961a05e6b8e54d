package io.kvasir.tools.admin;

import io.kvasir.proto.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Asks the nodes of a cluster, one after the other until one answers. Used by one thread. */
final class AdminApi {

    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 20_000;
    private static final int STATUS_UNAVAILABLE = 503;
    private static final int STATUS_ERROR_MIN = 400;

    /**
     * A node that may be asked.
     *
     * @param port on loopback
     * @param token the file that permits changes
     */
    record Target(int port, Path token) {}

    /** What a node answered. */
    record Answer(int status, Json body) {}

    /** Nobody answers, or what is needed to ask is missing. */
    static final class Unreachable extends Exception {
        private static final long serialVersionUID = 1;

        Unreachable(String message) {
            super(message);
        }
    }

    private final List<Target> targets;

    AdminApi(List<Target> targets) {
        this.targets = List.copyOf(targets);
    }

    /**
     * Asks {@code path}, and changes what it says if {@code change}.
     *
     * @throws Unreachable if no node answers
     */
    Answer ask(String path, Map<String, String> arguments, boolean change) throws Unreachable {
        String why = "there is no node to ask";
        for (Target target : targets) {
            try {
                Answer answer = ask(target, path, arguments, change);
                if (answer.status() != STATUS_UNAVAILABLE) {
                    return answer;
                }
                why = error(answer.body());
            } catch (NoSuchFileException missing) {
                why = "there is no token in " + missing.getFile();
            } catch (IOException | IllegalArgumentException silent) {
                why = "no node answers at " + ports() + " of 127.0.0.1; is the cluster running?";
            }
        }
        throw new Unreachable(why);
    }

    /** Returns what an answer that is no success says. */
    static String error(Json body) {
        return body instanceof Json.Members(Map<String, Json> values)
                        && values.get("error") instanceof Json.Text(String text)
                ? text
                : body.text();
    }

    private String ports() {
        String numbers =
                targets.stream().map(target -> String.valueOf(target.port())).collect(Collectors.joining(", "));
        return (targets.size() == 1 ? "port " : "ports ") + numbers;
    }

    private static Answer ask(Target target, String path, Map<String, String> arguments, boolean change)
            throws IOException {
        String query = arguments.entrySet().stream()
                .map(argument ->
                        argument.getKey() + "=" + URLEncoder.encode(argument.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        URI uri = URI.create("http://127.0.0.1:" + target.port() + "/ctl/"
                + URLEncoder.encode(path, StandardCharsets.UTF_8).replace("%2F", "/")
                + (query.isEmpty() ? "" : "?" + query));
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setRequestProperty("User", System.getProperty("user.name", "?"));
        if (change) {
            String token = Files.readString(target.token()).strip();
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Authorization", "Bearer " + token);
        }
        int status = connection.getResponseCode();
        try (InputStream body = status < STATUS_ERROR_MIN ? connection.getInputStream() : connection.getErrorStream()) {
            String text = body == null ? "{}" : new String(body.readAllBytes(), StandardCharsets.UTF_8);
            return new Answer(status, Json.parse(text));
        }
    }
}
