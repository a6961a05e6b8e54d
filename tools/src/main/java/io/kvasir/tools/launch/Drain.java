package io.kvasir.tools.launch;

import io.kvasir.tools.config.Topology;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code node drain I}: has all replicas moved away from a node, and says how many are left and for about how long. The
 * drain goes on without whoever watches it. Confined to one thread.
 */
final class Drain {

    private static final int POLL_MILLIS = 1_000;
    private static final int TIMEOUT_MILLIS = 10_000;

    /** Without progress for so long nobody waits any more. */
    private static final long STUCK_SECONDS = 120;

    private static final Pattern REPLICAS = Pattern.compile("\"replicas\":(\\d+)");
    private static final Pattern ERROR = Pattern.compile("\"error\":\"([^\"]*)\"");

    /** What a node answered; status 0 if it did not. */
    private record Answer(int status, String text) {}

    private final ClusterDirectory directory;
    private final PrintStream out;

    Drain(ClusterDirectory directory, PrintStream out) {
        this.directory = directory;
        this.out = out;
    }

    /** Drains {@code node}; returns 0 when it holds nothing any more. */
    int run(NodeDirectory node, Interrupts interrupts) {
        long store = Topology.nodeId(node.index());
        Answer begun = ask("POST", "/ctl/store/drain?store=" + store);
        if (begun.status != HttpURLConnection.HTTP_OK) {
            throw new LaunchException("node " + node.index() + " is not drained: " + reason(begun));
        }
        long begin = LocalTime.nanos();
        long first = -1;
        long left = -1;
        long progressAt = begin;
        while (interrupts.count() == 0) {
            Matcher found = REPLICAS.matcher(ask("GET", "/ctl/store/" + store).text);
            if (found.find()) {
                long now = Long.parseLong(found.group(1));
                first = first < 0 ? now : first;
                if (now != left) {
                    progressAt = LocalTime.nanos();
                    left = now;
                    out.println(line(node, first, left, progressAt - begin));
                }
                if (left == 0) {
                    return 0;
                }
            }
            if (LocalTime.nanos() - progressAt > TimeUnit.SECONDS.toNanos(STUCK_SECONDS)) {
                throw new LaunchException("node " + node.index() + ": nothing has moved for " + STUCK_SECONDS
                        + " s; see ./kvasir ctl scheduler describe replica-repair");
            }
            LocalTime.pause(POLL_MILLIS);
        }
        out.println(
                "node " + node.index() + ": the drain goes on; ./kvasir ctl store cancel-drain " + store + " ends it");
        return 1;
    }

    private static String line(NodeDirectory node, long first, long left, long nanos) {
        if (left == 0) {
            return "node " + node.index() + ": holds nothing any more, and can be stopped: ./kvasir node stop "
                    + node.index();
        }
        long moved = first - left;
        String time = moved == 0 ? "" : ", about " + TimeUnit.NANOSECONDS.toSeconds(nanos / moved * left) + " s more";
        return "node " + node.index() + ": " + left + " of " + first + " replicas left" + time;
    }

    private static String reason(Answer answer) {
        Matcher error = ERROR.matcher(answer.text);
        return error.find() ? error.group(1) : "no node answers, or the placement driver has no leader";
    }

    /** Asks one node after the other until one answers. */
    private Answer ask(String method, String path) {
        Answer last = new Answer(0, "");
        for (NodeDirectory node : directory.nodes()) {
            if (node.process().isPresent()) {
                last = ask(node, method, path);
                if (last.status != 0 && last.status != HttpURLConnection.HTTP_UNAVAILABLE) {
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
            return new Answer(0, "");
        }
    }
}
