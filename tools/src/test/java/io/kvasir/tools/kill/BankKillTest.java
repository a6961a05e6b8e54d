package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes with six ranges are killed while money moves over the ranges: every snapshot holds all of it. */
@Tag("kill")
final class BankKillTest {

    private static final int CLIENTS = 6;
    private static final long PROGRESS_MILLIS_MAX = 120_000;

    @TempDir
    private Path folder;

    @Test
    void everySnapshotHoldsAllTheMoney() throws IOException {
        Seed seed = Seed.of(2);
        RandomGenerator random = seed.random();
        try (Cluster cluster = new Cluster(folder, 3, 6);
                Bank bank = new Bank()) {
            cluster.startAll();
            bank.found(cluster.node(0));
            bank.start(cluster.nodes(), CLIENTS, random);
            awaitProgress(cluster, bank, seed);
            for (int round = 0; round < seed.rounds(); round++) {
                List<NodeProcess> victims = new ArrayList<>(cluster.nodes());
                while (victims.size() > (round % 3 == 1 ? 2 : 1)) {
                    victims.remove(random.nextInt(victims.size()));
                }
                System.out.println("round " + round + " kills " + victims + " at " + bank);
                victims.forEach(NodeProcess::kill);
                Pause.millis(random.nextInt(seed.pauseMillisMax()));
                cluster.startAll();
                awaitProgress(cluster, bank, seed);
                assertTrue(bank.violations().isEmpty(), () -> seed + " " + bank.violations() + cluster.tails());
            }
            bank.stop();
            cluster.nodes().forEach(node -> bank.lookLast(node, PROGRESS_MILLIS_MAX));
            System.out.println("bank: " + seed + " " + bank);
            assertEquals(List.of(), List.copyOf(bank.violations()), () -> seed + cluster.tails());
            cluster.requireEqualReplicas();
            cluster.requireNoFault();
        }
    }

    private static void awaitProgress(Cluster cluster, Bank bank, Seed seed) {
        long before = bank.done();
        assertTrue(
                Pause.until(PROGRESS_MILLIS_MAX, () -> bank.done() > before + 200),
                () -> "no progress " + seed + " " + bank + cluster.tails());
    }
}
