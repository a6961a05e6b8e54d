package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store whose disk stalls loses its leaders, and the others go on (rule K37). */
@Timeout(60)
final class StallTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long TICK = LeaseExchange.TICK_MILLIS * 1_000_000L;

    @TempDir
    private Path directory;

    @Test
    void k37AStoreWhoseDiskStallsLosesItsLeadersAndTheOthersGoOn() throws Exception {
        try (Cluster cluster = new Cluster(directory, 3)) {
            cluster.stores().getFirst().host.campaign(Cluster.REGION);
            Cluster.Store leader = cluster.awaitLeader();
            long term = leader.group.leaderTerm();
            List<String> all = propose(leader, "a", 10);
            for (Cluster.Store store : cluster.stores()) {
                store.ledger.await(10, 10_000);
            }

            long from = System.nanoTime();
            leader.disk.stall();
            all.addAll(propose(leader, "b", 1)); // its log has something to write now
            List<Cluster.Store> others =
                    cluster.stores().stream().filter(store -> store != leader).toList();
            Await.until(() -> others.stream().anyMatch(store -> store.group.leaderTerm() > term), "another leads");
            System.out.println("disk stalls: another leads after " + (System.nanoTime() - from) / 1_000_000 + " ms");
            assertEquals(0, leader.group.leaderTerm());
            assertFalse(leader.group.holdsLease(term));
            assertFalse(leader.group.propose("nobody".getBytes(), term));
            Cluster.Store next = others.stream()
                    .filter(store -> store.group.leaderTerm() > term)
                    .findFirst()
                    .orElseThrow();
            all.addAll(propose(next, "c", 20));
            for (Cluster.Store store : others) {
                store.ledger.await(all.size(), 10_000);
                assertEquals(all, store.ledger.texts());
            }

            leader.disk.goOn();
            leader.ledger.await(all.size(), 10_000);
            assertEquals(all, leader.ledger.texts());
            assertTrue(next.group.leaderTerm() > term);
            assertEquals(List.of(), cluster.faults());
        }
    }

    @Test
    void aLeaderWhoseDiskGoesOnBeforeAnotherCouldBeElectedLeadsInANewTerm() throws Exception {
        try (Cluster cluster = new Cluster(directory, 3)) {
            cluster.stores().getFirst().host.campaign(Cluster.REGION);
            Cluster.Store leader = cluster.awaitLeader();
            long term = leader.group.leaderTerm();
            List<String> all = propose(leader, "a", 1);
            leader.disk.stall();
            all.addAll(propose(leader, "b", 1));
            Await.until(() -> leader.group.leaderTerm() == 0, "leadership is given up");
            leader.disk.goOn();
            Await.until(() -> cluster.awaitLeader().group.leaderTerm() > term, "somebody leads again");
            all.addAll(propose(cluster.awaitLeader(), "c", 1));
            for (Cluster.Store store : cluster.stores()) {
                store.ledger.await(3, 10_000);
                assertEquals(all, store.ledger.texts());
            }
            assertEquals(List.of(), cluster.faults());
        }
    }

    @Test
    void aFollowerWhoseDiskStallsCostsNoLeadership() throws Exception {
        try (Cluster cluster = new Cluster(directory, 3)) {
            cluster.stores().getFirst().host.campaign(Cluster.REGION);
            Cluster.Store leader = cluster.awaitLeader();
            long term = leader.group.leaderTerm();
            Cluster.Store stalled = cluster.stores().getLast();
            List<String> all = propose(leader, "a", 1);
            stalled.ledger.await(1, 10_000);
            stalled.disk.stall();
            all.addAll(propose(leader, "b", 1));
            Await.until(stalled.host::isStalled, "the stall is seen");
            all.addAll(propose(leader, "c", 5));
            leader.ledger.await(all.size(), 10_000);
            assertEquals(term, leader.group.leaderTerm());
            Await.until(() -> leader.group.holdsLease(term), "the lease is held with the third");
            stalled.disk.goOn();
            stalled.ledger.await(all.size(), 10_000);
            assertEquals(all, stalled.ledger.texts());
            assertEquals(term, leader.group.leaderTerm());
        }
    }

    @Test
    void workThatWaitsForTooLongWithoutProgressIsAStall() {
        StallWatch watch = new StallWatch(SECOND, 0);
        long now = 0;
        for (int i = 0; i < 10; i++) {
            now += TICK;
            assertFalse(watch.stalled(now, true, 7));
        }
        now += 2 * TICK;
        assertTrue(watch.stalled(now, true, 7));
        assertFalse(watch.stalled(now + TICK, true, 8));
        assertFalse(watch.stalled(now + 2 * TICK, false, 8));
    }

    @Test
    void theTimeInWhichTheProcessStoodStillIsNoStall() {
        StallWatch watch = new StallWatch(SECOND, 0);
        assertFalse(watch.stalled(TICK, true, 7));
        assertFalse(watch.stalled(100 * SECOND, true, 7));
    }

    private static List<String> propose(Cluster.Store leader, String prefix, int count) throws InterruptedException {
        List<String> proposed = new ArrayList<>();
        while (proposed.size() < count) {
            String text = prefix + proposed.size();
            Await.until(() -> leader.group.propose(text.getBytes(), leader.group.leaderTerm()), text + " is proposed");
            proposed.add(text);
        }
        return proposed;
    }
}
