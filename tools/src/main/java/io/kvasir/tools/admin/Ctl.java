package io.kvasir.tools.admin;

import io.kvasir.tools.admin.AdminApi.Answer;
import io.kvasir.tools.admin.AdminApi.Target;
import io.kvasir.tools.admin.AdminApi.Unreachable;
import io.kvasir.tools.config.ConfigException;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.config.Topology;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The main class behind {@code ./kvasir ctl}. Exit codes: 0 answered or done; 1 the cluster refuses, or knows no such
 * thing; 2 a wrong command line; 3 nobody answers. What goes wrong is said in one line on stderr.
 */
@Command(
        name = "./kvasir ctl",
        description = "Shows the cluster, explains what moves and why, and changes it.",
        synopsisSubcommandLabel = "COMMAND",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        version = "Kvasir 0.1.0")
public final class Ctl {

    static final int DONE = 0;
    static final int REFUSED = 1;
    static final int USAGE = 2;
    static final int UNREACHABLE = 3;

    private static final List<String> HOT = List.of("read", "write", "store", "history");

    private static final int STATUS_OK = 200;
    private static final int STATUS_MALFORMED = 400;

    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "The directory of the cluster; data/ beside the script if none is given.")
    private @Nullable Path directory;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            scope = ScopeType.INHERIT,
            description = "Ask the node with this HTTP port instead; with --token to change anything.")
    private int httpPort;

    @Option(
            names = "--token",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The file admin.token in the data directory of that node.")
    private Path token = Path.of("admin.token");

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print JSON, on one line.")
    private boolean json;

    Ctl(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs the command in {@code arguments}; the process ends with its exit code. */
    public static void main(String[] arguments) throws IOException {
        System.exit(start(List.of(arguments)));
    }

    @SuppressWarnings("SystemConsoleNull") // where input and output are no terminal, JDK 25 has none
    private static int start(List<String> arguments) throws IOException {
        if (!isWithoutCommand(arguments)) {
            return run(arguments, System.out, System.err);
        }
        Shell shell = new Shell(arguments, System.out, System.err);
        Console console = System.console();
        return console != null && console.isTerminal()
                ? shell.interact()
                : shell.performAll(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    }

    /** Returns whether {@code arguments} are sound and name a cluster at most. */
    static boolean isWithoutCommand(List<String> arguments) {
        CommandLine line = new CommandLine(new Ctl(System.out, System.err));
        try {
            ParseResult words = line.parseArgs(arguments.toArray(String[]::new));
            return !words.hasSubcommand() && !words.isUsageHelpRequested() && !words.isVersionHelpRequested();
        } catch (ParameterException wrong) {
            return false; // said by who carries it out
        }
    }

    /** Runs the command in {@code arguments} in this process and returns its exit code. */
    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        CommandLine line = new CommandLine(new Ctl(out, err));
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((wrong, words) -> {
            err.println("kvasir: ctl: " + String.valueOf(wrong.getMessage()).replace('\n', ' '));
            return USAGE;
        });
        if (arguments.isEmpty()) {
            line.usage(err);
            return USAGE;
        }
        return line.execute(arguments.toArray(String[]::new));
    }

    @Command(description = "The cluster in a few numbers.")
    int cluster() {
        return ask("cluster", Map.of());
    }

    @Command(
            description =
                    "All stores, or one: state, leaders, replicas, address; may-stop ID: why it should not be stopped"
                            + " now; drain ID moves all replicas away from a store; cancel-drain ID.")
    int store(@Parameters(arity = "0..2", paramLabel = "ID | VERB") @Nullable List<String> words) {
        List<String> all = words == null ? List.of() : words;
        if (all.isEmpty()) {
            return ask("store", Map.of());
        }
        if (all.size() == 1 && all.getFirst().matches("[0-9]+")) {
            return ask("store/" + all.getFirst(), Map.of());
        }
        return switch (all.size() == 2 ? all.getFirst() : "") {
            case "may-stop" -> ask("store/" + all.get(1) + "/stop", Map.of());
            case "drain", "cancel-drain" -> change("store/" + all.getFirst(), Map.of("store", all.get(1)));
            default -> wrong("store takes: nothing, ID, may-stop ID, drain ID, or cancel-drain ID");
        };
    }

    @Command(description = "All ranges, one with its replicas (range ID), or the one that holds a key (range key KEY).")
    int range(@Parameters(arity = "0..2", paramLabel = "ID | key KEY") @Nullable List<String> words) {
        if (words == null || words.isEmpty()) {
            return ask("range", Map.of());
        }
        if (words.size() == 2 && words.getFirst().equals("key")) {
            return ask("range/key", Map.of("key", words.get(1)));
        }
        return words.size() == 1 && !words.getFirst().equals("key")
                ? ask("range/" + words.getFirst(), Map.of())
                : wrong("range takes nothing, ID, or: key KEY");
    }

    @Command(
            description =
                    "What moves and has moved lately (show); add transfer-leader RANGE STORE; add split-region RANGE"
                            + " [--slot N | --key KEY [--db N]]; add transfer-peer RANGE FROM TO; add add-peer RANGE STORE; add"
                            + " remove-peer RANGE STORE; remove ID.")
    int operator(
            @Parameters(arity = "0..5", paramLabel = "VERB") @Nullable List<String> words,
            @Option(names = "--slot", paramLabel = "N", description = "First slot of the new range.") @Nullable
                    String slot,
            @Option(names = "--key", paramLabel = "KEY", description = "First key of the new range.") @Nullable
                    String key,
            @Option(names = "--db", paramLabel = "N", description = "Database of that key.") @Nullable
                    String database) {
        List<String> all = words == null ? List.of() : words;
        if (all.isEmpty() || all.equals(List.of("show"))) {
            return ask("operator", Map.of());
        }
        if (all.size() == 4 && all.subList(0, 2).equals(List.of("add", "transfer-leader"))) {
            return change("operator/transfer-leader", Map.of("range", all.get(2), "store", all.get(3)));
        }
        if (all.size() == 3
                && all.subList(0, 2).equals(List.of("add", "split-region"))
                && (slot == null || key == null)
                && (database == null || key != null)) {
            Map<String, String> arguments = new HashMap<>(Map.of("range", all.get(2)));
            if (slot != null) {
                arguments.put("slot", slot);
            }
            if (key != null) {
                arguments.put("key", key);
                arguments.put("db", database == null ? "0" : database);
            }
            return change("operator/split-region", arguments);
        }
        if (all.size() == 5 && all.subList(0, 2).equals(List.of("add", "transfer-peer"))) {
            return change("operator/transfer-peer", Map.of("range", all.get(2), "from", all.get(3), "to", all.get(4)));
        }
        if (all.size() == 4
                && all.getFirst().equals("add")
                && (all.get(1).equals("add-peer") || all.get(1).equals("remove-peer"))) {
            return change("operator/" + all.get(1), Map.of("range", all.get(2), "store", all.get(3)));
        }
        if (all.size() == 2 && all.getFirst().equals("remove")) {
            return change("operator/remove", Map.of("id", all.get(1)));
        }
        return wrong(
                "operator takes: show, add transfer-leader RANGE STORE, add split-region RANGE [--slot N | --key KEY"
                        + " [--db N]], add transfer-peer RANGE FROM TO, add add-peer RANGE STORE, add remove-peer RANGE STORE, or"
                        + " remove ID");
    }

    @Command(
            description =
                    "All schedulers (show); why one moves nothing (describe NAME); pause NAME SECONDS; resume NAME.")
    int scheduler(@Parameters(arity = "0..3", paramLabel = "VERB") @Nullable List<String> words) {
        List<String> all = words == null ? List.of() : words;
        if (all.isEmpty() || all.equals(List.of("show"))) {
            return ask("scheduler", Map.of());
        }
        if (all.size() == 2 && all.getFirst().equals("describe")) {
            return ask("scheduler/" + all.get(1), Map.of());
        }
        if (all.size() == 3 && all.getFirst().equals("pause")) {
            return change("scheduler/" + all.get(1) + "/pause", Map.of("seconds", all.get(2)));
        }
        if (all.size() == 2 && all.getFirst().equals("resume")) {
            return change("scheduler/" + all.get(1) + "/resume", Map.of());
        }
        return wrong("scheduler takes: show, describe NAME, pause NAME SECONDS, or resume NAME");
    }

    @Command(
            description = "Ranges that are read or written most (read, write), stores by what they serve (store),"
                    + " and where in the key space of late (history).")
    int hot(@Parameters(arity = "0..1", paramLabel = "VERB") @Nullable String word) {
        return word == null || !HOT.contains(word)
                ? wrong("hot takes: read, write, store, or history")
                : ask("hot/" + word, Map.of());
    }

    @Command(
            description = "What is wanted of the whole cluster (show); set replicas 1 | 3 | 5: of each range; set"
                    + " down-seconds N: how long a store is silent before its replicas are made anew elsewhere.")
    int config(@Parameters(arity = "0..3", paramLabel = "VERB") @Nullable List<String> words) {
        List<String> all = words == null ? List.of() : words;
        if (all.isEmpty() || all.equals(List.of("show"))) {
            return ask("config", Map.of());
        }
        return all.size() == 3 && all.getFirst().equals("set")
                ? change("config/set", Map.of("name", all.get(1), "value", all.get(2)))
                : wrong("config takes: show, or set NAME VALUE");
    }

    @Command(description = "The replicas of the placement driver.")
    int member() {
        return ask("member", Map.of());
    }

    @Command(description = "The clock of the timestamp oracle.")
    int tso() {
        return ask("tso", Map.of());
    }

    @Command(
            description = "How far back databases can be read and what holds that (show); retention DATABASE SECONDS, 0"
                    + " for none; hold NAME TIME SECONDS, where TIME is as AT takes it; release NAME.")
    int history(@Parameters(arity = "0..4", paramLabel = "VERB") @Nullable List<String> words) {
        List<String> all = words == null ? List.of() : words;
        if (all.isEmpty() || all.equals(List.of("show"))) {
            return ask("history", Map.of());
        }
        if (all.size() == 3 && all.getFirst().equals("retention")) {
            return change("history/retention", Map.of("database", all.get(1), "seconds", all.get(2)));
        }
        if (all.size() == 4 && all.getFirst().equals("hold")) {
            return change("history/hold", Map.of("name", all.get(1), "at", all.get(2), "seconds", all.get(3)));
        }
        if (all.size() == 2 && all.getFirst().equals("release")) {
            return change("history/release", Map.of("name", all.get(1)));
        }
        return wrong("history takes: show, retention DATABASE SECONDS, hold NAME TIME SECONDS, or release NAME");
    }

    @Command(description = "What is well and what is not.")
    int health() {
        return ask("health", Map.of());
    }

    private int ask(String path, Map<String, String> arguments) {
        return perform(path, arguments, false);
    }

    private int change(String path, Map<String, String> arguments) {
        return perform(path, arguments, true);
    }

    private int perform(String path, Map<String, String> arguments, boolean change) {
        Answer answer;
        try {
            answer = api().ask(path, arguments, change);
        } catch (Unreachable nobody) {
            err.println("kvasir: ctl: " + nobody.getMessage());
            return UNREACHABLE;
        } catch (ConfigException wrong) {
            return wrong(String.valueOf(wrong.getMessage()));
        }
        if (answer.status() == STATUS_OK) {
            out.print(json ? answer.body().text() + "\n" : Page.of(answer.body()));
            return DONE;
        }
        err.println("kvasir: ctl: " + AdminApi.error(answer.body()));
        return answer.status() == STATUS_MALFORMED ? USAGE : REFUSED;
    }

    /**
     * Returns what asks the cluster that the flags name.
     *
     * @throws ConfigException if they name none
     */
    AdminApi api() {
        return new AdminApi(targets());
    }

    private List<Target> targets() {
        if (httpPort != 0) {
            return List.of(new Target(httpPort, token));
        }
        Path root = Path.of(System.getProperty("kvasir.root", "."));
        Path cluster = (directory == null ? root.resolve("data") : directory).toAbsolutePath();
        Path file = cluster.resolve("cluster.toml");
        if (!Files.isRegularFile(file)) {
            throw new ConfigException(
                    cluster + " holds no cluster; name one with --dir DIR, or a node with --http-port");
        }
        Topology topology = Topology.read(file);
        List<Target> targets = new ArrayList<>();
        for (int node = 0; node < topology.nodes(); node++) {
            Path home = cluster.resolve("node-" + node);
            NodeConfig config = NodeConfig.load(home.resolve("config.toml"), System.getenv(), List.of());
            targets.add(new Target(
                    topology.httpPort(node), config.dataDirectories().getFirst().resolve("admin.token")));
        }
        return targets;
    }

    private int wrong(String text) {
        err.println("kvasir: ctl: " + text);
        return USAGE;
    }
}
