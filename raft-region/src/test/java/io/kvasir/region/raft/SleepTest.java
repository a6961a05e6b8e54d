package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.store.disk.RealDisk;
import io.kvasir.store.log.LogEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Idle groups sleep, and whatever matters wakes them (rule K37). Three stores, two groups, both led by the first. */
@Timeout(60)
final class SleepTest {

    private static final RegionId REGION = new RegionId(11);
    private static final RegionId OTHER = new RegionId(12);

    @TempDir
    private Path directory;

    private final MemoryNetwork network = new MemoryNetwork();
    private final List<Store> stores = new ArrayList<>();
    private final List<Throwable> halts = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        stores.forEach(Store::close);
        assertEquals(List.of(), halts);
    }

    @Test
    void idleGroupsSendNothingOfTheirOwn() throws Exception {
        sleeping();
        AtomicInteger beats = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        network.filter((to, bytes) -> {
            (isEmptyBeat(bytes) ? beats : others).incrementAndGet();
            return true;
        });
        // Every store tells the two others that it lives, for all groups at once.
        Await.until(() -> beats.get() >= 18, "stores give signs of life");
        assertEquals(0, others.get());
        assertTrue(stores.stream().allMatch(store -> store.host.awakeGroups() == 0));
    }

    @Test
    void aSleepingLeaderHasNoLeaseAndNeedsAMajorityToRead() throws Exception {
        long term = sleeping();
        JRaftGroup leader = stores.getFirst().group();
        Await.until(() -> !leader.lease().holds(term, System.nanoTime()), "the lease has run out");
        network.isolate(new StoreId(1));
        assertFalse(leader.holdsLease(term));
        CompletableFuture<Boolean> alone = new CompletableFuture<>();
        leader.confirmLeadership(term, alone::complete);
        assertFalse(alone.get(5, TimeUnit.SECONDS));
        network.heal(new StoreId(1));
        CompletableFuture<Boolean> again = new CompletableFuture<>();
        leader.confirmLeadership(term, again::complete);
        assertTrue(again.get(5, TimeUnit.SECONDS));
    }

    @Test
    void aReadWakesALeaderWhichRenewsItsLease() throws Exception {
        long term = sleeping();
        RaftGroup leader = stores.getFirst().group;
        Await.until(() -> !stores.getFirst().group().lease().holds(term, System.nanoTime()), "the lease has run out");
        assertFalse(leader.holdsLease(term));
        assertFalse(stores.getFirst().group().isAsleep());
        Await.until(() -> stores.getFirst().group().lease().holds(term, System.nanoTime()), "the lease is renewed");
        // The neighbour sleeps on.
        assertEquals(1, stores.getFirst().host.awakeGroups());
    }

    @Test
    void aProposalWakesAllReplicasAndIsAppliedByAll() throws Exception {
        long term = sleeping();
        assertTrue(stores.getFirst().group.propose("a".getBytes(), term));
        for (Store store : stores) {
            // Without a clock that looks after the leader, followers would hear of the commit at the next heartbeat.
            store.ledger.await(1, 3_000);
            assertFalse(store.group().isAsleep());
        }
        Await.until(() -> stores.stream().allMatch(store -> store.host.awakeGroups() == 0), "all sleep again");
    }

    @Test
    void theLossOfAStoreWakesTheGroupsItLedInTime() throws Exception {
        long term = sleeping();
        long from = System.nanoTime();
        network.isolate(new StoreId(1));
        for (RegionId region : List.of(REGION, OTHER)) {
            Await.until(
                    () -> stores.stream()
                            .skip(1)
                            .anyMatch(store -> store.group(region).leaderTerm() > term),
                    "another store leads " + region);
        }
        long millis = (System.nanoTime() - from) / 1_000_000;
        assertTrue(millis <= 3_000, "led again after " + millis + " ms");
    }

    @Test
    void theSilenceOfAStoreWakesTheGroupsItLedThoughItsLinkIsUp() throws Exception {
        long term = sleeping();
        network.filter((to, bytes) -> false);
        stores.getFirst().host.close();
        network.filter((to, bytes) -> !to.equals(new StoreId(1)));
        for (RegionId region : List.of(REGION, OTHER)) {
            Await.until(
                    () -> stores.stream()
                            .skip(1)
                            .anyMatch(store -> store.group(region).leaderTerm() > term),
                    "another store leads " + region);
        }
    }

    @Test
    void whoMissesALeaderWakesTheOthers() throws Exception {
        sleeping();
        byte[] poll = new LeaseFrame(LeaseFrame.Kind.POLL, List.of(new LeaseFrame.Item(REGION, 1, 1, false))).encode();
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        stores.getLast().link.send(new StoreId(2), Link.Channel.LEASE, poll, 1_000, (r, f) -> answer.complete(r));
        answer.get(5, TimeUnit.SECONDS);
        assertFalse(stores.get(1).group().isAsleep());
    }

    @Test
    void aTransferMovesASleepingGroup() throws Exception {
        long term = sleeping();
        stores.getFirst().group.transferLeadership(new StoreId(3), done -> {});
        Await.until(() -> stores.getLast().group.leaderTerm() > term, "leadership was transferred");
        assertEquals(term, stores.getFirst().group(OTHER).leaderTerm());
    }

    /** Opens three stores, the first of which leads both groups, and waits until all replicas sleep. */
    private long sleeping() throws Exception {
        for (int i = 1; i <= 3; i++) {
            stores.add(new Store(i));
        }
        stores.getFirst().host.campaign(REGION);
        stores.getFirst().host.campaign(OTHER);
        long term = Await.leader(stores.getFirst().group);
        Await.until(() -> stores.stream().allMatch(store -> store.host.awakeGroups() == 0), "all sleep");
        assertEquals(term, Await.leader(stores.getFirst().group));
        return term;
    }

    private static boolean isEmptyBeat(byte[] bytes) {
        try {
            return LeaseFrame.decode(bytes).items().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private final class Store implements AutoCloseable {

        private final Link link;
        private final LogEngine logs;
        private final RaftHost host;
        private final Ledger ledger = new Ledger();
        private final RaftGroup group;
        private final RaftGroup other;

        Store(int number) throws IOException {
            StoreId store = new StoreId(number);
            link = network.join(store);
            logs = LogEngine.open(new RealDisk(), directory.resolve("s" + number), Await.LOG, halts::add);
            host = new RaftHost(
                    link,
                    logs,
                    System::nanoTime,
                    System::currentTimeMillis,
                    LeaseSettings.PRODUCTION,
                    RaftHost.IDLE_MILLIS_MIN,
                    halts::add);
            group = start(REGION, store, ledger);
            other = start(OTHER, store, new Ledger());
        }

        private RaftGroup start(RegionId region, StoreId store, Ledger machine) {
            logs.create(region, 1, new byte[0]);
            List<ReplicaId> voters = List.of(
                    new ReplicaId(new StoreId(1), 1),
                    new ReplicaId(new StoreId(2), 1),
                    new ReplicaId(new StoreId(3), 1));
            return host.start(region, new ReplicaId(store, 1), voters, RaftHost.Origin.PLACED, machine);
        }

        JRaftGroup group() {
            return (JRaftGroup) group;
        }

        RaftGroup group(RegionId region) {
            return region.equals(REGION) ? group : other;
        }

        @Override
        public void close() {
            host.close();
            link.close();
            logs.close();
        }
    }
}
