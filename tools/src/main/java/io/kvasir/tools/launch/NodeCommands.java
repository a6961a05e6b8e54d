package io.kvasir.tools.launch;

import io.kvasir.tools.config.ConfigDocument;
import io.kvasir.tools.config.Topology;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The commands about a directory that exists: {@code down}, {@code status}, {@code node}, {@code logs}, {@code config},
 * {@code restart}.
 */
final class NodeCommands {

    private static final List<String> DIR = List.of("dir");
    private static final int LINES_DEFAULT = 40;
    private static final int LINES_MAX = 100_000;

    private final PrintStream out;
    private final Path root;
    private final Supplier<Installation> installation;

    NodeCommands(PrintStream out, Path root, Supplier<Installation> installation) {
        this.out = out;
        this.root = root;
        this.installation = installation;
    }

    int down(List<String> arguments) {
        Flags flags = Flags.parse("down", arguments, DIR, List.of(), 0);
        ClusterDirectory directory = ClusterDirectory.open(Kvasir.directory(flags, root));
        long running = directory.nodes().stream()
                .filter(it -> it.process().isPresent())
                .count();
        if (running == 0) {
            out.println("nothing runs in " + directory.path());
            return 0;
        }
        if (!new Stop(directory, out).all(Interrupts.install())) {
            throw new LaunchException("some processes cannot be ended; see ./kvasir status");
        }
        out.println("stopped " + running + (running == 1 ? " node" : " nodes") + " in " + directory.path());
        return 0;
    }

    /** Prints a table; returns 0 if all nodes answer, 1 otherwise. */
    int status(List<String> arguments) {
        Flags flags = Flags.parse("status", arguments, DIR, List.of(), 0);
        ClusterDirectory directory = ClusterDirectory.open(Kvasir.directory(flags, root));
        Topology topology = directory.topology();
        Table table = new Table("node", "state", "redis", "peers", "http", "pid");
        boolean all = true;
        for (NodeDirectory node : directory.nodes()) {
            int i = node.index();
            NodeDirectory.State state = node.state();
            ClientPorts clients = ClientPorts.of(directory, node);
            boolean answers = state == NodeDirectory.State.RUNNING && clients.answer();
            all &= answers;
            String word =
                    switch (state) {
                        case RUNNING -> answers ? "running" : "not answering";
                        case PAUSED -> "paused";
                        case STOPPED -> "stopped";
                    };
            table.row(
                    i,
                    word,
                    clients.text(),
                    "127.0.0.1:" + topology.peerPort(i),
                    "127.0.0.1:" + topology.httpPort(i),
                    node.process().map(it -> String.valueOf(it.pid())).orElse("-"));
        }
        out.print(table + "  data in " + directory.path() + "\n");
        return all ? 0 : 1;
    }

    int node(List<String> arguments) {
        Flags flags = Flags.parse("node", arguments, DIR, List.of(), 2);
        if (flags.words().isEmpty()) {
            throw new LaunchException(
                    "node needs add, or drain, kill, stop, start, pause or resume, and the node's number");
        }
        ClusterDirectory directory = ClusterDirectory.open(Kvasir.directory(flags, root));
        if (flags.words().equals(List.of("add"))) {
            return add(directory);
        }
        NodeDirectory node = directory.node(flags.wordAsInteger(
                1, "the node's number", 0, directory.topology().nodes() - 1));
        String verb = flags.words().getFirst();
        switch (verb) {
            case "drain" -> {
                return new Drain(directory, out).run(node, Interrupts.install());
            }
            case "start" -> {
                directory.restore(node);
                start(node);
            }
            case "stop" -> {
                running(node);
                Interrupts interrupts = Interrupts.install();
                require(new Stop(directory, out).stop(List.of(node), interrupts.count(), interrupts), node);
            }
            case "kill" -> require(Stop.kill(List.of(running(node))), node);
            case "pause" -> {
                if (!running(node).pause()) {
                    throw new LaunchException("node " + node.index() + " does not stand still");
                }
            }
            case "resume" -> running(node).send(OsProcess.Signal.CONT);
            default ->
                throw new LaunchException(
                        "node " + verb + ": there are add, drain, kill, stop, start, pause and resume");
        }
        out.println("node " + node.index() + ": "
                + switch (verb) {
                    case "start" ->
                        "serves at " + ClientPorts.of(directory, node).text();
                    case "stop" -> "stopped";
                    case "kill" -> "killed";
                    case "pause" -> "paused";
                    default -> "resumed";
                });
        return 0;
    }

    /** Adds a node and starts it; the placement driver then moves replicas to it. */
    private int add(ClusterDirectory directory) {
        if (directory.nodes().stream().noneMatch(it -> it.process().isPresent())) {
            throw new LaunchException(
                    "nothing runs in " + directory.path() + ": a node is added to a cluster that runs");
        }
        ClusterDirectory larger = directory.add();
        NodeDirectory node = larger.node(larger.topology().nodes() - 1);
        start(node);
        out.println("node " + node.index() + ": serves at "
                + ClientPorts.of(larger, node).text() + ", as store " + Topology.nodeId(node.index())
                + "; replicas are moved to it, see ./kvasir ctl scheduler describe balance-replica");
        return 0;
    }

    int logs(List<String> arguments) {
        Flags flags = Flags.parse("logs", arguments, List.of("dir", "lines"), List.of("follow"), 1);
        ClusterDirectory directory = ClusterDirectory.open(Kvasir.directory(flags, root));
        int lines = flags.integer("lines", 1, LINES_MAX).orElse(LINES_DEFAULT);
        List<NodeDirectory> nodes = flags.words().isEmpty()
                ? directory.nodes()
                : List.of(directory.node(flags.wordAsInteger(
                        0, "the node's number", 0, directory.topology().nodes() - 1)));
        if (flags.has("follow")) {
            return follow(nodes, lines);
        }
        for (NodeDirectory node : nodes) {
            if (nodes.size() > 1) {
                out.println("==> " + node.logFile() + " <==");
            }
            NodeDirectory.tail(node.logFile(), lines).forEach(out::println);
        }
        return 0;
    }

    /** Prints the configuration of node 0 of a directory, or the defaults where there is none. */
    int config(List<String> arguments) {
        Flags flags = Flags.parse("config", arguments, List.of("dir", "set"), List.of(), 1);
        Path path = Kvasir.directory(flags, root);
        Optional<ClusterDirectory> directory = ClusterDirectory.find(path);
        if (directory.isPresent()) {
            int last = directory.get().topology().nodes() - 1;
            int index = flags.words().isEmpty() ? 0 : flags.wordAsInteger(0, "the node's number", 0, last);
            Path file = directory.get().node(index).configFile();
            out.print("# " + file + ", environment and flags\n"
                    + ConfigDocument.inForce(file, System.getenv(), flags.texts("set")));
        } else {
            List<String> fields = new ArrayList<>(new Topology(1, 1, UpPlan.PORT_DEFAULT, "127.0.0.1", 1).fields(0));
            fields.addAll(flags.texts("set"));
            out.print("# defaults; there is no cluster in " + path + "\n"
                    + ConfigDocument.file(Optional.empty(), fields));
        }
        return 0;
    }

    /** Restarts all nodes one after the other, so that somebody serves all the time. */
    int restart(List<String> arguments) {
        Flags flags = Flags.parse("restart", arguments, List.of("dir", "timeout"), List.of("rolling"), 0);
        if (!flags.has("rolling")) {
            throw new LaunchException("restart takes --rolling; all nodes at once: ./kvasir down, then ./kvasir up");
        }
        ClusterDirectory directory = ClusterDirectory.open(Kvasir.directory(flags, root));
        int seconds = flags.integer("timeout", 1, RollingRestart.WAIT_SECONDS_MAX)
                .orElse(RollingRestart.WAIT_SECONDS_DEFAULT);
        new RollingRestart(directory, out, this::start, seconds).run(Interrupts.install());
        return 0;
    }

    private void start(NodeDirectory node) {
        node.process().ifPresent(process -> {
            throw new LaunchException("node " + node.index() + " runs already (pid " + process.pid() + ")");
        });
        NodeStart start = NodeStart.begin(node, installation.get());
        start.awaitReady(Interrupts.install()).ifPresent(failure -> {
            start.abandon();
            throw new LaunchException(failure);
        });
    }

    private int follow(List<NodeDirectory> nodes, int lines) {
        List<String> command = new ArrayList<>(List.of("tail", "-n", String.valueOf(lines), "-F"));
        nodes.forEach(node -> command.add(node.logFile().toString()));
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException failed) {
            throw new LaunchException("tail cannot be started (" + failed.getMessage() + ")");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static OsProcess running(NodeDirectory node) {
        return node.process().orElseThrow(() -> new LaunchException("node " + node.index() + " is stopped already"));
    }

    private static void require(boolean ended, NodeDirectory node) {
        if (!ended) {
            throw new LaunchException("node " + node.index() + " cannot be ended");
        }
    }
}
