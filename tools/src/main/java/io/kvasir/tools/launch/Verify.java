package io.kvasir.tools.launch;

import io.kvasir.tools.launch.NodeDirectory.State;
import io.kvasir.tools.launch.ReplicaVerification.Verdict;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * {@code ./kvasir verify}: finds whether all replicas of all ranges are equal at equal applied index. Nodes that run go
 * on serving. A cluster of which nothing runs is started for the check and stopped again.
 */
final class Verify {

    /** Exit code if replicas differ. */
    static final int DIFFERENT = 2;

    /** Exit code if something could not be compared. */
    static final int UNCHECKED = 1;

    private static final int LINES_MAX = 20;

    private final PrintStream out;
    private final Path root;
    private final Supplier<Installation> installation;

    Verify(PrintStream out, Path root, Supplier<Installation> installation) {
        this.out = out;
        this.root = root;
        this.installation = installation;
    }

    int run(List<String> arguments) {
        Flags flags = Flags.parse("verify", arguments, List.of("dir"), List.of(), 0);
        ClusterDirectory directory = ClusterDirectory.open(Kvasir.directory(flags, root));
        List<NodeDirectory> nodes = directory.nodes();
        if (nodes.stream().allMatch(node -> node.state() == State.STOPPED)) {
            return runStopped(directory);
        }
        nodes.stream()
                .filter(node -> node.state() != State.RUNNING)
                .forEach(node -> out.println("node " + node.index() + " is "
                        + node.state().name().toLowerCase(Locale.ROOT) + ": its replicas cannot be compared"));
        return compare(directory);
    }

    private int runStopped(ClusterDirectory directory) {
        out.println("no node runs in " + directory.path()
                + ": started for this check, in which they replay their logs, and stopped again");
        Interrupts interrupts = Interrupts.install();
        List<NodeStart> starts = new ArrayList<>();
        try {
            directory.nodes().forEach(node -> starts.add(NodeStart.begin(node, installation.get())));
            for (NodeStart start : starts) {
                Optional<String> failure = start.awaitReady(interrupts);
                if (failure.isPresent()) {
                    throw new LaunchException(failure.get());
                }
            }
        } catch (LaunchException failed) {
            starts.forEach(NodeStart::abandon);
            throw failed;
        }
        int code = compare(directory);
        if (!new Stop(directory, out).all(interrupts)) {
            throw new LaunchException("some processes cannot be ended; see ./kvasir status");
        }
        return code;
    }

    private int compare(ClusterDirectory directory) {
        long begin = LocalTime.nanos();
        Verdict verdict = new ReplicaVerification(
                        IntStream.range(0, directory.topology().nodes())
                                .mapToObj(directory.topology()::httpPort)
                                .toList())
                .run();
        print("differs", verdict.different());
        print("unchecked", verdict.unchecked());
        out.printf(
                Locale.ROOT,
                "%s: %d ranges, %d replicas, %d records, %d bytes of keys and values, compared in %.1f s%n",
                verdict.different().isEmpty()
                        ? verdict.unchecked().isEmpty() ? "all replicas are equal" : "not everything was compared"
                        : "REPLICAS DIFFER",
                verdict.ranges(),
                verdict.replicas(),
                verdict.records(),
                verdict.bytes(),
                (LocalTime.nanos() - begin) / 1e9);
        if (!verdict.different().isEmpty()) {
            return DIFFERENT;
        }
        return verdict.unchecked().isEmpty() ? 0 : UNCHECKED;
    }

    private void print(String what, List<String> lines) {
        lines.stream().limit(LINES_MAX).forEach(out::println);
        if (lines.size() > LINES_MAX) {
            out.println("… and " + (lines.size() - LINES_MAX) + " more: " + what);
        }
    }
}
