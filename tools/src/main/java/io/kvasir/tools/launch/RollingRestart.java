package io.kvasir.tools.launch;

import io.kvasir.tools.config.Topology;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * {@code restart --rolling}: stops and starts one node after the other. A node is stopped only when the placement
 * driver says that nothing stands against it: every range is led, changes no replicas, and all of its replicas, like
 * those of the placement driver, are there and have caught up. A node that stops gives its leaders away first. Whatever
 * stands against it for too long ends the restart, and the nodes that are left stay as they are. Confined to one
 * thread.
 */
final class RollingRestart {

    /** Longest wait for replicas to catch up before a node is stopped, in seconds. */
    static final int WAIT_SECONDS_DEFAULT = 300;

    static final int WAIT_SECONDS_MAX = 86_400;

    private static final int POLL_MILLIS = 250;

    /** Nothing must stand against it for so long: leaders tell once a second how far their followers are. */
    private static final long STEADY_SECONDS = 3;

    /** How often somebody who waits is told what for. */
    private static final long TELL_SECONDS = 10;

    private final ClusterDirectory directory;
    private final AdminCalls calls;
    private final PrintStream out;
    private final Consumer<NodeDirectory> start;
    private final int waitSeconds;

    /** @param start starts a node that is stopped and returns when it serves, or throws why it does not */
    RollingRestart(ClusterDirectory directory, PrintStream out, Consumer<NodeDirectory> start, int waitSeconds) {
        this.directory = directory;
        this.calls = new AdminCalls(directory);
        this.out = out;
        this.start = start;
        this.waitSeconds = waitSeconds;
    }

    /** @throws LaunchException before anything is stopped, or between two nodes, if it cannot go on */
    void run(Interrupts interrupts) {
        List<NodeDirectory> nodes = directory.nodes();
        for (NodeDirectory node : nodes) {
            if (node.state() != NodeDirectory.State.RUNNING) {
                throw new LaunchException("node " + node.index()
                        + (node.state() == NodeDirectory.State.PAUSED ? " is paused" : " does not run")
                        + ": nothing is restarted while a node is missing");
            }
        }
        if (nodes.size() == 1) {
            out.println("node 0: is alone, its clients wait until it serves again");
            restart(nodes.getFirst(), interrupts);
            return;
        }
        nodes.forEach(this::objections);
        long begin = LocalTime.nanos();
        for (NodeDirectory node : nodes) {
            awaitMayStop(node, "node " + node.index() + " is not stopped", interrupts);
            restart(node, interrupts);
        }
        awaitMayStop(nodes.getFirst(), "all nodes were restarted, but not all is as it was", interrupts);
        out.println("restarted " + nodes.size() + " nodes in " + seconds(begin));
    }

    private void restart(NodeDirectory node, Interrupts interrupts) {
        long begin = LocalTime.nanos();
        if (!new Stop(directory, out).stop(List.of(node), interrupts.count(), interrupts)) {
            throw new LaunchException("node " + node.index() + " cannot be ended");
        }
        out.println("node " + node.index() + ": stopped in " + seconds(begin));
        begin = LocalTime.nanos();
        start.accept(node);
        out.println("node " + node.index() + ": serves again after " + seconds(begin));
    }

    /** Returns what has to be waited for before {@code node} is stopped, empty if nothing. */
    private String objections(NodeDirectory node) {
        AdminCalls.Answer answer = calls.read("/ctl/store/" + Topology.nodeId(node.index()) + "/stop");
        String refused = answer.value("refused").orElse("");
        if (!refused.isEmpty()) {
            throw new LaunchException("node " + node.index() + " cannot be restarted unnoticed: " + refused);
        }
        return answer.isGranted() ? answer.value("awaited").orElse("") : answer.reason();
    }

    /** Waits until nothing has stood against a stop of {@code node} for a while. */
    private void awaitMayStop(NodeDirectory node, String otherwise, Interrupts interrupts) {
        long begin = LocalTime.nanos();
        long steadySince = begin;
        long toldAt = begin;
        while (LocalTime.nanos() - steadySince < TimeUnit.SECONDS.toNanos(STEADY_SECONDS)) {
            String awaited = objections(node);
            long now = LocalTime.nanos();
            steadySince = awaited.isEmpty() ? steadySince : now;
            if (interrupts.count() > 0) {
                throw new LaunchException("interrupted: " + otherwise);
            }
            if (now - begin > TimeUnit.SECONDS.toNanos(waitSeconds) && !awaited.isEmpty()) {
                throw new LaunchException(otherwise + ": waited " + waitSeconds + " s for: " + awaited);
            }
            if (now - toldAt > TimeUnit.SECONDS.toNanos(TELL_SECONDS) && !awaited.isEmpty()) {
                out.println("node " + node.index() + ": waits, " + awaited);
                toldAt = now;
            }
            LocalTime.pause(POLL_MILLIS);
        }
    }

    private static String seconds(long begin) {
        long millis = TimeUnit.NANOSECONDS.toMillis(LocalTime.nanos() - begin);
        return millis / 1_000 + "." + millis / 100 % 10 + " s";
    }
}
