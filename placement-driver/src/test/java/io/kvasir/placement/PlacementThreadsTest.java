package io.kvasir.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.placement.LeaderRoute;
import io.kvasir.region.placement.LinkTimestampSource;
import io.kvasir.region.placement.PlacementClient;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.time.ThreadTimer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service on real threads, with a group of one replica that lives in memory. */
@Timeout(30)
final class PlacementThreadsTest {

    private static final StoreId SELF = new StoreId(1);

    @TempDir
    private Path directory;

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final ExecutorService disk = Executors.newSingleThreadExecutor();
    private final ExecutorService apply = Executors.newSingleThreadExecutor();
    private final ThreadTimer timer = new ThreadTimer("test-timer");

    /** A process that is alone. */
    private static final class LonelyLink implements Link {
        private final Map<Channel, Handler> handlers = new EnumMap<>(Channel.class);

        @Override
        public StoreId self() {
            return SELF;
        }

        @Override
        public void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Link.Answer answer) {
            answer.accept(null, new Failure("nobody there", false));
        }

        @Override
        public void serve(Channel channel, Handler handler) {
            handlers.put(channel, handler);
        }

        @Override
        public boolean isUp(StoreId to) {
            return false;
        }

        @Override
        public void close() {}
    }

    /** Leads from the start, and applies what is proposed at once. */
    private final class MemoryGroup implements RaftGroup {
        private final StateMachine machine;
        private long index;

        MemoryGroup(StateMachine machine) {
            this.machine = machine;
            apply.execute(() -> machine.leaderStarted(1));
        }

        @Override
        public RegionId id() {
            return RegionId.PLACEMENT;
        }

        @Override
        public boolean propose(byte[] entry, long expectedTerm) {
            apply.execute(() -> machine.apply(List.of(new StateMachine.Committed(++index, expectedTerm, entry))));
            return true;
        }

        @Override
        public long leaderTerm() {
            return 1;
        }

        @Override
        public boolean isElected() {
            return leaderTerm() != 0;
        }

        @Override
        public Optional<StoreId> leader() {
            return Optional.of(SELF);
        }

        @Override
        public boolean holdsLease(long term) {
            return true;
        }

        @Override
        public void confirmLeadership(long term, Consumer<Boolean> whenDone) {
            whenDone.accept(true);
        }

        @Override
        public void transferLeadership(StoreId store, Consumer<Boolean> whenDone) {
            whenDone.accept(false);
        }

        @Override
        public long lag(StoreId store) {
            return Long.MAX_VALUE;
        }

        @Override
        public void holdLeaseRenewal(boolean held) {}

        @Override
        public void close() {}
    }

    @AfterEach
    void stopThreads() {
        timer.close();
        List.of(apply, thread, disk).forEach(ExecutorService::shutdownNow);
    }

    @Test
    void threadsFetchIncreasingTimestampsWhileOthersAllocate() throws Exception {
        LonelyLink link = new LonelyLink();
        try (PlacementService service = new PlacementService(
                link,
                List.of(SELF),
                directory,
                System::nanoTime,
                InstantSource.system(),
                timer,
                thread,
                disk,
                1 << 20)) {
            service.start(new MemoryGroup(service.machine()));
            PlacementClient client = new PlacementClient(new LeaderRoute(
                    link, Link.Channel.PLACEMENT, List.of(SELF), service.requests(), System::nanoTime, timer));
            CompletableFuture<Object> founded = new CompletableFuture<>();
            client.bootstrap(new UUID(1, 1), List.of(SELF), 0, founded::complete);
            assertEquals(new io.kvasir.region.placement.Answer.Granted<>(new UUID(1, 1)), founded.get());

            int threads = 4;
            int each = 50_000;
            CountDownLatch done = new CountDownLatch(threads);
            ConcurrentLinkedQueue<String> broken = new ConcurrentLinkedQueue<>();
            LinkTimestampSource source = new LinkTimestampSource(
                    new LeaderRoute(
                            link, Link.Channel.TIMESTAMP, List.of(SELF), service.timestamps(), System::nanoTime, timer),
                    System::nanoTime);
            for (int t = 0; t < threads; t++) {
                Thread.ofPlatform().start(() -> {
                    fetchEach(source, each, broken);
                    done.countDown();
                });
            }
            CountDownLatch allocated = new CountDownLatch(1_000);
            for (int i = 0; i < 1_000; i++) {
                client.allocateInstance(answer -> allocated.countDown());
            }
            assertTrue(done.await(25, TimeUnit.SECONDS));
            assertTrue(allocated.await(5, TimeUnit.SECONDS));
            assertEquals(List.of(), List.copyOf(broken));
        }
    }

    /** Fetches one after another, each after the one before was received. */
    private static void fetchEach(LinkTimestampSource source, int times, ConcurrentLinkedQueue<String> broken) {
        long last = 0;
        for (int i = 0; i < times; i++) {
            long before = source.newestIssued();
            CompletableFuture<Long> received = new CompletableFuture<>();
            source.fetch(received::complete);
            long timestamp = received.join();
            if (timestamp <= last || timestamp <= before) {
                broken.add(timestamp + " after " + last + " and " + before);
                return;
            }
            last = timestamp;
        }
    }
}
