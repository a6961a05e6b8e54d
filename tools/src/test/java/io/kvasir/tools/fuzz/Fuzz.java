package io.kvasir.tools.fuzz;

import io.kvasir.gateway.fuzz.Family;
import io.kvasir.tools.demo.LocalCluster;
import io.kvasir.tools.process.RedisProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/**
 * The main class of {@code ./kvasir fuzz}. Exit code 0: no difference; 1: differences, each printed with the smallest
 * script found and the seed that makes it again; 2: it could not be tried.
 *
 * <p>First the commands alone, in this process; then one node with one range; then three nodes with three ranges. At
 * nodes each family is run as it is, where commands of several keys span ranges, with most of its commands within
 * MULTI, and with most called by Lua; at one node also with every other command spoiled, at three also with all keys of
 * a script in one slot. Several {@link Lane}s do so at once, each with a redis-server. Confined to the main thread.
 */
final class Fuzz {

    private static final int SAME = 0;
    private static final int DIFFERENT = 1;
    private static final int UNTRIED = 2;

    private final Plan plan;
    private final PrintStream out;
    private final Path folder;
    private final Tally tally;

    private Fuzz(Plan plan, PrintStream out, Path folder) {
        this.plan = plan;
        this.out = out;
        this.folder = folder;
        this.tally = new Tally(out);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
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

    private int run() throws IOException, InterruptedException {
        List<RedisProcess> oracles = new ArrayList<>();
        for (int lane = 0; lane < plan.lanes(); lane++) {
            Optional<RedisProcess> started = RedisProcess.start(folder, plan.oracle());
            if (started.isEmpty()) {
                System.err.println("kvasir: fuzz: " + plan.oracle()
                        + " is no program: sudo apt-get install redis-server, or name one with --oracle PATH");
                return UNTRIED;
            }
            oracles.add(started.get());
            Runtime.getRuntime().addShutdownHook(new Thread(started.get()::close, "redis-end"));
        }
        out.println("seed " + plan.seed() + ", " + plan.time().toSeconds() + " s, "
                + String.join(", ", plan.families().stream().map(Family::name).toList()));
        int shares = plan.nodes().stream().mapToInt(Fuzz::shares).sum();
        for (int nodes : plan.nodes()) {
            long share = plan.time().toNanos() / shares * shares(nodes);
            try (Site site = Site.start(nodes, folder.resolve("nodes-" + nodes))) {
                compare(oracles, site, share);
            } catch (LocalCluster.Refused refused) {
                System.err.println("kvasir: fuzz: " + refused.getMessage());
                return UNTRIED;
            }
        }
        tally.summary();
        Files.deleteIfExists(folder);
        return tally.differences() == 0 ? SAME : DIFFERENT;
    }

    /** Returns how much of the time a site gets: commands in this process are many times faster than at nodes. */
    private static int shares(int nodes) {
        return nodes == 0 ? 1 : 4;
    }

    /** Compares in several lanes at once until {@code nanos} are over. */
    private void compare(List<RedisProcess> oracles, Site site, long nanos) throws InterruptedException {
        out.println(
                switch (site.nodes()) {
                    case 0 -> "in this process";
                    case 1 -> "1 node";
                    default -> site.nodes() + " nodes";
                });
        Turns turns = new Turns(site.variants(plan.families()), plan.seed());
        ReadWriteLock alone = new ReentrantReadWriteLock(true);
        long begin = System.nanoTime();
        long before = tally.commands();
        List<Thread> lanes = IntStream.range(0, plan.lanes())
                .mapToObj(number -> Thread.ofPlatform()
                        .name("lane-" + number)
                        .start(new Lane(number, site, oracles.get(number).port(), turns, tally, alone, begin + nanos)))
                .toList();
        for (Thread lane : lanes) {
            lane.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        long commands = tally.commands() - before;
        out.printf(
                Locale.ROOT,
                "  %,d commands in %.0f s, %,.0f a second, %d lanes:%n",
                commands,
                seconds,
                commands / seconds,
                plan.lanes());
        tally.rates();
    }
}
