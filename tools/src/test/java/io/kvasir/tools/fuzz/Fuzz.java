package io.kvasir.tools.fuzz;

import io.kvasir.gateway.fuzz.Differential;
import io.kvasir.gateway.fuzz.Family;
import io.kvasir.gateway.fuzz.HashTag;
import io.kvasir.gateway.fuzz.RespTarget;
import io.kvasir.tools.demo.LocalCluster;
import io.kvasir.tools.process.RedisProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The main class of {@code ./kvasir fuzz}. Exit code 0: no difference; 1: differences, each printed with the smallest
 * script found and the seed that makes it again; 2: it could not be tried.
 *
 * <p>One node with one range, then three nodes with three ranges. Each family is run as it is, where commands of
 * several keys span ranges, with most of its commands within MULTI, and with most called by Lua; at one node also with
 * every other command spoiled, at three also with all keys of a script in one slot. Lines of a script are sent in
 * pieces of {@value #BATCH_LINES}. Confined to the main thread.
 */
final class Fuzz {

    private static final int SAME = 0;
    private static final int DIFFERENT = 1;
    private static final int UNTRIED = 2;

    private static final String HOST = "127.0.0.1";
    private static final long SLICE_NANOS = Duration.ofMillis(1_500).toNanos();
    private static final long PROGRESS_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int DIFFERENCES_MAX = 20;
    private static final int UNDETERMINED_MAX = 100;
    private static final int COMMANDS_PER_SCRIPT = 200;
    private static final int BATCH_LINES = 50;

    private final Plan plan;
    private final PrintStream out;
    private final Path folder;
    private final long begin = System.nanoTime();
    private final Set<String> failed = new HashSet<>();
    private long progress = begin;
    private long scripts;
    private long commands;
    private long repeats;
    private long refused;
    private int undetermined;

    private Fuzz(Plan plan, PrintStream out, Path folder) {
        this.plan = plan;
        this.out = out;
        this.folder = folder;
    }

    public static void main(String[] arguments) throws IOException {
        Plan plan;
        try {
            Path oracle = Path.of(System.getProperty("kvasir.redis-server", "/usr/bin/redis-server"));
            plan = Plan.of(List.of(arguments), oracle, System.nanoTime() & 0xFFFF_FFFFL);
        } catch (Plan.Refused refused) {
            System.err.println("kvasir: fuzz: " + refused.getMessage() + "\n" + Plan.USAGE);
            System.exit(UNTRIED);
            return;
        }
        Path folder = Files.createTempDirectory("kvasir-fuzz");
        int code = new Fuzz(plan, System.out, folder).run();
        System.exit(code);
    }

    private int run() throws IOException {
        Optional<RedisProcess> started = RedisProcess.start(folder, plan.oracle());
        if (started.isEmpty()) {
            System.err.println("kvasir: fuzz: " + plan.oracle()
                    + " is no program: sudo apt-get install redis-server, or name one with --oracle PATH");
            return UNTRIED;
        }
        RedisProcess redis = started.get();
        Runtime.getRuntime().addShutdownHook(new Thread(redis::close, "redis-end"));
        out.println("seed " + plan.seed() + ", " + plan.time().toSeconds() + " s, "
                + String.join(", ", plan.families().stream().map(Family::name).toList()));
        long share = plan.time().toNanos() / plan.nodes().size();
        for (int nodes : plan.nodes()) {
            try (LocalCluster cluster = LocalCluster.start(folder.resolve("nodes-" + nodes), nodes, nodes)) {
                compare(redis, cluster, nodes, share);
            } catch (LocalCluster.Refused refused) {
                System.err.println("kvasir: fuzz: " + refused.getMessage());
                return UNTRIED;
            }
        }
        out.printf(
                Locale.ROOT,
                "%s: %,d commands in %,d scripts, %.0f s; families that differ: %d; asked again %d times,"
                        + " scripts sent again line by line: %d, given up with an unknown outcome: %d%n",
                failed.isEmpty() ? "no difference" : "DIFFERENCES",
                commands,
                scripts,
                seconds(),
                failed.size(),
                repeats,
                refused,
                undetermined);
        Files.deleteIfExists(folder);
        return failed.isEmpty() ? SAME : DIFFERENT;
    }

    /** Gives each family a slice of time in turn until {@code nanos} are over. */
    private void compare(RedisProcess redis, LocalCluster cluster, int nodes, long nanos) throws IOException {
        List<Family> families = variants(nodes);
        long[] seeds = new long[families.size()];
        Arrays.fill(seeds, plan.seed());
        long end = System.nanoTime() + nanos;
        out.println(nodes + (nodes == 1 ? " node" : " nodes"));
        for (int turn = 0; System.nanoTime() < end && failed.size() < DIFFERENCES_MAX; turn++) {
            int index = turn % families.size();
            Family family = families.get(index);
            int node = turn / families.size() % nodes;
            if (!failed.contains(label(family, nodes))) {
                seeds[index] = slice(
                        redis,
                        cluster,
                        node,
                        family,
                        label(family, nodes),
                        seeds[index],
                        Math.min(end, System.nanoTime() + SLICE_NANOS));
            } else if (families.stream().allMatch(one -> failed.contains(label(one, nodes)))) {
                return;
            }
        }
    }

    /** Runs scripts of one family until {@code end} or a difference; returns the seed of the next. */
    private long slice(
            RedisProcess redis, LocalCluster cluster, int node, Family family, String label, long first, long end)
            throws IOException {
        long seed = first;
        try (PatientTarget oracle = new PatientTarget(new RespTarget("redis", HOST, redis.port()));
                PatientTarget kvasir = new PatientTarget(new RespTarget("kvasir", HOST, cluster.port(node)))) {
            Differential differential = new Differential(kvasir, oracle).commandsPerScript(COMMANDS_PER_SCRIPT);
            do {
                Optional<String> difference = one(differential, family, seed);
                if (difference.isPresent()) {
                    failed.add(label);
                    out.println(
                            "\n" + label + " differs:\n" + difference.get() + "\nagain: ./kvasir fuzz --seed " + seed
                                    + " --nodes " + cluster.nodes() + " --family "
                                    + family.name().split(",")[0] + "\n");
                    return seed + 1;
                }
                seed++;
                report(label, seed);
            } while (System.nanoTime() < end);
            repeats += kvasir.repeats();
            return seed;
        }
    }

    private Optional<String> one(Differential differential, Family family, long seed) {
        try {
            Differential.Result result = campaign(differential, family, seed);
            scripts += result.scripts();
            commands += result.commands();
            return result.failure().map(Differential.Failure::toString);
        } catch (PatientTarget.Undetermined unknown) {
            undetermined++;
            return undetermined <= UNDETERMINED_MAX
                    ? Optional.empty()
                    : Optional.of("more than " + UNDETERMINED_MAX + " unknown outcomes: " + unknown.getMessage());
        } catch (UncheckedIOException | IllegalStateException broken) {
            return Optional.of("seed " + seed + ": " + broken.getMessage() + " (" + broken.getCause() + ")");
        }
    }

    private Differential.Result campaign(Differential differential, Family family, long seed) {
        try {
            return differential.batches(BATCH_LINES).campaign(family, seed, Duration.ZERO);
        } catch (PatientTarget.Refused inAPiece) {
            refused++;
            return differential.batches(1).campaign(family, seed, Duration.ZERO);
        }
    }

    private List<Family> variants(int nodes) {
        HashTag tag = new HashTag();
        List<Family> variants = new ArrayList<>();
        for (Family family : plan.families()) {
            variants.add(family);
            variants.add(family.inTransactions());
            variants.add(family.inScripts());
            if (nodes == 1) {
                variants.add(family.spoiled());
            } else {
                variants.add(tag.in(family));
                variants.add(tag.in(family.inTransactions()));
                variants.add(tag.in(family.inScripts()));
            }
        }
        return variants;
    }

    private void report(String label, long seed) {
        if (System.nanoTime() - progress >= PROGRESS_NANOS) {
            progress = System.nanoTime();
            out.printf(
                    Locale.ROOT,
                    "  %4.0f s  %,10d commands  differences %d  at %s, seed %d%n",
                    seconds(),
                    commands,
                    failed.size(),
                    label,
                    seed);
        }
    }

    private double seconds() {
        return (System.nanoTime() - begin) / 1e9;
    }

    private static String label(Family family, int nodes) {
        return family.name() + " at " + nodes + (nodes == 1 ? " node" : " nodes");
    }
}
