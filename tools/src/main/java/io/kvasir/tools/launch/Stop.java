package io.kvasir.tools.launch;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Ends nodes: by a request first, by force when told or when the request is not heard. Confined to one thread. */
final class Stop {

    /** A node that has not ended this long after the request is killed: what it acknowledged is on disk. */
    static final long GRACE_SECONDS = 20;

    private static final long KILL_MILLIS_MAX = 10_000;
    private static final int POLL_MILLIS = 20;

    private final ClusterDirectory directory;
    private final PrintStream out;

    Stop(ClusterDirectory directory, PrintStream out) {
        this.directory = directory;
        this.out = out;
    }

    /** Stops all nodes; one more interrupt than there are now kills them. Returns whether all have ended. */
    boolean all(Interrupts interrupts) {
        return stop(directory.nodes(), interrupts.count(), interrupts);
    }

    /** Stops {@code nodes}, which may be paused. Returns whether all have ended. */
    boolean stop(List<NodeDirectory> nodes, int interruptsBefore, Interrupts interrupts) {
        List<NodeDirectory> running =
                nodes.stream().filter(node -> node.process().isPresent()).toList();
        List<OsProcess> processes = running.stream()
                .map(NodeDirectory::process)
                .flatMap(Optional::stream)
                .toList();
        for (OsProcess process : processes) {
            process.send(OsProcess.Signal.TERM);
            process.send(OsProcess.Signal.CONT);
        }
        long begin = LocalTime.nanos();
        while (processes.stream().anyMatch(OsProcess::isAlive)) {
            boolean late = LocalTime.nanos() - begin > TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
            if (late || interrupts.count() > interruptsBefore) {
                out.println(late ? "not ended after " + GRACE_SECONDS + " s: killed" : "killed");
                return kill(processes);
            }
            LocalTime.pause(POLL_MILLIS);
        }
        return true;
    }

    /** Kills {@code processes} as a power cut would; returns whether all have ended. */
    static boolean kill(List<OsProcess> processes) {
        processes.forEach(process -> process.send(OsProcess.Signal.KILL));
        boolean all = true;
        for (OsProcess process : processes) {
            all &= process.awaitEnd(KILL_MILLIS_MAX);
        }
        return all;
    }
}
