package io.kvasir.tools.launch;

import io.kvasir.tools.config.Topology;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * {@code node drain I}: has all replicas moved away from a node, and says how many are left and for about how long. The
 * drain goes on without whoever watches it. Confined to one thread.
 */
final class Drain {

    private static final int POLL_MILLIS = 1_000;

    /** Without progress for so long nobody waits any more. */
    private static final long STUCK_SECONDS = 120;

    private final AdminCalls calls;
    private final PrintStream out;

    Drain(ClusterDirectory directory, PrintStream out) {
        this.calls = new AdminCalls(directory);
        this.out = out;
    }

    /** Drains {@code node}; returns 0 when it holds nothing any more. */
    int run(NodeDirectory node, Interrupts interrupts) {
        long store = Topology.nodeId(node.index());
        AdminCalls.Answer begun = calls.change("/ctl/store/drain?store=" + store);
        if (!begun.isGranted()) {
            throw new LaunchException("node " + node.index() + " is not drained: " + begun.reason());
        }
        long begin = LocalTime.nanos();
        long first = -1;
        long left = -1;
        long progressAt = begin;
        while (interrupts.count() == 0) {
            Optional<String> replicas = calls.read("/ctl/store/" + store).value("replicas");
            if (replicas.isPresent()) {
                long now = Long.parseLong(replicas.get());
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
}
