package io.kvasir.tools.server;

import io.kvasir.placement.PlacementReadings;
import io.kvasir.placement.PlacementService;
import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.RegionEntry;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.control.ViewRevision;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.RefusalCode;
import io.kvasir.region.link.Link;
import io.kvasir.region.placement.Answer;
import io.kvasir.region.placement.LeaderRoute;
import io.kvasir.region.placement.LinkTimestampSource;
import io.kvasir.region.placement.PlacementClient;
import io.kvasir.region.placement.PlacementClient.Heartbeat;
import io.kvasir.region.placement.PlacementClient.Orders;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.range.Range;
import io.kvasir.region.time.SystemTicker;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.tools.config.NodeConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node has to do with the placement driver: a replica of it on the first nodes, and on every node the client
 * that registers, reports and watches. Started by the thread that builds the process; then timer and link call it.
 */
final class NodePlacement implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodePlacement.class);

    /** The incarnation of the replicas of the placement driver that a cluster is founded with. */
    private static final int FIRST_INCARNATION = 1;

    private static final int HEARTBEAT_MILLIS = 1_000;
    private static final int VIEW_WAIT_MILLIS = 30_000;

    /** Longest time that a process which is told to end spends on giving leadership away, in ms. */
    private static final long LEAVE_MILLIS_MAX = 5_000;

    /** It ends earlier if nothing has moved for so long: nobody else may lead. */
    private static final long LEAVE_IDLE_MILLIS = 600;

    /** Between two heartbeats meanwhile. */
    private static final long LEAVE_BEAT_MILLIS = 20;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final NodeConfig config;
    private final StoreId self;
    private final List<StoreId> replicas;
    private final long nonce;
    private final Timer timer;
    private final Optional<PlacementService> service;
    private final PlacementClient client;
    private final TimestampSource time;
    private final ExecutorService thread;
    private final ExecutorService disk;
    private final Halt halt;

    /** Transfers of leadership under way, by the numbers of their operators; at most one a range. */
    private final Set<Long> transfersUnderWay = ConcurrentHashMap.newKeySet();

    /** Those that did not come about, until the next heartbeat. */
    private final Map<Long, String> failedOperators = new ConcurrentHashMap<>();

    private final SplitOrders splits;
    private final PeerOrders peers;

    private final HeatReport heat = new HeatReport();

    private volatile @Nullable RaftGroup placementGroup;
    private volatile @Nullable ClusterView newest;
    private volatile boolean leaving;
    private volatile boolean closed;

    NodePlacement(NodeConfig config, Link link, SystemTicker ticker, Timer timer, long nonce, Halt halt)
            throws IOException {
        this.config = config;
        this.self = new StoreId(config.nodeId());
        this.nonce = nonce;
        this.timer = timer;
        this.halt = halt;
        List<StoreId> nodes = config.peers().keySet().stream().map(StoreId::new).toList();
        replicas = ClusterImage.placementStores(nodes);
        thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("kvasir-placement").factory());
        disk = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("kvasir-placement-disk").factory());
        Path directory = config.dataDirectories().getFirst().resolve("placement");
        service = replicas.contains(self)
                ? Optional.of(new PlacementService(
                        link,
                        replicas,
                        directory,
                        ticker,
                        () -> Instant.ofEpochMilli(ticker.wallMillis()),
                        timer,
                        thread,
                        disk,
                        config.ranges().splitBytes()))
                : Optional.empty();
        client = new PlacementClient(new LeaderRoute(
                link,
                Link.Channel.PLACEMENT,
                replicas,
                service.map(PlacementService::requests).orElse(null),
                ticker,
                timer));
        splits = new SplitOrders(client, failedOperators);
        peers = new PeerOrders(self);
        time = new LinkTimestampSource(
                new LeaderRoute(
                        link,
                        Link.Channel.TIMESTAMP,
                        replicas,
                        service.map(PlacementService::timestamps).orElse(null),
                        ticker,
                        timer),
                ticker);
    }

    TimestampSource time() {
        return time;
    }

    /** Returns what the replica of the placement driver measures, if one is here. */
    Optional<PlacementReadings> readings() {
        return service.map(PlacementService::readings);
    }

    PlacementClient client() {
        return client;
    }

    /**
     * Starts the replica of the placement driver, if one is here. At the founding it is created first; the mark is
     * gone, durably, before it can vote, so a node without mark and without replica has lost it.
     *
     * @throws IOException if the mark cannot be removed
     */
    void startReplica(NodeStore store) throws IOException {
        boolean founds = Files.exists(config.foundingMark());
        if (service.isPresent() && founds && store.wasEmpty()) {
            store.createPlacement(new ReplicaId(self, FIRST_INCARNATION));
        }
        if (founds) {
            Files.delete(config.foundingMark());
            try (FileChannel folder =
                    FileChannel.open(config.foundingMark().resolveSibling(""), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
        Optional<ReplicaId> replica = store.placementReplica();
        if (service.isPresent() && replica.isPresent()) {
            startReplica(store, replica.get());
            if (replicas.getFirst().equals(self)) {
                store.campaign(RegionId.PLACEMENT);
            }
        } else if (service.isPresent()) {
            LOG.warn("this node has lost what it held, and asks the others for it");
        }
    }

    private void startReplica(NodeStore store, ReplicaId replica) {
        PlacementService placement = service.orElseThrow();
        List<ReplicaId> founders = replica.incarnation() > FIRST_INCARNATION
                ? List.of()
                : replicas.stream()
                        .map(other -> new ReplicaId(other, FIRST_INCARNATION))
                        .toList();
        RaftGroup group = store.startPlacement(replica, founders, placement.machine());
        placementGroup = group;
        placement.start(group);
    }

    /**
     * Starts the replica of the placement driver that {@code view} puts here in the place of one that was lost.
     *
     * @throws IOException in one line, if it puts none here
     */
    private void rejoinReplica(ClusterView view, NodeStore store) throws IOException {
        ReplicaId replica = view.placementVoters().stream()
                .filter(voter -> voter.store().equals(self) && voter.incarnation() > FIRST_INCARNATION)
                .findFirst()
                .orElseThrow(() -> new IOException("this node's replica of the placement driver is lost and has no"
                        + " successor: was the file " + config.foundingMark() + " removed before its first start?"));
        store.createPlacement(replica);
        startReplica(store, replica);
        LOG.info("placement replica rejoins, replica={}", replica);
    }

    /**
     * Founds the cluster if need be, registers this store, and returns the cluster as it is.
     *
     * @throws IOException in one line, if the placement driver refuses this node or does not answer
     */
    ClusterView join(NodeStore store) throws IOException {
        boolean lost = service.isPresent() && store.placementReplica().isEmpty();
        UUID cluster = new UUID(0, config.clusterId());
        StoreEntry entry = new StoreEntry(self, config.address().toString(), nonce, SlotMap.labels(config));
        JoinCalls calls = new JoinCalls(client);
        if (!config.founds()) {
            if (store.wasEmpty()) {
                calls.takeNumber(self);
            }
        } else if (!lost) {
            List<StoreId> founders =
                    config.peers().keySet().stream().map(StoreId::new).toList();
            calls.found(cluster, founders, config.ranges().initial());
        }
        calls.register(entry, cluster, store.wasEmpty(), lost);
        ClusterView view = calls.view();
        for (RegionEntry region : view.regions()) {
            store.requirePlaced(region);
        }
        if (lost) {
            rejoinReplica(view, store);
        }
        return view;
    }

    /**
     * Reports the ranges led here once a second, gives them the voters that the newest view wants, and gives leadership
     * away where the placement driver says so.
     */
    void reportLeads(NodeStore store) {
        if (closed) {
            return;
        }
        follow(store);
        beat(store, () -> timer.after(HEARTBEAT_MILLIS, () -> reportLeads(store)));
    }

    /** Sends a heartbeat and does what the answer says. */
    private void beat(NodeStore store, Runnable then) {
        Map<Long, String> failed = Map.copyOf(failedOperators);
        failedOperators.keySet().removeAll(failed.keySet());
        ClusterView view = newest;
        List<PlacementClient.Lead> leads = store.ranges().all().stream()
                .filter(range -> range.servingTerm() != 0)
                .map(range -> lead(range, store, view))
                .toList();
        Heartbeat heartbeat = new Heartbeat(
                self,
                nonce,
                leads,
                leaving,
                store.isSlow(),
                failed,
                store.usedBytes(),
                store.disks().freeBytes(),
                heat.tell(store.ranges().all()));
        client.heartbeat(heartbeat, answer -> {
            switch (answer) {
                case Answer.Granted<Orders>(Orders orders) -> {
                    orders.transfers().forEach(transfer -> handOver(transfer, store));
                    orders.splits().forEach(order -> splits.carryOut(order, store.ranges()));
                }
                case Answer.Refused<Orders>(var code, String text) -> {
                    if (code == RefusalCode.REFUSAL_CODE_STORE_REPLACED) {
                        halt.now(new IllegalStateException(text));
                    }
                    LOG.warn("heartbeat refused, reason={}", text);
                }
                case Answer.Unavailable<Orders>() -> {}
            }
            then.run();
        });
    }

    private static PlacementClient.Lead lead(Range range, NodeStore store, @Nullable ClusterView view) {
        Map<StoreId, Long> lags = new HashMap<>();
        for (ReplicaId voter : range.descriptor().voters()) {
            long lag = range.lag(voter.store());
            if (lag > 0 && range.leader().filter(voter.store()::equals).isEmpty()) {
                lags.put(voter.store(), lag);
            }
        }
        return new PlacementClient.Lead(
                range.descriptor().id(),
                range.servingTerm(),
                range.descriptor().epoch(),
                lags,
                range.keys(),
                range.readsAnswered(),
                range.writesTaken(),
                store.sizes().of(range.descriptor()),
                isKnown(range, view) ? Optional.empty() : Optional.of(range.descriptor()));
    }

    /** Returns whether {@code view} has the bounds and voters that {@code range} has now. */
    private static boolean isKnown(Range range, @Nullable ClusterView view) {
        RegionDescriptor now = range.descriptor();
        return view != null
                && view.regions().stream()
                        .map(RegionEntry::descriptor)
                        .anyMatch(known -> known.id().equals(now.id())
                                && known.epoch().version() >= now.epoch().version()
                                && known.epoch().confVersion() >= now.epoch().confVersion());
    }

    private void handOver(PlacementClient.Transfer transfer, NodeStore store) {
        Optional<Range> range =
                store.ranges().find(transfer.region()).filter(led -> led.servingTerm() == transfer.term());
        if (range.isPresent() && transfersUnderWay.add(transfer.operator())) {
            range.get().transferLeadership(transfer.to(), done -> {
                transfersUnderWay.remove(transfer.operator());
                if (!done) {
                    failedOperators.put(transfer.operator(), "the other replica did not take over in time");
                }
            });
        }
    }

    /**
     * Has the placement driver move what is led here to other stores, so that the end of this process makes nobody wait
     * for an election. Returns when nothing is led here any more, nothing more is moved, or it takes too long.
     */
    void leave(NodeStore store, Ticker ticker) {
        leaving = true;
        long begin = ticker.nanoTime();
        long progressAt = begin;
        long led = led(store);
        while ((led > 0 || isTransferring())
                && ticker.nanoTime() - begin < LEAVE_MILLIS_MAX * NANOS_PER_MILLI
                && ticker.nanoTime() - progressAt < LEAVE_IDLE_MILLIS * NANOS_PER_MILLI) {
            ClusterView view = newest;
            if (view != null) {
                peers.leave(view, store);
            }
            CountDownLatch answered = new CountDownLatch(1);
            beat(store, answered::countDown);
            if (!await(answered, LEAVE_IDLE_MILLIS)) {
                break;
            }
            LockSupport.parkNanos(LEAVE_BEAT_MILLIS * NANOS_PER_MILLI);
            long left = led(store);
            progressAt = left < led || isTransferring() ? ticker.nanoTime() : progressAt;
            led = left;
        }
        if (led == 0) {
            leavePlacement();
        }
        LOG.info("leaders have left, remaining={} millis={}", led, (ticker.nanoTime() - begin) / NANOS_PER_MILLI);
    }

    private boolean isTransferring() {
        return !transfersUnderWay.isEmpty() || peers.isBusy();
    }

    /** Returns how many ranges are led here that another store could lead. */
    private static long led(NodeStore store) {
        return store.ranges().all().stream()
                .filter(range ->
                        range.servingTerm() != 0 && range.descriptor().voters().size() > 1)
                .count();
    }

    /** Gives the lead of the placement driver to a replica that has its whole log. */
    private void leavePlacement() {
        RaftGroup group = placementGroup;
        if (group == null || group.leaderTerm() == 0) {
            return;
        }
        for (StoreId other : replicas) {
            if (!other.equals(self) && group.leaderTerm() != 0 && group.lag(other) == 0) {
                CountDownLatch ended = new CountDownLatch(1);
                group.transferLeadership(other, done -> ended.countDown());
                await(ended, LEAVE_MILLIS_MAX);
            }
        }
    }

    private static boolean await(CountDownLatch latch, long millis) {
        try {
            return latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Gives every new view of the cluster to {@code watcher}. */
    void watch(ViewRevision known, Consumer<ClusterView> watcher) {
        if (closed) {
            return;
        }
        client.view(known, VIEW_WAIT_MILLIS, answer -> {
            if (answer instanceof Answer.Granted<ClusterView>(ClusterView view)) {
                watcher.accept(view);
                timer.after(10, () -> watch(view.revision(), watcher));
            } else {
                timer.after(HEARTBEAT_MILLIS, () -> watch(known, watcher));
            }
        });
    }

    /** Goes on with what the newest view wants to be done here: replicas that go, that come, voters that change. */
    private synchronized void follow(NodeStore store) {
        ClusterView view = newest;
        if (view == null) {
            return;
        }
        store.removeWhatIsLeftOut(view);
        view.regions().forEach(region -> store.place(region, time));
        if (!leaving) {
            peers.follow(view, store);
        }
        if (view.placementVoters().stream().anyMatch(voter -> voter.incarnation() > FIRST_INCARNATION)) {
            store.changeVoters(RegionId.PLACEMENT, view.placementVoters());
        }
    }

    /** Places the replicas that {@code view} puts here and lets those that should lead stand for it. */
    void place(ClusterView view, NodeStore store) {
        newest = view;
        follow(store);
        for (RegionEntry region : view.regions()) {
            Optional<Range> range = store.ranges().find(region.descriptor().id());
            boolean single = region.descriptor().voters().size() == 1;
            if (!single && range.isPresent() && region.preferredLeader().equals(self)) {
                store.campaign(region.descriptor().id());
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        service.ifPresent(PlacementService::close);
    }

    /**
     * Ends the threads, after the link that gives them work: until then requests are refused, not lost in an exception.
     */
    void endThreads() {
        thread.shutdown();
        disk.shutdown();
    }
}
