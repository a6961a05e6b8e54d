package io.kvasir.tools.launch;

import io.kvasir.tools.config.Sizes;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code ./kvasir up}: starts every node of a directory, says where they listen, and stays until they are stopped.
 *
 * <p>Confined to the main thread.
 */
final class Up {

    private static final int WATCH_MILLIS = 100;

    private final UpPlan plan;
    private final Installation installation;
    private final PrintStream out;

    Up(UpPlan plan, Installation installation, PrintStream out) {
        this.plan = plan;
        this.installation = installation;
        this.out = out;
    }

    /** Runs the command and returns the exit code. */
    int run() {
        long begin = LocalTime.nanos();
        plan.requireMachine();
        Interrupts interrupts = Interrupts.install();
        ClusterDirectory directory = prepared();
        try (DirectoryLock _ = DirectoryLock.acquire(directory.path())) {
            start(directory, interrupts);
            out.print("READY in " + LocalTime.since(begin) + "\n" + listening(directory) + next(directory));
            out.flush();
            return plan.detach() ? 0 : attend(directory, interrupts);
        }
    }

    private ClusterDirectory prepared() {
        if (plan.existing().isEmpty()) {
            return ClusterDirectory.create(plan.path(), plan.topology(), plan.fields());
        }
        ClusterDirectory directory = plan.existing().get();
        directory.nodes().forEach(directory::restore);
        if (!plan.fields().isEmpty()) {
            directory.configure(plan.fields());
        }
        return directory;
    }

    /** Starts all nodes at once, because none is ready before a majority runs; leaves none behind if one fails. */
    private void start(ClusterDirectory directory, Interrupts interrupts) {
        List<NodeStart> starts = new ArrayList<>();
        try {
            for (NodeDirectory node : directory.nodes()) {
                starts.add(NodeStart.begin(node, installation));
            }
            for (NodeStart start : starts) {
                Optional<String> failure = start.awaitReady(interrupts);
                if (failure.isPresent()) {
                    throw new LaunchException(failure.get());
                }
            }
        } catch (RuntimeException failed) {
            starts.forEach(NodeStart::abandon);
            throw failed;
        }
    }

    /** Stays until all nodes are stopped, by whomever; a first interrupt stops them, a second kills them. */
    private int attend(ClusterDirectory directory, Interrupts interrupts) {
        Map<Integer, OsProcess> seen = new HashMap<>();
        while (interrupts.count() == 0) {
            boolean any = false;
            for (NodeDirectory node : directory.nodes()) {
                Optional<OsProcess> before = Optional.ofNullable(seen.get(node.index()));
                Optional<OsProcess> now = before.filter(OsProcess::isAlive).or(node::process);
                if (before.isPresent() && !now.equals(before)) {
                    out.println("node " + node.index()
                            + (now.isPresent()
                                    ? " was restarted"
                                    : " has ended; start it again with: " + "./kvasir node start " + node.index()
                                            + Kvasir.dirFlag(directory.path(), installation.root())));
                }
                seen.remove(node.index());
                now.ifPresent(process -> seen.put(node.index(), process));
                any |= now.isPresent();
            }
            if (!any) {
                out.println("no node runs any more");
                return 0;
            }
            LocalTime.pause(WATCH_MILLIS);
        }
        out.println("stopping …");
        return new Stop(directory, out).all(interrupts) ? 0 : 1;
    }

    private static String listening(ClusterDirectory directory) {
        Table table = new Table("node", "redis", "peers", "http", "pid");
        for (NodeDirectory node : directory.nodes()) {
            int i = node.index();
            table.row(
                    i,
                    ClientPorts.of(directory, node).text(),
                    "127.0.0.1:" + directory.topology().peerPort(i),
                    "127.0.0.1:" + directory.topology().httpPort(i),
                    node.process().map(it -> String.valueOf(it.pid())).orElse("-"));
        }
        return table + "  data in " + directory.path() + "\n";
    }

    private String next(ClusterDirectory directory) {
        String dir = Kvasir.dirFlag(directory.path(), installation.root());
        int last = directory.topology().nodes() - 1;
        return "\n  redis-cli -p " + directory.topology().port() + "\n  ./kvasir status" + dir
                + (last > 0 ? "\n  ./kvasir node kill " + last + dir + "      # the others go on" : "")
                + "\n  ./kvasir logs " + dir.strip() + (plan.detach() ? "\n  ./kvasir down" + dir : "") + "\n\n"
                + (plan.detach() ? "" : "Ctrl-C stops; a second one kills.\n");
    }

    /** Returns a line about what will be started. */
    String announcement() {
        return "kvasir   JDK " + Runtime.version().feature() + " · "
                + Runtime.getRuntime().availableProcessors() + " cores · "
                + plan.topology().nodes() + (plan.topology().nodes() == 1 ? " node" : " nodes") + " · "
                + plan.memoryBytes() / Sizes.MIB + " MiB\n";
    }
}
