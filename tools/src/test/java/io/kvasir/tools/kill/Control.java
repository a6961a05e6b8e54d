package io.kvasir.tools.kill;

import io.kvasir.proto.json.Json;
import io.kvasir.tools.admin.Ctl;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a person does at a cluster with {@code ./kvasir ctl}. Confined to one thread. */
final class Control {

    private final Cluster cluster;

    Control(Cluster cluster) {
        this.cluster = cluster;
    }

    /** A range as {@code ctl range} shows it. */
    record Shown(String id, String start, String end, String leader, List<String> voters, String changing) {}

    /** Runs {@code words} at node {@code node}; returns the exit code. */
    int run(int node, String... words) {
        return Ctl.run(command(node, words), System.out, System.out);
    }

    /** Returns what node {@code node} prints of {@code words} as JSON, or what it says is wrong. */
    Json ask(int node, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> command = command(node, words);
        command.add("--json");
        int ended = Ctl.run(command, new PrintStream(out), new PrintStream(err));
        return ended == 0
                ? Json.parse(out.toString(StandardCharsets.UTF_8))
                : new Json.Members(Map.of("error", new Json.Text(err.toString(StandardCharsets.UTF_8))));
    }

    /** Returns all ranges in key order, as the first node that answers shows them; none if none does. */
    List<Shown> ranges() {
        List<Shown> found = new ArrayList<>();
        for (int node = 0; node < cluster.nodes().size() && found.isEmpty(); node++) {
            if (ask(node, "range") instanceof Json.Elements(List<Json> all)) {
                all.forEach(line -> found.add(shown((Json.Members) line)));
            }
        }
        return found;
    }

    /** Returns the lines of {@code ctl operator}, as the first node that answers shows them. */
    String operators() {
        for (int node = 0; node < cluster.nodes().size(); node++) {
            if (ask(node, "operator") instanceof Json.Elements all) {
                return all.text();
            }
        }
        return "";
    }

    private static Shown shown(Json.Members line) {
        return new Shown(
                text(line, "id"),
                text(line, "start"),
                text(line, "end"),
                text(line, "leader"),
                List.of(text(line, "voters").split(",")),
                text(line, "changing"));
    }

    private static String text(Json.Members object, String name) {
        Json value = object.values().get(name);
        return value instanceof Json.Text(String text) ? text : String.valueOf(value == null ? "" : value.text());
    }

    private List<String> command(int node, String... words) {
        List<String> command = new ArrayList<>(List.of(
                "--http-port",
                Integer.toString(cluster.httpPort(node)),
                "--token",
                cluster.node(node).data().resolve("admin.token").toString()));
        command.addAll(List.of(words));
        return command;
    }
}
