package io.kvasir.tools.server;

import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.RegionEntry;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.raft.LeaseSettings;
import io.kvasir.region.raft.LogRetention;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.raft.RaftHost;
import io.kvasir.region.raft.SnapshotSettings;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.range.ApplyListeners;
import io.kvasir.region.range.BoundedReadPool;
import io.kvasir.region.range.ExpirySweeper;
import io.kvasir.region.range.HistoryKeeper;
import io.kvasir.region.range.InstanceReclaimer;
import io.kvasir.region.range.LargeCommandBudget;
import io.kvasir.region.range.ListenerSwitch;
import io.kvasir.region.range.OwnerThread;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeSettings;
import io.kvasir.region.range.RangeState;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.range.RecordCache;
import io.kvasir.region.range.ReplicaChecksums;
import io.kvasir.region.range.ReplicaRemains;
import io.kvasir.region.time.SystemTicker;
import io.kvasir.region.time.Timer;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.disk.RealDisk;
import io.kvasir.store.engine.DataDirectory;
import io.kvasir.store.engine.DiskSpace;
import io.kvasir.store.engine.DiskSpaceWatch;
import io.kvasir.store.engine.EngineFault;
import io.kvasir.store.engine.EngineSettings;
import io.kvasir.store.engine.RocksEngine;
import io.kvasir.store.log.Creation;
import io.kvasir.store.log.GroupLog;
import io.kvasir.store.log.LogEngine;
import io.kvasir.store.log.LogSettings;
import io.kvasir.store.log.Replica;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.metric.MeasuredDisk;
import io.kvasir.txn.TransactionSweeper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of a node: data, raft log, raft groups and ranges. Built and closed by the thread that builds the process;
 * the parts it hands out say for themselves which threads may use them.
 *
 * <p>This file is long because the parts of a store are built, started and closed in one order.
 */
final class NodeStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeStore.class);

    /** Time between looks of each range at what has been under way for too long, in ms. */
    private static final int TICK_MILLIS = 100;

    /** Time between two looks at what has expired, in ms: one finds what is due, the next at the latest drops it. */
    private static final int EXPIRY_MILLIS = 40;

    /** Time between two looks at what was flushed, in ms. */
    private static final int RECLAIM_MILLIS = 100;

    private static final int SWEEP_STOP_SECONDS = 5;

    /** Time between two looks at the disks and at the health of the engine, in ms. */
    private static final int DISK_MILLIS = 1_000;

    private final NodeConfig config;
    private final SystemTicker ticker;
    private final DataDirectory directory;
    private final RocksEngine engine;
    private final RecordCache cache;
    private final LogEngine logs;
    private final DiskSpaceWatch disks;
    private final MeasuredDisk logDisk;
    private final Halt halt;
    private final RaftHost raft;
    private final boolean empty;
    private final RangeTable ranges = new RangeTable();
    private final List<OwnerThread> owners = new ArrayList<>();
    private final BoundedReadPool readPool;
    private final SplitReplicas splits;
    private final ReplicaRemovals removals;
    private final ListenerSwitch listeners = new ListenerSwitch();
    private final LargeCommandBudget largeCommands;
    private final ScheduledExecutorService sweeping = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kvasir-expiry").factory());
    private final ExecutorService checksumming = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("kvasir-checksum").factory());
    private final ReplicaChecksums checksums;
    private final RangeSizes sizes;
    private final ApplyListeners applied = new ApplyListeners();
    private volatile long usedBytes;
    private volatile boolean closed;

    /** Whether the replicas that the log engine knew at the start run. */
    private volatile boolean startedLive;

    private volatile @Nullable TimestampSource newestTime;
    private volatile Consumer<List<RegionDescriptor>> splitListener = both -> {};

    /** Opens the store; {@code gateway} is the number of the commands it gives itself, of no other source. */
    NodeStore(NodeConfig config, Link link, SystemTicker ticker, Halt halt, long gateway) throws IOException {
        this.config = config;
        this.ticker = ticker;
        directory = DataDirectory.open(config.dataDirectories().getFirst());
        DataDirectory.Owner owner = new DataDirectory.Owner(config.clusterId(), config.nodeId());
        boolean unclaimed = directory.owner().isEmpty();
        if (!unclaimed) {
            directory.claim(owner);
        }
        engine = RocksEngine.open(
                directory, EngineSettings.within(config.memory().rocksBytes()), halt::now);
        cache = new RecordCache(engine, config.memory().heapBytes() * config.cachePercent() / 100);
        logDisk = new MeasuredDisk(new RealDisk(), ticker);
        logs = LogEngine.open(
                logDisk,
                config.raftLogDirectory(),
                LogSettings.within(config.memory().heapBytes()),
                halt::now);
        if (unclaimed) {
            buryReplicasWithoutData();
            directory.claim(owner);
        }
        empty = logs.live().isEmpty();
        this.halt = halt;
        removals = new ReplicaRemovals(ranges, engine, logs, this::guarded);
        splits = new SplitReplicas(new StoreId(config.nodeId()), logs, engine, this::startChild);
        disks = new DiskSpaceWatch(
                DiskSpace.reserving(config.diskReserveBytes()),
                List.of(config.dataDirectories().getFirst(), config.raftLogDirectory()));
        disks.read();
        raft = new RaftHost(
                link,
                logs,
                ticker,
                ticker::wallMillis,
                new LeaseSettings(
                        config.lease().enabled(),
                        config.lease().durationMillis(),
                        config.lease().guardMillis()),
                config.ranges().sleepMillis(),
                halt::now);
        raft.retain(new LogRetention(
                config.raftLog().truncateEntries(), config.raftLog().retainedEntries()));
        raft.exchangeSnapshots(new SnapshotSettings(
                config.dataDirectories().getFirst().resolve("snapshots"),
                config.snapshotBytesPerSecond(),
                () -> disks.state() == DiskSpace.State.AMPLE));
        for (int i = 0; i < config.threads().owners(); i++) {
            owners.add(new OwnerThread("kvasir-owner-" + i, halt::now));
        }
        readPool = new BoundedReadPool(
                config.threads().readers(),
                config.threads().readerRestMax(),
                config.commands().largeMax(),
                ranges::readsAnswered);
        largeCommands = new LargeCommandBudget(
                config.memory().heapBytes() * config.commands().largePercent() / 100,
                config.commands().largeMax());
        checksums = new ReplicaChecksums(engine, ranges, task -> checksumming.execute(() -> guarded(task)), gateway);
        applied.add(checksums);
        sizes = new RangeSizes(engine, ranges);
        // Last: its thread uses what is made above, and a busy machine may take longer than the first delay.
        sweeping.scheduleWithFixedDelay(
                () -> guarded(this::readDisks), DISK_MILLIS, DISK_MILLIS, TimeUnit.MILLISECONDS);
        sweeping.scheduleWithFixedDelay(
                () -> guarded(sizes::look), RangeSizes.LOOK_MILLIS, RangeSizes.LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    RangeTable ranges() {
        return ranges;
    }

    RocksEngine engine() {
        return engine;
    }

    /** Returns what hears of the entries that ranges here apply. */
    ApplyListeners applied() {
        return applied;
    }

    /** Returns the switch by which commands led here record keyspace events. */
    ListenerSwitch listeners() {
        return listeners;
    }

    ReplicaChecksums checksums() {
        return checksums;
    }

    /** Returns the disk of the raft log. */
    MeasuredDisk logDisk() {
        return logDisk;
    }

    /** Returns the bytes that the record cache holds. */
    long recordCacheBytes() {
        return cache.bytes();
    }

    LogEngine logs() {
        return logs;
    }

    /** Returns the number of raft groups that do not sleep. */
    int awakeGroups() {
        return raft.awakeGroups();
    }

    /** Returns whether a disk stalls, so that nothing should be led here. */
    boolean isSlow() {
        return raft.isStalled();
    }

    /** Returns the bytes of table files, as of a second ago. */
    long usedBytes() {
        return usedBytes;
    }

    /** Returns about how large the ranges led here are. */
    RangeSizes sizes() {
        return sizes;
    }

    DiskSpaceWatch disks() {
        return disks;
    }

    /** The raft log is there and the data are not: these replicas cannot go on, nor vote without what they logged. */
    private void buryReplicasWithoutData() {
        for (Replica live : logs.live()) {
            LOG.warn("replica without its data is given up, region={}", live.region());
            logs.destroy(live.region(), live.incarnation(), Epoch.FIRST);
        }
    }

    /** Returns whether the store held no replica when it was opened. */
    boolean wasEmpty() {
        return empty;
    }

    /** Returns this store's replica of the placement group, if it is live here. */
    Optional<ReplicaId> placementReplica() {
        return logs.find(RegionId.PLACEMENT)
                .map(live -> new ReplicaId(new StoreId(config.nodeId()), live.incarnation()));
    }

    /** Creates {@code replica} of the placement group; returns when that is durable. */
    void createPlacement(ReplicaId replica) {
        create(RegionId.PLACEMENT, replica, new byte[0]);
    }

    /**
     * Starts the replica of the placement group here.
     *
     * @param founders its voters as long as its log names none; none if it joins a group that exists
     */
    RaftGroup startPlacement(ReplicaId replica, List<ReplicaId> founders, StateMachine machine) {
        RaftGroup group = raft.start(RegionId.PLACEMENT, replica, founders, RaftHost.Origin.PLACED, machine);
        return group;
    }

    /** Makes {@code voters} those of {@code region}, if its leader is here. */
    void changeVoters(RegionId region, List<ReplicaId> voters) {
        raft.changeVoters(region, voters);
    }

    /**
     * Fails if the replica of {@code region} here is of an earlier incarnation than the one placed here, as on a disk
     * that was replaced and has come back. One that was moved away while this node was down, and is to come back, is
     * not of that kind.
     *
     * @throws IOException in one line
     */
    void requirePlaced(RegionEntry region) throws IOException {
        StoreId self = new StoreId(config.nodeId());
        Optional<ReplicaId> placed = region.next().replicaOn(self);
        Optional<GroupLog> live = logs.find(region.descriptor().id());
        if (placed.isPresent()
                && live.isPresent()
                && live.get().incarnation() < placed.get().incarnation()
                && region.descriptor().replicaOn(self).isPresent()) {
            throw new IOException("the data of this node were given up for lost and replaced since: remove "
                    + config.dataDirectories().getFirst() + " and " + config.raftLogDirectory()
                    + ", it will be sent the data anew");
        }
    }

    /** Starts every replica of a range that the log engine says is here (rule K9). */
    void startLive(TimestampSource time) {
        ReplicaRemains.wipe(engine, region -> logs.find(region).isPresent());
        List<Replica> waiting = new ArrayList<>(logs.live());
        waiting.removeIf(live -> live.region().equals(RegionId.PLACEMENT));
        while (!waiting.isEmpty()) {
            List<Replica> ready = splits.ready(waiting);
            if (ready.isEmpty()) {
                throw new IllegalStateException("replicas were made by splits of ranges that are not here: " + waiting);
            }
            for (Replica live : ready) {
                StoredReplica stored = StoredReplica.decode(live.initialState());
                ReplicaId replica = new ReplicaId(new StoreId(config.nodeId()), live.incarnation());
                startRange(replica, stored.descriptor(), time, RaftHost.Origin.PLACED);
            }
            waiting.removeAll(ready);
        }
        startedLive = true;
    }

    /** Sets who hears of both parts of a range that was split here. */
    void onSplit(Consumer<List<RegionDescriptor>> listener) {
        splitListener = listener;
    }

    /** Starts the replica of {@code child}, made by a split. */
    private void startChild(RegionDescriptor child, boolean leads) {
        try {
            if (!startedLive || closed) {
                return; // it is found in the log
            }
            if (ranges.find(child.id()).isEmpty()) {
                ReplicaId replica =
                        child.replicaOn(new StoreId(config.nodeId())).orElseThrow();
                startRange(replica, child, requireTime(), RaftHost.Origin.SPLIT);
            }
            RegionId parent = parentOf(child);
            if (leads && child.voters().size() > 1) {
                raft.campaignAfterSplit(child.id(), parent, RangeState.SPLIT.term());
            }
            splitListener.accept(Stream.of(parent, child.id())
                    .flatMap(id -> ranges.find(id).stream())
                    .map(Range::descriptor)
                    .toList());
        } catch (RuntimeException bug) {
            halt.now(bug);
        }
    }

    private TimestampSource requireTime() {
        return Objects.requireNonNull(newestTime, "a range was split, so one was started");
    }

    private RegionId parentOf(RegionDescriptor child) {
        return logs.find(child.id())
                .flatMap(log -> logs.live().stream()
                        .filter(live -> live.region().equals(child.id()))
                        .findFirst())
                .flatMap(live -> StoredReplica.decode(live.initialState()).birth())
                .map(StoredReplica.Birth::parent)
                .orElse(child.id());
    }

    /**
     * Creates and starts the replica of {@code region} that is placed here, unless it runs already or was destroyed, or
     * another replica that is to go is in its way.
     */
    void place(RegionEntry region, TimestampSource time) {
        RegionDescriptor now = region.descriptor();
        Optional<ReplicaId> replica = region.next().replicaOn(new StoreId(config.nodeId()));
        if (replica.isEmpty()
                || closed
                || ranges.find(now.id()).isPresent()
                || removals.isInTheWayOf(now)
                || logs.find(now.id())
                        .filter(live -> live.incarnation() != replica.get().incarnation())
                        .isPresent()
                || isUnsplitHere(now)) {
            return;
        }
        if (create(now.id(), replica.get(), new StoredReplica(now, Optional.empty()).encode())) {
            startRange(replica.get(), now, time, RaftHost.Origin.PLACED);
        }
    }

    /** Removes the replicas here that {@code view} surely has no part for any more (rule K9); begins to. */
    void removeWhatIsLeftOut(ClusterView view) {
        removals.removeWhatIsLeftOut(view);
    }

    /** Returns the voters that the log of {@code region} has, if it is led here and nothing is changing them. */
    Optional<List<ReplicaId>> settledVoters(RegionId region) {
        return raft.settledVoters(region);
    }

    /**
     * Returns whether a replica that joins {@code range}, which is led here, would be sent a log of when the range was
     * larger. It must not be: what is not the range's any more may be another's at that store. If so, begins to drop
     * that log, so that a snapshot is sent instead.
     */
    boolean isToldOfMore(Range range) {
        RegionDescriptor now = range.descriptor();
        boolean more = now.epoch().version() != Epoch.FIRST.version()
                && logs.find(now.id()).map(GroupLog::firstIndex).orElse(1L) == 1;
        if (more) {
            removals.run(() -> {
                engine.flush();
                raft.dropLog(now.id());
            });
        }
        return more;
    }

    /**
     * Returns whether a replica here still holds keys of {@code region}: it has yet to apply the split that makes the
     * replica of {@code region}, or to be sent a snapshot instead (rules K9, K10).
     */
    private boolean isUnsplitHere(RegionDescriptor region) {
        return ranges.all().stream()
                .map(Range::descriptor)
                .anyMatch(other -> !other.id().equals(region.id())
                        && other.epoch().version() < region.epoch().version()
                        && (other.contains(region.start()) || region.contains(other.start())));
    }

    /** Makes the replica of {@code region} here stand for leader. */
    void campaign(RegionId region) {
        raft.campaign(region);
    }

    private boolean create(RegionId region, ReplicaId replica, byte[] initialState) {
        return switch (logs.create(region, replica.incarnation(), initialState)) {
            case Creation.Created created -> true;
            case Creation.AlreadyLive live -> true;
            case Creation.Destroyed destroyed -> {
                LOG.info("replica is not created, it was destroyed here, region={} replica={}", region, replica);
                yield false;
            }
        };
    }

    private synchronized void startRange(
            ReplicaId replica, RegionDescriptor region, TimestampSource time, RaftHost.Origin origin) {
        if (closed || ranges.find(region.id()).isPresent()) {
            return;
        }
        newestTime = time;
        Range range = Range.open(
                region,
                new Range.Surroundings(
                        engine,
                        cache,
                        owners.get((int) (region.id().value() % owners.size())),
                        time,
                        ticker,
                        RandomGenerator.of("L64X128MixRandom"),
                        readPool,
                        RangeSettings.production(
                                config.commands().recordsMax(),
                                config.commands().bytesMax(),
                                config.ranges().flushedMax()),
                        config.clusterId(),
                        applied,
                        listeners,
                        largeCommands,
                        () -> isDiskLow(region.id())));
        range.splitsAt(splits);
        splits.replaySplits(range);
        // A replica placed after the founding joins: it learns of its voters from their leader.
        boolean joins = (!region.epoch().equals(Epoch.FIRST) || !region.voters().contains(replica))
                && logs.find(region.id()).map(GroupLog::firstIndex).orElse(1L) == 1;
        List<ReplicaId> voters = joins ? List.of() : region.voters();
        RaftGroup group = raft.start(region.id(), replica, voters, origin, range.stateMachine());
        range.attach(group);
        ranges.add(range);
        removals.started(range, replica, group);
        LOG.info("range started, region={} replica={} applied={}", region.id(), replica, range.appliedIndex());
    }

    /**
     * Returns whether a disk of a store with a replica of {@code region} is nearly full, as far as it is known here.
     */
    private boolean isDiskLow(RegionId region) {
        return disks.state() != DiskSpace.State.AMPLE
                || ranges.find(region).stream()
                        .flatMap(range -> range.descriptor().voters().stream())
                        .anyMatch(voter -> raft.isDiskLow(voter.store()));
    }

    /** Begins to look after the ranges ten times a second. */
    void startTicking(Timer timer) {
        if (!closed) {
            ranges.all().forEach(Range::tick);
            timer.after(TICK_MILLIS, () -> startTicking(timer));
        }
    }

    /** Begins to remove expired keys and what flushes and transactions left behind, on a thread of its own. */
    void startSweeping(
            ExpirySweeper sweeper,
            InstanceReclaimer reclaimer,
            TransactionSweeper transactions,
            HistoryKeeper history) {
        sweeping.scheduleWithFixedDelay(
                () -> guarded(history::keep),
                HistoryKeeper.KEEP_MILLIS,
                HistoryKeeper.KEEP_MILLIS,
                TimeUnit.MILLISECONDS);
        sweeping.scheduleWithFixedDelay(
                () -> guarded(transactions::sweep),
                TransactionSweeper.SWEEP_MILLIS,
                TransactionSweeper.SWEEP_MILLIS,
                TimeUnit.MILLISECONDS);
        sweeping.scheduleWithFixedDelay(
                () -> guarded(sweeper::sweep), EXPIRY_MILLIS, EXPIRY_MILLIS, TimeUnit.MILLISECONDS);
        sweeping.scheduleWithFixedDelay(
                () -> guarded(reclaimer::reclaim), RECLAIM_MILLIS, RECLAIM_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Learns how full the disks are, and lets the engine find the errors of its background threads. */
    private void readDisks() {
        DiskSpace.State before = disks.state();
        DiskSpace.State now = disks.read();
        raft.diskLow(now != DiskSpace.State.AMPLE);
        if (now != before) {
            LOG.warn("free space of the disks, state={} before={} freeBytes={}", now, before, disks.freeBytes());
        }
        usedBytes = engine.statistics().diskBytes();
    }

    /** The root of the threads for background work: a task that threw would never be run again. */
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (EngineFault fault) {
            LOG.warn("background work failed, reason={}", fault.getMessage());
        } catch (Throwable bug) {
            halt.now(bug);
        }
    }

    /** Writes what the engine holds in memory to its files. Waits for the disk; not on a virtual thread. */
    void checkpoint() {
        engine.flush();
    }

    /** Stops the ranges, flushes the engine so that the next start has little to replay, and closes everything. */
    @Override
    public void close() {
        closed = true;
        sweeping.shutdown();
        awaitSweep();
        splits.close();
        removals.close();
        raft.close();
        owners.forEach(OwnerThread::close);
        readPool.close();
        ranges.all().forEach(Range::revokeViews);
        checksums.close();
        checksumming.shutdown();
        engine.flush();
        engine.close();
        logs.close();
    }

    private void awaitSweep() {
        try {
            if (!sweeping.awaitTermination(SWEEP_STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("expiry sweep does not end");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
