package io.kvasir.tools.demo;

import io.kvasir.region.time.SystemTicker;
import io.kvasir.region.time.Ticker;
import io.kvasir.tools.demo.DemoPlan.Refused;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * {@code ./kvasir demo}: loads packages into three nodes, of which a random one is killed every few seconds, and into a
 * redis-server, and compares both. The exit code is the verdict: 0, all is as it must be; 1, it is not; 2, it could not
 * be tried. Confined to the main thread.
 */
public final class Demo {

    private static final int NODES = 3;
    private static final int PROGRESS_SECONDS = 10;
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(PROGRESS_SECONDS);

    /**
     * If loading and comparing took longer than this, only some of the keys that were carried are compared by value.
     */
    private static final long COMPARE_ALL_NANOS = TimeUnit.SECONDS.toNanos(90);

    private static final int COMPARE_KEYS_MAX = 30_000;

    /** How far off the deadlines are that the data gets: none passes while it is compared. */
    private static final long DEADLINE_MILLIS = TimeUnit.DAYS.toMillis(2);

    private final DemoPlan plan;
    private final List<String> launcher;
    private final PrintStream out;
    private final Ticker ticker;
    private final long wallMillis;

    /**
     * @param launcher the command of the launcher, empty for the one of this installation
     * @param wallMillis since 1970, now
     */
    public Demo(DemoPlan plan, List<String> launcher, PrintStream out, Ticker ticker, long wallMillis) {
        this.plan = plan;
        this.launcher = List.copyOf(launcher);
        this.out = out;
        this.ticker = ticker;
        this.wallMillis = wallMillis;
    }

    /** Runs it; the process ends with its verdict. */
    public static void main(String[] arguments) {
        SystemTicker ticker = new SystemTicker();
        int code;
        try {
            DemoPlan plan = DemoPlan.of(List.of(arguments), ticker.nanoTime() & 0xFFFF_FFFFL);
            code = new Demo(plan, List.of(), System.out, ticker, ticker.wallMillis()).run() ? 0 : 1;
        } catch (Refused | LocalCluster.Refused refused) {
            System.err.println("kvasir: demo: " + refused.getMessage());
            code = 2;
        } catch (IOException failed) {
            System.err.println("kvasir: demo: " + failed.getMessage());
            code = 1;
        }
        System.exit(code);
    }

    /**
     * Does all of it and prints the page; returns the verdict.
     *
     * @throws Refused if it cannot be tried on this machine
     * @throws IOException if a server that must answer does not
     */
    public boolean run() throws IOException {
        Path redisServer = OracleServer.find()
                .orElseThrow(
                        () -> new Refused("needs a redis-server to compare with: sudo apt-get install redis-server"));
        Path folder = Files.createTempDirectory("kvasir-demo");
        folder.toFile().deleteOnExit();
        try {
            PackageIndex index = plan.read(folder.resolve("index"));
            say("%,d packages from %s; seed %d", index.packages().size(), plan.sourceName(), plan.seed());
            try (OracleServer oracle = OracleServer.start(redisServer, folder.resolve("redis"));
                    LocalCluster cluster = start(folder.resolve("cluster"))) {
                return load(index, oracle, cluster, redisServer, folder);
            }
        } finally {
            new Folder(folder).delete();
        }
    }

    private LocalCluster start(Path directory) {
        return launcher.isEmpty()
                ? LocalCluster.start(directory, NODES, NODES)
                : LocalCluster.start(directory, NODES, NODES, launcher);
    }

    private boolean load(PackageIndex index, OracleServer oracle, LocalCluster cluster, Path redisServer, Path folder)
            throws IOException {
        say(
                "three nodes serve at 127.0.0.1:%d to %d; one is killed every %.0f s",
                cluster.port(0), cluster.port(NODES - 1), plan.killPeriodMillis() / 1e3);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(plan.seed());
        Ledger ledger = new Ledger(ticker.nanoTime());
        Killer killer = new Killer(cluster, random, ticker, plan.killPeriodMillis(), plan.killsMax());
        Load load = new Load(cluster, oracle, ledger, ticker);
        Thread killing = Thread.ofPlatform().daemon().name("kvasir-demo-killer").start(killer);
        long begin = ticker.nanoTime();
        Thread progress = Thread.ofPlatform()
                .daemon()
                .name("kvasir-demo-progress")
                .start(() -> report(load, ledger, killer, index.packages().size(), begin));
        int loaded = load.run(
                index, new PackageWrites(wallMillis + DEADLINE_MILLIS), begin + plan.loadSeconds() * 1_000_000_000L);
        long loadNanos = ticker.nanoTime() - begin;
        killer.stop();
        progress.interrupt();
        join(killing);
        say("loaded; comparing every key");
        Side ours = new Side(IntStream.range(0, NODES).mapToObj(cluster::port).toList(), 0);
        Side theirs = new Side(List.of(oracle.port()), 0);
        long compareBegin = ticker.nanoTime();
        KeyComparison.Result result = new KeyComparison(ours, theirs, ledger).run();
        long compareNanos = ticker.nanoTime() - compareBegin;
        Resources resources = Resources.of(cluster, oracle);
        say("compared; carrying all data through dump files both ways");
        int keysMax = ticker.nanoTime() - begin < COMPARE_ALL_NANOS ? Integer.MAX_VALUE : COMPARE_KEYS_MAX;
        FilePassage.Result carried =
                new FilePassage(redisServer, folder.resolve("files"), ticker).run(ours, theirs, oracle.file(), keysMax);
        Page page = new Page(
                index.packages().size(),
                loaded,
                loadNanos,
                ledger.counts(),
                killer.kills(),
                killer.longestStartNanos(),
                killer.failure(),
                result,
                compareNanos,
                carried,
                resources);
        out.println(page.text());
        return page.passed();
    }

    /** Prints a line now and then until interrupted. */
    private void report(Load load, Ledger ledger, Killer killer, int packages, long begin) {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(PROGRESS_NANOS);
                Ledger.Counts counts = ledger.counts();
                say(
                        "%4.0f s  %,d of %,d packages, %,d writes acknowledged, %d kills, %d unknown outcomes",
                        (ticker.nanoTime() - begin) / 1e9,
                        Math.min(load.taken(), packages),
                        packages,
                        counts.acknowledged(),
                        killer.kills(),
                        counts.open());
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }

    private static void join(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }
}
