package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes are killed while clients wait for jobs at all of them: each job is given to one of them. */
@Tag("kill")
final class JobKillTest {

    private static final int CLIENTS_OF_A_KIND = 4;
    private static final long PROGRESS_MILLIS_MAX = 120_000;

    @TempDir
    private Path folder;

    @Test
    void k31EveryJobIsGivenToOneOfThoseWhoWait() throws IOException {
        Seed seed = Seed.of(2);
        RandomGenerator random = seed.random();
        try (Cluster cluster = new Cluster(folder, 3, 3);
                JobQueues jobs = new JobQueues()) {
            cluster.startAll();
            jobs.start(cluster.nodes(), CLIENTS_OF_A_KIND, random);
            awaitProgress(cluster, jobs, seed);
            for (int round = 0; round < seed.rounds(); round++) {
                NodeProcess victim = cluster.node(random.nextInt(3));
                System.out.println("round " + round + " kills " + victim + " at " + jobs);
                victim.kill();
                Pause.millis(random.nextInt(seed.pauseMillisMax()));
                cluster.startAll();
                awaitProgress(cluster, jobs, seed);
            }
            jobs.stop();
            assertTrue(
                    Pause.until(PROGRESS_MILLIS_MAX, () -> {
                        try {
                            jobs.account(cluster.node(0));
                            return true;
                        } catch (IOException notYet) {
                            return false;
                        }
                    }),
                    () -> seed + cluster.tails());
            System.out.println("jobs: " + seed + " " + jobs);
            assertEquals(0, jobs.violations().size(), () -> seed + " " + jobs.violations() + cluster.tails());
            cluster.requireEqualReplicas();
            cluster.requireNoFault();
        }
    }

    private static void awaitProgress(Cluster cluster, JobQueues jobs, Seed seed) {
        long before = jobs.served();
        assertTrue(
                Pause.until(PROGRESS_MILLIS_MAX, () -> jobs.served() > before + 200),
                () -> "no progress " + seed + " " + jobs + cluster.tails());
    }
}
