package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.raft.StateMachine.AppliedState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ThreeStoresTest {

    @TempDir
    private Path directory;

    @Test
    void electReplicateLoseTheLeaderAndRestartWithoutLossOrRepetition() throws Exception {
        try (Cluster cluster = new Cluster(directory, 3)) {
            cluster.stores().getFirst().host.campaign(Cluster.REGION);
            Cluster.Store leader = cluster.awaitLeader();
            assertEquals(new StoreId(1), leader.replica.store());
            List<String> all = propose(leader, "a", 1_000);
            for (Cluster.Store store : cluster.stores()) {
                store.ledger.await(1_000, 10_000);
                assertEquals(all, store.ledger.texts());
            }

            long killedAt = System.nanoTime();
            ReplicaId dead = leader.replica;
            AppliedState deadState = leader.kill();
            List<String> firstRun = leader.ledger.texts();
            Cluster.Store next = cluster.awaitLeader();
            long millis = (System.nanoTime() - killedAt) / 1_000_000;
            assertTrue(millis <= 4_000, "new leader after " + millis + " ms");
            System.out.println("new leader after " + millis + " ms");
            List<String> more = propose(next, "b", 100);
            all.addAll(more);

            Cluster.Store back = cluster.start(dead, new Ledger(deadState));
            back.ledger.await(100, 10_000);
            List<String> both = new ArrayList<>(firstRun);
            both.addAll(back.ledger.texts());
            assertEquals(all, both);
            for (Cluster.Store store : cluster.stores()) {
                if (store != back) {
                    store.ledger.await(all.size(), 10_000);
                    assertEquals(all, store.ledger.texts());
                }
            }
            // What came back did not disturb the new leader.
            assertTrue(next.group.leaderTerm() != 0);
            assertEquals(1, next.ledger.leaderships());
            assertEquals(List.of(), cluster.faults());
        }
    }

    @Test
    void restartAsAWholeAndReplayWhatWasNotFlushed() throws Exception {
        List<String> all;
        List<ReplicaId> replicas = new ArrayList<>();
        try (Cluster cluster = new Cluster(directory, 3)) {
            cluster.stores().getFirst().host.campaign(Cluster.REGION);
            all = propose(cluster.awaitLeader(), "a", 200);
            for (Cluster.Store store : cluster.stores()) {
                store.ledger.await(200, 10_000);
                replicas.add(store.replica);
            }
        }
        try (Cluster cluster = new Cluster(directory, 3)) {
            // Nobody is told to campaign: all are bound for a guard time, then the lowest store stands.
            Cluster.Store leader = cluster.awaitLeader();
            all.addAll(propose(leader, "b", 10));
            for (Cluster.Store store : cluster.stores()) {
                store.ledger.await(210, 10_000);
                assertEquals(all, store.ledger.texts());
            }
        }
    }

    @Test
    void aLeaderHoldsALeaseAndHandsItOver() throws Exception {
        try (Cluster cluster = new Cluster(directory, 3)) {
            cluster.stores().getFirst().host.campaign(Cluster.REGION);
            Cluster.Store leader = cluster.awaitLeader();
            long term = leader.group.leaderTerm();
            Await.until(() -> leader.group.holdsLease(term), "lease is held");
            CompletableFuture<Boolean> confirmed = new CompletableFuture<>();
            leader.group.confirmLeadership(term, confirmed::complete);
            assertTrue(confirmed.get(2, TimeUnit.SECONDS));
            propose(leader, "a", 10);

            Cluster.Store target = cluster.stores().getLast();
            target.ledger.await(10, 10_000);
            long from = System.nanoTime();
            CompletableFuture<Boolean> transferred = new CompletableFuture<>();
            leader.group.transferLeadership(target.replica.store(), transferred::complete);
            Await.until(() -> target.group.leaderTerm() > term, "leadership was transferred");
            System.out.println("transferred after " + (System.nanoTime() - from) / 1_000_000 + " ms");
            assertTrue(transferred.get(2, TimeUnit.SECONDS));
            assertFalse(leader.group.holdsLease(term));
            long next = target.group.leaderTerm();
            Await.until(() -> target.group.holdsLease(next), "lease is held by the new leader");
            CompletableFuture<Boolean> refused = new CompletableFuture<>();
            leader.group.confirmLeadership(term, refused::complete);
            assertFalse(refused.get(2, TimeUnit.SECONDS));
        }
    }

    @Test
    void aLeaderIsGivenAwayWhileANewReplicaThatStallsIsBroughtUpToDate() throws Exception {
        try (Cluster cluster = new Cluster(directory, 3)) {
            cluster.stores().getFirst().host.campaign(Cluster.REGION);
            Cluster.Store leader = cluster.awaitLeader();
            long term = leader.group.leaderTerm();
            List<String> all = propose(leader, "a", 10);
            Cluster.Store joining = cluster.start(new ReplicaId(new StoreId(4), 2), new Ledger());
            joining.disk.stall();
            List<ReplicaId> voters =
                    List.of(cluster.stores().get(0).replica, cluster.stores().get(1).replica, joining.replica);
            leader.host.changeVoters(Cluster.REGION, voters);
            Await.until(() -> leader.host.settledVoters(Cluster.REGION).isEmpty(), "the change is under way");
            all.addAll(propose(leader, "b", 10)); // it decides nothing before it is up to date

            Cluster.Store target = cluster.stores().get(1);
            target.ledger.await(20, 10_000);
            CompletableFuture<Boolean> transferred = new CompletableFuture<>();
            leader.group.transferLeadership(target.replica.store(), transferred::complete);
            assertTrue(transferred.get(2, TimeUnit.SECONDS));
            Await.until(() -> target.group.leaderTerm() > term, "leadership was given away");
            assertFalse(leader.group.holdsLease(term));
            all.addAll(propose(target, "c", 10));
            joining.disk.goOn();
            Await.until(
                    () -> {
                        target.host.changeVoters(Cluster.REGION, voters);
                        return target.host
                                .settledVoters(Cluster.REGION)
                                .filter(voters::equals)
                                .isPresent();
                    },
                    "whoever leads next ends the change");
            joining.ledger.await(30, 10_000);
            assertEquals(all, joining.ledger.texts());
            assertEquals(List.of(), cluster.faults());
        }
    }

    private static List<String> propose(Cluster.Store leader, String prefix, int count) throws InterruptedException {
        List<String> proposed = new ArrayList<>();
        int before = leader.ledger.size();
        while (proposed.size() < count) {
            String text = prefix + proposed.size();
            if (leader.group.propose(text.getBytes(), leader.group.leaderTerm())) {
                proposed.add(text);
            } else {
                leader.ledger.await(before + proposed.size(), 5_000);
            }
        }
        return proposed;
    }
}
