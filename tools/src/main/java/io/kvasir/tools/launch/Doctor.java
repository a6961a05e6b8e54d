package io.kvasir.tools.launch;

import io.kvasir.tools.config.Sizes;
import io.kvasir.tools.config.Topology;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * {@code ./kvasir doctor}: looks at everything a cluster needs of this machine, changes nothing. Confined to one
 * thread.
 */
final class Doctor {

    private static final int SYNCS = 40;
    private static final long SYNC_MICROS_GOOD = 20_000;
    private static final Instant BUILT = Instant.parse("2025-01-01T00:00:00Z");
    private static final int CLOCK_MILLIS = 300;
    private static final long CLOCK_DRIFT_MILLIS_MAX = 5;

    private final PrintStream out;
    private final Path root;
    private boolean well = true;

    Doctor(PrintStream out, Path root) {
        this.out = out;
        this.root = root;
    }

    /** Prints a line for each thing looked at; returns 1 if one of them keeps a cluster from starting. */
    int run(List<String> arguments) {
        Flags flags = Flags.parse("doctor", arguments, List.of("dir", "port", "nodes"), List.of(), 0);
        Path path = Kvasir.directory(flags, root);
        Optional<Topology> existing = ClusterDirectory.find(path).map(ClusterDirectory::topology);
        int nodes = existing.map(Topology::nodes)
                .orElseGet(() -> flags.integer("nodes", 1, Topology.NODES_MAX).orElse(1));
        line("java", Machine.javaRefusal(), Runtime.version() + " at " + System.getProperty("java.home"));
        line("memory", Machine.memoryRefusal(Machine.defaultMemoryBytes(nodes, 1), nodes, 1), memory(nodes));
        line(
                "limits",
                Machine.limitRefusal(nodes, 1),
                count(Machine.limit("Max open files")) + " open files, " + count(Machine.limit("Max processes"))
                        + " processes");
        line("disk", Machine.diskRefusal(path), Machine.freeBytes(path) / Sizes.MIB + " MiB free for " + path);
        sync(path);
        ports(path, existing, flags, nodes);
        clock();
        return well ? 0 : 1;
    }

    private void line(String what, Optional<String> refusal, String fact) {
        well &= refusal.isEmpty();
        out.printf("%-8s %-5s %s%n", what, refusal.isEmpty() ? "ok" : "BAD", refusal.orElse(fact));
    }

    private void warn(String what, boolean good, String fact) {
        out.printf("%-8s %-5s %s%n", what, good ? "ok" : "slow", fact);
    }

    private static String memory(int nodes) {
        return Machine.memoryBytes() / Sizes.MIB + " MiB; up takes " + Machine.defaultMemoryBytes(nodes, 1) / Sizes.MIB
                + " MiB unless --memory says otherwise";
    }

    private static String count(long limit) {
        return limit == Long.MAX_VALUE ? "unlimited" : String.valueOf(limit);
    }

    /** Times fdatasync of 4 KiB appended, which every write waits for. */
    private void sync(Path path) {
        Path existing = Machine.existing(path);
        long[] micros = new long[SYNCS];
        try {
            Path file = Files.createTempFile(existing, "kvasir-doctor", ".tmp");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                for (int i = 0; i < SYNCS; i++) {
                    channel.write(ByteBuffer.allocate(4096));
                    long begin = LocalTime.nanos();
                    channel.force(false);
                    micros[i] = (LocalTime.nanos() - begin) / 1000;
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException failed) {
            line("sync", Optional.of(existing + " cannot be written (" + failed.getMessage() + ")"), "");
            return;
        }
        Arrays.sort(micros);
        warn(
                "sync",
                micros[SYNCS / 2] <= SYNC_MICROS_GOOD,
                "a write to disk takes " + micros[SYNCS / 2] + " us (median), " + micros[SYNCS - 1] + " us (worst of "
                        + SYNCS + ")");
    }

    private void ports(Path path, Optional<Topology> existing, Flags flags, int nodes) {
        if (existing.isPresent()
                && ClusterDirectory.open(path).nodes().stream()
                        .anyMatch(it -> it.process().isPresent())) {
            out.printf("%-8s %-5s %s%n", "ports", "ok", "in use by the cluster in " + path + " itself");
            return;
        }
        Topology topology = existing.orElseGet(() -> new Topology(
                1, nodes, flags.integer("port", 1, Topology.PORT_MAX).orElse(UpPlan.PORT_DEFAULT), "127.0.0.1", 1));
        int last = topology.nodes() - 1;
        String dots = last == 0 ? "" : "…";
        line(
                "ports",
                Ports.refusal(topology),
                topology.port() + dots + ", " + topology.peerPort(0) + dots + ", " + topology.httpPort(0) + dots
                        + " are free");
    }

    /** The local clock decides nothing but waiting; it should still run evenly and tell about the right year. */
    private void clock() {
        Instant wall = Instant.now();
        long begin = LocalTime.nanos();
        LocalTime.pause(CLOCK_MILLIS);
        long monotonicMillis = (LocalTime.nanos() - begin) / 1_000_000;
        long wallMillis = Duration.between(wall, Instant.now()).toMillis();
        boolean even = Math.abs(wallMillis - monotonicMillis) <= CLOCK_DRIFT_MILLIS_MAX;
        Optional<String> refusal =
                wall.isBefore(BUILT) ? Optional.of("the clock says " + wall + ", which is past") : Optional.empty();
        line(
                "clock",
                refusal,
                wall
                        + (even
                                ? ", runs evenly"
                                : ", jumped by " + (wallMillis - monotonicMillis) + " ms while looked at"));
    }
}
