package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.store.disk.RealDisk;
import io.kvasir.store.log.GroupLog;
import io.kvasir.store.log.HardState;
import io.kvasir.store.log.LogEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The faults of SOFAJRaft that are fenced here, each seen where it would do its harm. */
@Timeout(60)
final class FenceTest {

    private static final RegionId REGION = new RegionId(11);

    @TempDir
    private Path directory;

    private final MemoryNetwork network = new MemoryNetwork();
    private final List<Store> stores = new ArrayList<>();
    private final List<Throwable> halts = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        stores.forEach(Store::close);
    }

    @Test
    void aVoteIsDurableBeforeItsRequestLeaves_1245() throws Exception {
        open(3);
        List<HardState> whenLeaving = Collections.synchronizedList(new ArrayList<>());
        network.filter((to, bytes) -> {
            vote(bytes)
                    .ifPresent(
                            request -> whenLeaving.add(stores.getFirst().log().hardState()));
            return true;
        });
        stores.getFirst().host.campaign(REGION);
        long term = Await.leader(stores.getFirst().group);
        assertFalse(whenLeaving.isEmpty());
        assertEquals(new HardState(term, replica(1)), whenLeaving.getLast());
        assertTrue(whenLeaving.stream().allMatch(state -> replica(1).equals(state.vote())), whenLeaving.toString());
    }

    @Test
    void whatCannotBeStoredIsNeverReportedAsARefusal_1243() throws Exception {
        open(1);
        Await.leader(stores.getFirst().group);
        GroupLog log = stores.getFirst().log();
        HardStateStorage storage = new HardStateStorage(log, new Fault(halts::add));
        stores.getFirst().close();
        assertThrows(IllegalStateException.class, () -> storage.setTermAndVotedFor(99, PeerNames.peer(replica(1))));
        assertEquals(1, halts.size());
    }

    @Test
    void whatThrowsWhileApplyingHaltsAndIsNotAppliedAgain_1246() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Ledger ledger = new Ledger() {
            @Override
            public synchronized void apply(List<Committed> entries) {
                if (entries.stream().anyMatch(entry -> new String(entry.data()).equals("bad"))) {
                    calls.incrementAndGet();
                    throw new IllegalArgumentException("bad entry");
                }
                super.apply(entries);
            }
        };
        stores.add(new Store(1, 1, ledger));
        RaftGroup group = stores.getFirst().group;
        long term = Await.leader(group);
        assertTrue(group.propose("good".getBytes(), term));
        ledger.await(1, 5_000);
        assertTrue(group.propose("bad".getBytes(), term));
        Await.until(() -> !halts.isEmpty(), "it halts");
        // In production the process is gone by now. Here nothing more may be accepted or applied.
        Await.until(() -> group.leaderTerm() == 0, "the group stops");
        assertFalse(group.propose("later".getBytes(), term));
        assertFalse(group.holdsLease(term));
        stores.getFirst().host.close();
        assertEquals(1, calls.get());
        assertEquals(List.of("good"), ledger.texts());
    }

    @Test
    void aVoterThatConfirmedALeaseVotesOnlyInATransfer() throws Exception {
        open(3);
        stores.getFirst().host.campaign(REGION);
        RaftGroup leader = stores.getFirst().group;
        long term = Await.leader(leader);
        Await.until(() -> leader.holdsLease(term), "lease is held");
        Store voter = stores.get(1);
        Await.until(() -> voter.group().gate().forbids(System.nanoTime()), "the voter has promised");
        assertFalse(requestVote(2, term + 1, false).getGranted());
        assertEquals(term, voter.log().hardState().term());
        assertTrue(requestVote(2, term + 1, true).getGranted());
    }

    @Test
    void aCandidateObeysItsOwnPromise() throws Exception {
        open(3);
        stores.getFirst().host.campaign(REGION);
        RaftGroup leader = stores.getFirst().group;
        long term = Await.leader(leader);
        JRaftGroup candidate = stores.get(1).group();
        Await.until(() -> candidate.gate().forbids(System.nanoTime()), "the candidate has promised");
        AtomicInteger left = new AtomicInteger();
        network.filter((to, bytes) -> {
            vote(bytes).ifPresent(request -> left.incrementAndGet());
            return true;
        });
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        RequestVoteRequest request = request(2, 3, term + 1);
        candidate.send(replica(3), request, (result, error) -> refused.complete(error), 1_000);
        assertTrue(refused.get(5, TimeUnit.SECONDS).getMessage().contains("promise"));
        candidate.stand();
        assertEquals(0, left.get());
        assertEquals(term, stores.get(1).log().hardState().term());
    }

    @Test
    void theLeaseIsBurnedBeforeTimeoutNowLeaves() throws Exception {
        open(3);
        stores.getFirst().host.campaign(REGION);
        RaftGroup leader = stores.getFirst().group;
        long term = Await.leader(leader);
        Await.until(() -> leader.holdsLease(term), "lease is held");
        CompletableFuture<Boolean> heldWhenLeaving = new CompletableFuture<>();
        network.filter((to, bytes) -> {
            if (message(bytes) instanceof TimeoutNowRequest) {
                heldWhenLeaving.complete(stores.getFirst().group().lease().holds(term, System.nanoTime()));
                // It is lost: the transfer fails, and the leader must win a new term to have a lease again.
                return false;
            }
            return true;
        });
        CompletableFuture<Boolean> transferred = new CompletableFuture<>();
        leader.transferLeadership(new StoreId(3), transferred::complete);
        assertFalse(heldWhenLeaving.get(10, TimeUnit.SECONDS));
        Await.until(
                () -> stores.stream().anyMatch(store -> store.group.leaderTerm() > term),
                "somebody leads in a new term");
        assertFalse(leader.holdsLease(term));
        assertFalse(transferred.get(10, TimeUnit.SECONDS));
    }

    private void open(int count) throws IOException {
        for (int i = 1; i <= count; i++) {
            stores.add(new Store(i, count, new Ledger()));
        }
    }

    /** Asks {@code store} for its vote, as store 3 would. */
    private RequestVoteResponse requestVote(int store, long term, boolean transfer) throws Exception {
        RaftFrame frame = new RaftFrame(RaftFrame.Kind.VOTE, transfer, REGION, 1, request(3, store, term));
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        stores.get(2)
                .link
                .send(
                        new StoreId(store),
                        Link.Channel.RAFT,
                        frame.encode(),
                        5_000,
                        (response, failure) -> answer.complete(response));
        return (RequestVoteResponse) RaftFrame.decodeAnswer(RaftFrame.Kind.VOTE, answer.get(5, TimeUnit.SECONDS));
    }

    private static RequestVoteRequest request(int from, int to, long term) {
        return RequestVoteRequest.newBuilder()
                .setGroupId(PeerNames.group(REGION))
                .setServerId(PeerNames.peer(replica(from)).toString())
                .setPeerId(PeerNames.peer(replica(to)).toString())
                .setTerm(term)
                .setLastLogTerm(term)
                .setLastLogIndex(1_000_000)
                .setPreVote(false)
                .build();
    }

    private static Optional<RequestVoteRequest> vote(byte[] bytes) {
        return message(bytes) instanceof RequestVoteRequest request && !request.getPreVote()
                ? Optional.of(request)
                : Optional.empty();
    }

    /** Returns SOFAJRaft's message in {@code bytes}, or the bytes themselves if they are of another channel. */
    private static Object message(byte[] bytes) {
        try {
            return RaftFrame.decode(bytes).message();
        } catch (IllegalArgumentException e) {
            return bytes;
        }
    }

    private static ReplicaId replica(int store) {
        return new ReplicaId(new StoreId(store), 1);
    }

    private final class Store implements AutoCloseable {

        private final Link link;
        private final LogEngine logs;
        private final RaftHost host;
        private final RaftGroup group;

        Store(int number, int of, Ledger ledger) throws IOException {
            StoreId store = new StoreId(number);
            link = network.join(store);
            logs = LogEngine.open(new RealDisk(), directory.resolve("s" + number), Await.LOG, halts::add);
            host = new RaftHost(
                    link, logs, System::nanoTime, System::currentTimeMillis, LeaseSettings.PRODUCTION, halts::add);
            logs.create(REGION, 1, new byte[0]);
            List<ReplicaId> voters = new ArrayList<>();
            for (int i = 1; i <= of; i++) {
                voters.add(replica(i));
            }
            group = host.start(REGION, replica(number), voters, RaftHost.Origin.PLACED, ledger);
        }

        JRaftGroup group() {
            return (JRaftGroup) group;
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
