package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.store.disk.RealDisk;
import io.kvasir.store.log.GroupLog;
import io.kvasir.store.log.LogEngine;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SingleVoterTest {

    private static final RegionId REGION = new RegionId(7);
    private static final ReplicaId SELF = new ReplicaId(new StoreId(1), 1);

    @TempDir
    private Path directory;

    @Test
    void leadsAtOnceAndAppliesWhatIsProposed() throws Exception {
        try (Store store = new Store(new Ledger())) {
            long term = Await.leader(store.group);
            assertTrue(store.group.holdsLease(term));
            assertTrue(store.group.propose("a".getBytes(), term));
            assertTrue(store.group.propose("b".getBytes(), term));
            store.ledger.await(2, 5_000);
            assertEquals(List.of("a", "b"), store.ledger.texts());
            CompletableFuture<Boolean> confirmed = new CompletableFuture<>();
            store.group.confirmLeadership(term, confirmed::complete);
            assertTrue(confirmed.get(1, TimeUnit.SECONDS));
            assertEquals(SELF.store(), store.group.leader().orElseThrow());
        }
    }

    @Test
    void refusesAProposalOfAnotherTerm() throws Exception {
        try (Store store = new Store(new Ledger())) {
            long term = Await.leader(store.group);
            assertFalse(store.group.propose("old".getBytes(), term - 1));
            assertFalse(store.group.propose("new".getBytes(), term + 1));
            assertTrue(store.group.propose("now".getBytes(), term));
            store.ledger.await(1, 5_000);
            assertEquals(List.of("now"), store.ledger.texts());
        }
    }

    @Test
    void replaysAfterARestartExactlyWhatTheStateLacks() throws Exception {
        AppliedState applied;
        try (Store store = new Store(new Ledger())) {
            long term = Await.leader(store.group);
            for (int i = 0; i < 100; i++) {
                assertTrue(store.group.propose(("e" + i).getBytes(), term));
            }
            store.ledger.await(100, 5_000);
            StateMachine.Committed at = store.ledger.applied().get(59);
            applied = new AppliedState(at.index(), at.term());
        }
        try (Store store = new Store(new Ledger(applied))) {
            long term = Await.leader(store.group);
            assertEquals(40, store.ledger.size());
            assertEquals("e60", store.ledger.texts().getFirst());
            assertEquals("e99", store.ledger.texts().getLast());
            assertTrue(store.group.propose("after".getBytes(), term));
            store.ledger.await(41, 5_000);
        }
    }

    @Test
    void dropsTheLogAsFarAsItIsFlushedAndStillKnowsItsVoters() throws Exception {
        AppliedState applied;
        try (Store store = new Store(new Ledger())) {
            long term = Await.leader(store.group);
            for (int i = 0; i < 2; i++) {
                fill(store, term, (int) LogRetention.DEFAULT.truncateEntries());
                truncate(store);
            }
            assertEquals(1, store.log().firstIndex(), "nothing is flushed");
            long flushed = store.ledger.applied().get(15_000).index();
            store.ledger.flushed(flushed);
            fill(store, term, (int) LogRetention.DEFAULT.truncateEntries());
            truncate(store);
            Await.until(() -> store.log().firstIndex() == flushed + 1, "the log is cut");
            StateMachine.Committed at = store.ledger.applied().get(15_000);
            applied = new AppliedState(at.index(), at.term());
        }
        // The only configuration entry was the first entry of the log, which is gone.
        try (Store store = new Store(new Ledger(applied), List.of())) {
            Await.leader(store.group);
            store.ledger.await(44_999, 10_000);
            assertEquals(44_999, store.ledger.size());
        }
    }

    private static void truncate(Store store) {
        AtomicBoolean done = new AtomicBoolean();
        Await.until(
                () -> {
                    // The last batch may not be counted yet.
                    ((JRaftGroup) store.group).truncateLog(() -> done.set(true));
                    return done.get();
                },
                "truncation is done");
    }

    private static void fill(Store store, long term, int count) throws InterruptedException {
        int before = store.ledger.size();
        int proposed = 0;
        while (proposed < count) {
            if (store.group.propose(new byte[1], term)) {
                proposed++;
            } else {
                store.ledger.await(Math.max(0, before + proposed - 100), 10_000);
            }
        }
        store.ledger.await(before + count, 10_000);
    }

    /** One store with one group on a real directory. */
    private final class Store implements AutoCloseable {

        private final LogEngine logs;
        private final Link link = new MemoryNetwork().join(SELF.store());
        private final RaftHost host;
        private final Ledger ledger;
        private final RaftGroup group;

        Store(Ledger ledger) throws Exception {
            this(ledger, List.of(SELF));
        }

        Store(Ledger ledger, List<ReplicaId> voters) throws Exception {
            this.ledger = ledger;
            this.logs = LogEngine.open(new RealDisk(), directory, Await.LOG, fault -> {
                throw new AssertionError(fault);
            });
            this.host = new RaftHost(
                    link, logs, System::nanoTime, System::currentTimeMillis, LeaseSettings.PRODUCTION, fault -> {
                        throw new AssertionError(fault);
                    });
            if (logs.find(REGION).isEmpty()) {
                logs.create(REGION, SELF.incarnation(), new byte[0]);
            }
            this.group = host.start(REGION, SELF, voters, RaftHost.Origin.PLACED, ledger);
        }

        GroupLog log() {
            return logs.find(REGION).orElseThrow();
        }

        @Override
        public void close() {
            host.close();
            link.close();
            logs.close();
        }
    }
}
