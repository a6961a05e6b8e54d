package io.kvasir.store.log;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.store.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs random changes of several groups on a simulated disk that stops, loses power or fails at random moments, and
 * compares what is found after each restart with a model: everything acknowledged is there, nothing is there that was
 * not asked for.
 *
 * <p>Run as a program with a seed and a number of seeds to go on with: {@code LogSimulation 17 10000}.
 */
final class LogSimulation {

    private static final Path DIRECTORY = Path.of("/log");
    private static final int REGIONS = 6;

    private final long seed;
    private final SplittableRandom random;
    private final SimulatedDisk disk;
    private final LogSettings settings;
    private final AtomicInteger faults = new AtomicInteger();
    private LogEngine engine;
    /** What is acknowledged. */
    private LogModel acknowledged = new LogModel();
    /** Acknowledged and asked for. */
    private LogModel asked = new LogModel();
    /** Changes asked for that are not acknowledged, oldest first. */
    private final List<LogModel.Step> unacknowledged = new ArrayList<>();

    private int restarts;
    private byte fill;

    LogSimulation(long seed) throws IOException {
        this.seed = seed;
        random = new SplittableRandom(seed);
        disk = new SimulatedDisk(random.nextLong());
        int segmentBytes = 4096 << random.nextInt(3);
        settings = new LogSettings(
                segmentBytes,
                1 + random.nextInt(8000),
                1 + random.nextInt(20_000),
                random.nextInt(4000),
                20_000,
                random.nextInt(3),
                1 + random.nextInt(3));
        engine = open();
    }

    static void main(String[] arguments) throws IOException {
        long first = Long.parseLong(arguments[0]);
        long count = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
        for (long seed = first; seed < first + count; seed++) {
            new LogSimulation(seed).run(12);
        }
        System.out.println("seeds " + first + ".." + (first + count - 1) + " hold");
    }

    /** Runs until {@code crashes} restarts have been survived. */
    void run(int crashes) throws IOException {
        try {
            while (restarts < crashes) {
                disturb();
                live(20 + random.nextInt(150));
                restart();
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ", restart " + restarts + ": " + e.getMessage(), e);
        }
    }

    /**
     * Makes {@code steps} changes, stops the machine at the {@code operation}-th disk operation among them, and expects
     * what was acknowledged.
     *
     * @return whether there were that many operations
     */
    boolean runWithCrashAt(long operation, int steps) throws IOException {
        disk.crashAfter(operation);
        live(steps);
        boolean crashed = disk.crashed();
        restart();
        return crashed;
    }

    private LogEngine open() throws IOException {
        return LogEngine.openInline(disk, DIRECTORY, settings, fault -> faults.incrementAndGet());
    }

    private void disturb() {
        switch (random.nextInt(8)) {
            case 0 -> disk.failSyncAfter(1 + random.nextInt(60));
            case 1 -> disk.capacity(disk.usedBytes() + random.nextInt(60_000));
            case 2 -> {}
            default -> disk.crashAfter(1 + random.nextInt(300));
        }
    }

    private void live(int steps) {
        faults.set(0);
        for (int i = 0; i < steps; i++) {
            try {
                step();
            } catch (LogFault stopped) {
                assertThat(faults.get() == 1, "the handler was called " + faults.get() + " times");
                assertThat(refusesWork(), "the engine takes work after a fault");
                return;
            }
        }
        try {
            engine.drain();
            if (engine.fault().isEmpty()) {
                expectSame(acknowledged);
            }
        } catch (LogFault stopped) {
            assertThat(faults.get() == 1, "the handler was called " + faults.get() + " times");
        }
    }

    private boolean refusesWork() {
        try {
            engine.destroy(new RegionId(31), 1, Epoch.FIRST);
            return false;
        } catch (LogFault expected) {
            return faults.get() == 1;
        }
    }

    /**
     * Restarts the machine or the process and expects what was acknowledged, and perhaps some of what was asked for.
     */
    private void restart() throws IOException {
        restarts++;
        while (true) {
            if (random.nextInt(5) == 0) {
                disk.processKill();
            } else {
                disk.powerCut();
            }
            disk.capacity(Long.MAX_VALUE);
            if (random.nextInt(3) == 0) {
                disk.crashAfter(1 + random.nextInt(40));
            }
            try {
                engine = open();
                break;
            } catch (SimulatedDisk.Crash again) {
                continue; // Stopped while starting: the next start must still find everything.
            }
        }
        disk.crashAfter(Long.MAX_VALUE / 2);
        String first = "";
        LogModel candidate = acknowledged.copy();
        for (int kept = 0; ; kept++) {
            String difference = candidate.difference(engine).orElse("");
            if (difference.isEmpty()) {
                break;
            }
            first = first.isEmpty() ? difference : first;
            if (kept == unacknowledged.size()) {
                throw new AssertionError("found neither what was acknowledged nor what was asked for: " + first
                        + "; at the end: " + difference + ", unacknowledged " + unacknowledged.size());
            }
            unacknowledged.get(kept).apply(candidate);
        }
        acknowledged = candidate;
        asked = candidate.copy();
        unacknowledged.clear();
    }

    private void expectSame(LogModel model) {
        model.difference(engine).ifPresent(difference -> {
            throw new AssertionError("while running: " + difference);
        });
    }

    /** Asks for a change that will be acknowledged when the call returns, with all asked for before. */
    private void change(LogModel.Step step, Runnable call) {
        ask(step);
        call.run();
        acknowledge(unacknowledged.size());
    }

    private void ask(LogModel.Step step) {
        unacknowledged.add(step);
        step.apply(asked);
    }

    private void acknowledge(int count) {
        for (int i = 0; i < count; i++) {
            unacknowledged.removeFirst().apply(acknowledged);
        }
    }

    private void step() {
        RegionId region = new RegionId(random.nextInt(REGIONS));
        LogModel.Group group = asked.live.get(region);
        if (group == null) {
            create(region);
            return;
        }
        GroupLog log = engine.find(region).orElseThrow();
        switch (random.nextInt(32)) {
            case 0 -> destroy(region, group);
            case 1 -> create(region);
            case 2, 3, 4 -> {
                HardState state = new HardState(
                        group.hardState.term() + random.nextInt(1, 3),
                        random.nextBoolean() ? null : new ReplicaId(new StoreId(random.nextInt(1, 4)), 1));
                change(model -> model.save(region, state), () -> log.saveHardState(state));
            }
            case 5, 6, 7 -> {
                long first = Math.max(1, group.next() - random.nextInt(-3, 20));
                change(model -> model.truncatePrefix(region, first), () -> log.truncatePrefix(first));
            }
            case 8, 9 -> {
                long last = Math.max(group.first - 1, group.next() - random.nextInt(0, 8));
                change(model -> model.truncateSuffix(region, last), () -> log.truncateSuffix(last));
            }
            case 10 -> {
                long next = random.nextInt(1, 1000);
                change(model -> model.reset(region, next), () -> log.reset(next));
            }
            case 11 -> install(region, group);
            case 12, 13 -> {
                engine.drain();
                if (engine.fault().isPresent()) {
                    throw engine.fault().get();
                }
                expectSame(acknowledged);
            }
            default -> append(region, group, log);
        }
    }

    private void append(RegionId region, LogModel.Group group, GroupLog log) {
        // Region 0 appends seldom and large, so that it pins old segments.
        if (region.value() == 0 && random.nextInt(3) > 0) {
            return;
        }
        List<Entry> entries = new ArrayList<>();
        long term = Math.max(group.lastTerm(), random.nextInt(10) == 0 ? group.lastTerm() + 1 : 1);
        int count = random.nextInt(1, 6);
        for (int i = 0; i < count; i++) {
            byte[] data = new byte[random.nextInt(20) == 0 ? random.nextInt(6000) : random.nextInt(300)];
            Arrays.fill(data, ++fill);
            entries.add(new Entry(term, (byte) (random.nextInt(12) == 0 ? 1 : 0), data));
        }
        long first = group.next();
        LogModel.Step step = model -> model.append(region, entries);
        if (random.nextInt(3) == 0) {
            change(step, () -> log.append(first, entries));
        } else {
            ask(step);
            log.append(first, entries, () -> acknowledge(unacknowledged.indexOf(step) + 1));
        }
    }

    private void create(RegionId region) {
        int incarnation = random.nextInt(1, 5) + restarts / 3;
        byte[] state = new byte[random.nextInt(100)];
        long next = random.nextInt(1, 10);
        HardState hardState = new HardState(random.nextInt(3), null);
        boolean liveBefore = asked.live.containsKey(region);
        Tombstone tombstone = asked.tombstones.get(region);
        change(model -> model.create(region, incarnation, state, next, hardState), () -> {
            boolean right =
                    switch (engine.create(region, incarnation, state, next, hardState)) {
                        case Creation.Created created ->
                            !liveBefore && created.log().firstIndex() == next;
                        case Creation.AlreadyLive live ->
                            liveBefore && live.log().region().equals(region);
                        case Creation.Destroyed destroyed ->
                            destroyed.tombstone().equals(tombstone) && tombstone.incarnation() >= incarnation;
                    };
            assertThat(right, "creation of " + region + ":" + incarnation);
        });
    }

    private void destroy(RegionId region, LogModel.Group group) {
        int incarnation = Math.max(1, group.incarnation + random.nextInt(-1, 2));
        Epoch epoch = new Epoch(random.nextInt(1, 9), random.nextInt(1, 9));
        change(
                model -> model.destroy(region, incarnation, epoch),
                () -> assertThat(
                        engine.destroy(region, incarnation, epoch) == incarnation >= group.incarnation,
                        "destruction of " + region));
    }

    private void install(RegionId region, LogModel.Group group) {
        if (group.mark == null) {
            InstallMark mark = random.nextBoolean() && !group.entries.isEmpty()
                    ? new InstallMark(group.next() - 1, group.lastTerm())
                    : new InstallMark(random.nextInt(1000), random.nextInt(10));
            change(
                    model -> model.live.get(region).mark = mark,
                    () -> engine.markInstalling(region, mark.index(), mark.term()));
        } else {
            InstallMark mark = group.mark;
            change(model -> model.installed(region), () -> engine.installed(region, mark.index(), mark.term()));
        }
    }

    private static void assertThat(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
