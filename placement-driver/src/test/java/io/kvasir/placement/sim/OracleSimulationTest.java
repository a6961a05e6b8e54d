package io.kvasir.placement.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.time.TimestampSource;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The oracle under crashes, pauses, partitions, transfers and clock jumps: a timestamp asked for after another's was
 * received is larger, and no timestamp is received that is at or above a bound still in use.
 */
final class OracleSimulationTest {

    private static final long SECOND = 1_000 * World.MILLI;
    private static final int REPLICAS = 3;
    private static final int OTHERS = 2;

    @TempDir
    private Path directory;

    /** A history broke a promise. */
    private static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1;

        Violation(String what) {
            super(what);
        }
    }

    /** One run from one seed. */
    private static final class Run {
        final World world;
        final Cluster cluster;
        final Set<Long> seen = new HashSet<>();
        long largest;
        int issued;
        int unavailable;
        int boundsUsed;

        Run(long seed, Path directory, Consensus.Fault fault) {
            world = new World(seed);
            cluster = new Cluster(world, directory.resolve(fault + "-" + seed), REPLICAS, OTHERS, fault);
        }

        void run(int seconds) {
            for (long store = 1; store <= REPLICAS + OTHERS; store++) {
                useFrom(new StoreId(store));
            }
            for (long store = 1; store <= REPLICAS; store++) {
                cluster.node(store).process().pauseInTasks(3_000, () -> {
                    if (world.oneIn(2)) {
                        cluster.consensus().transfer();
                    }
                });
            }
            world.after(3 * SECOND, this::disturb);
            world.runFor(seconds * SECOND);
        }

        /** Fetches now and then, and reads the bound. */
        private void useFrom(StoreId store) {
            Cluster.Node node = cluster.node(store.value());
            world.at(node.process(), world.nowNanos() + world.millisBetween(0.1, 60), () -> {
                for (int i = world.random.nextInt(3); i >= 0; i--) {
                    fetch(node.timestamps);
                }
            });
            world.at(node.process(), world.nowNanos() + world.millisBetween(0.1, 60), () -> readBound(node));
            world.after(world.millisBetween(5, 100), () -> useFrom(store));
        }

        private void fetch(TimestampSource source) {
            long before = largest;
            source.fetch(timestamp -> {
                if (timestamp == TimestampSource.UNAVAILABLE) {
                    unavailable++;
                    return;
                }
                issued++;
                require(timestamp > before, "timestamp not larger than one received before it was asked for");
                require(seen.add(timestamp), "timestamp issued twice");
                largest = Math.max(largest, timestamp);
                long error = Timestamp.millis(timestamp) - Process.GENESIS_MILLIS - world.nowNanos() / World.MILLI;
                require(Math.abs(error) < 120_000, "the oracle followed a clock that jumped");
            });
        }

        private void readBound(Cluster.Node node) {
            long bound = node.timestamps.bound();
            if (bound != 0) {
                boundsUsed++;
                for (Cluster.Node other : cluster.nodes()) {
                    require(other.timestamps.newestIssued() < bound, "timestamp at or above a bound in use");
                }
            }
        }

        private void disturb() {
            StoreId store = new StoreId(1 + world.random.nextInt(REPLICAS));
            StoreId leader = cluster.consensus().leaderStore().orElse(store);
            switch (world.random.nextInt(8)) {
                case 0 -> cluster.restart(world.oneIn(2) ? leader : store);
                case 1 -> cluster.isolate(world.oneIn(2) ? leader : store);
                case 2, 3 -> cluster.isolateReplica(leader);
                case 4 -> cluster.node(leader.value()).process().pause(world.millisBetween(10, 6_000));
                case 5 -> cluster.consensus().transfer();
                case 6 -> jumpOneClock(store);
                default -> cluster.heal();
            }
            world.after(world.millisBetween(100, 4_000), cluster::heal);
            world.after(world.millisBetween(50, 5_000), this::disturb);
        }

        /** One clock at a time is wrong by an hour. */
        private void jumpOneClock(StoreId store) {
            cluster.nodes().forEach(node -> node.process().setWallErrorMillis(world.random.nextInt(-50, 50)));
            cluster.node(store.value()).process().setWallErrorMillis(world.oneIn(2) ? 3_600_000 : -3_600_000);
        }

        private static void require(boolean holds, String what) {
            if (!holds) {
                throw new Violation(what);
            }
        }
    }

    @Test
    void timestampsIncreaseInRealTimeAndBoundsHoldUnderFaults() {
        runWhole(1, 12);
    }

    @Test
    @Tag("simulation")
    void timestampsIncreaseInRealTimeAndBoundsHoldUnderFaultsOverManySeeds() {
        runWhole(1_000, 400);
    }

    private void runWhole(long firstSeed, int seeds) {
        int issued = 0;
        int bounds = 0;
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            Run run = new Run(seed, directory, Consensus.Fault.NONE);
            try {
                run.run(60);
            } catch (Violation | AssertionError broken) {
                throw new AssertionError("seed " + seed + " at " + run.world.nowNanos() / World.MILLI + " ms", broken);
            }
            assertTrue(run.issued > 500, "seed " + seed + " issued only " + run.issued);
            issued += run.issued;
            bounds += run.boundsUsed;
        }
        assertTrue(bounds > issued / 10, "bounds were hardly ever known: " + bounds);
    }

    @Test
    void theSameSeedMakesTheSameHistory() {
        Run one = new Run(7, directory.resolve("a"), Consensus.Fault.NONE);
        Run two = new Run(7, directory.resolve("b"), Consensus.Fault.NONE);
        one.run(20);
        two.run(20);
        assertEquals(one.seen, two.seen);
        assertEquals(one.largest, two.largest);
    }

    @Test
    void anUncheckedLeaseIsNoticed() {
        assertThrows(Violation.class, () -> runSeeds(Consensus.Fault.LEASE_UNCHECKED));
    }

    @Test
    void aWindowThatIsNotOnDiskAtAMajorityIsNoticed() {
        assertThrows(Violation.class, () -> runSeeds(Consensus.Fault.LOG_NOT_REPLICATED));
    }

    private void runSeeds(Consensus.Fault fault) {
        for (long seed = 1; seed <= 20; seed++) {
            new Run(seed, directory, fault).run(60);
        }
    }
}
