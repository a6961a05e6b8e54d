package io.kvasir.region.raft;

import com.alipay.sofa.jraft.NodeManager;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.util.concurrent.DefaultFixedThreadsExecutorGroupFactory;
import com.alipay.sofa.jraft.util.concurrent.FixedThreadsExecutorGroup;
import com.google.protobuf.Message;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.time.Ticker;
import io.kvasir.store.log.GroupLog;
import io.kvasir.store.log.HardState;
import io.kvasir.store.log.LogEngine;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All raft groups of one store. It owns what they share: threads, the raft and lease channels of the link, the failure
 * detector. Several hosts can live in one process, for tests, as long as their stores differ.
 *
 * <p>Safe for any thread. Threads: those of {@link RaftThreads}, about a dozen, timers that SOFAJRaft keeps for the
 * whole process, and five of SOFAJRaft per group.
 *
 * <p>This file is long because all that groups share, and all that their store asks of them, meets here.
 */
public final class RaftHost implements AutoCloseable {

    /** Time-out of a vote request, milliseconds. */
    static final int VOTE_TIMEOUT_MILLIS = 1_000;

    /** A group sleeps that was not used for so long, if nobody says otherwise, milliseconds. */
    public static final long IDLE_MILLIS = 10_000;

    /** Least time after which a group may sleep, milliseconds: some beats, so that it does not go in and out. */
    public static final long IDLE_MILLIS_MIN = 1_000;

    /**
     * A log that has made nothing durable for so long, though something waits for it, is on a disk that stalls;
     * nanoseconds.
     */
    static final long LOG_STALL_NANOS = 3_000_000_000L;

    /** A replica that has been applying the same entries for so long cannot serve; nanoseconds. */
    static final long APPLY_STALL_NANOS = 10_000_000_000L;

    /** How often logs are looked at for truncation, milliseconds. */
    static final int TRUNCATE_MILLIS = 2_000;

    private static final Logger LOG = LoggerFactory.getLogger(RaftHost.class);

    private final Link link;
    private final LogEngine logs;
    private final Ticker ticker;
    private final Fault fault;
    private final LeaseSettings leases;
    private final long idleNanos;
    private final RaftThreads threads;
    private final RaftTransport transport;
    private final AwakeGroups awake;
    private final LeaseExchange exchange;
    private final FixedThreadsExecutorGroup unusedExecutors;
    private final LongSupplier wallMillis;
    private final StallWatch logWatch;

    /** Whether the disk stalls. Written by the clock thread, read by any. */
    private volatile boolean stalled;

    /** Regions of which a snapshot is being copied here. */
    private final Set<RegionId> copying = ConcurrentHashMap.newKeySet();

    private volatile @Nullable SnapshotSettings snapshotSettings;
    private volatile @Nullable SnapshotDesk desk;
    private volatile LogRetention retention = LogRetention.DEFAULT;
    private final ConcurrentMap<RegionId, JRaftGroup> groups = new ConcurrentHashMap<>();
    private final UnbornGroups unborn;

    /**
     * Serves the raft and lease channels of {@code link}, which must have no handlers for them yet. The link and the
     * log engine stay the caller's and must outlive this host.
     *
     * @param wallMillis the wall clock; it only serves to notice that the monotonic one stood still (rule K38)
     * @param leases whether and for how long leaders may read without asking
     * @param halt ends the process at once; called when going on would be unsafe
     */
    public RaftHost(
            Link link,
            LogEngine logs,
            Ticker ticker,
            LongSupplier wallMillis,
            LeaseSettings leases,
            Consumer<Throwable> halt) {
        this(link, logs, ticker, wallMillis, leases, IDLE_MILLIS, halt);
    }

    /**
     * As above.
     *
     * @param idleMillis a group that was not used for so long sleeps; at least {@link #IDLE_MILLIS_MIN}
     */
    public RaftHost(
            Link link,
            LogEngine logs,
            Ticker ticker,
            LongSupplier wallMillis,
            LeaseSettings leases,
            long idleMillis,
            Consumer<Throwable> halt) {
        if (idleMillis < IDLE_MILLIS_MIN) {
            throw new IllegalArgumentException("idle after " + idleMillis + " ms, at least " + IDLE_MILLIS_MIN);
        }
        JRaftProcess.prepare();
        this.idleNanos = idleMillis * 1_000_000L;
        this.link = link;
        this.logs = logs;
        this.ticker = ticker;
        this.leases = leases;
        this.wallMillis = wallMillis;
        this.logWatch = new StallWatch(LOG_STALL_NANOS, ticker.nanoTime());
        this.fault = new Fault(halt);
        this.threads = new RaftThreads(link.self());
        this.transport = new RaftTransport(link, ticker, threads);
        this.awake = new AwakeGroups(groups);
        this.unborn = new UnbornGroups(this);
        this.exchange = new LeaseExchange(this, link, wallMillis, groups);
        this.unusedExecutors =
                DefaultFixedThreadsExecutorGroupFactory.INSTANCE.newExecutorGroup(1, "raft-unused", 16, true);
        link.serve(Link.Channel.RAFT, this::receive);
        link.serve(Link.Channel.LEASE, exchange::handle);
        every(LeaseExchange.TICK_MILLIS, exchange::tick);
        every(LeaseExchange.TICK_MILLIS, transport::retryHeld);
        every(TRUNCATE_MILLIS, () -> groups.values().forEach(group -> group.truncateLog(() -> {})));
    }

    /**
     * Begins to send and to take snapshots; once, before the first {@link #start}. A host that is not told to tells
     * whoever asks that it has none.
     *
     * @throws IOException if the folder of their files cannot be made and emptied
     */
    public void exchangeSnapshots(SnapshotSettings settings) throws IOException {
        SnapshotFolder.empty(settings.directory().resolve("in"));
        // Tickets that grow with the wall clock are none that an earlier process gave out.
        SnapshotDesk opened = new SnapshotDesk(link.self(), settings, ticker, wallMillis.getAsLong() << 16);
        snapshotSettings = settings;
        desk = opened;
        link.serve(Link.Channel.BULK, opened::handle);
    }

    /** Sets how much of the groups' logs stays; {@link LogRetention#DEFAULT} until then. */
    public void retain(LogRetention logs) {
        retention = logs;
    }

    /** Sets whether a disk of this store is nearly full; other stores hear of it within a second. Any thread. */
    public void diskLow(boolean low) {
        exchange.diskLow(low);
    }

    /**
     * Returns whether another store, which shares groups with this one and is alive, has a disk that is nearly full.
     * Any thread; never waits.
     */
    public boolean isDiskLow(StoreId store) {
        return exchange.isDiskLow(store);
    }

    /** How a replica came to be, which decides how soon it may vote. */
    public enum Origin {
        /** Placed here or found at start: it is bound by a guard time unless it has never voted. */
        PLACED,
        /**
         * Made by a split: it takes part in no election for one guard time but the one that its parent starts (rule
         * K3).
         */
        SPLIT
    }

    /**
     * Starts the replica of {@code region} that is live in the log engine, replaying what {@code machine} lacks. Waits
     * for the disk; a group with one voter leads soon after.
     *
     * @param self the replica, of this store and the incarnation that is live
     * @param initialVoters the voters as long as the log says nothing of them: those with which the group was created;
     *     none for a replica that joins a group, which neither votes nor stands before its leader has made it a voter
     *     <p>A replica that bears the mark of an install is emptied first (rule K10); a snapshot will be sent to it.
     * @throws IllegalStateException if no such replica is live, or it runs already
     */
    public RaftGroup start(
            RegionId region, ReplicaId self, List<ReplicaId> initialVoters, Origin origin, StateMachine machine) {
        GroupLog log = logs.find(region)
                .filter(live -> live.incarnation() == self.incarnation())
                .orElseThrow(() -> new IllegalStateException("no live replica " + self + " of " + region));
        if (!self.store().equals(link.self())) {
            throw new IllegalStateException("replica cannot be started, region=" + region + ", replica=" + self);
        }
        boolean untouched = log.hardState().equals(HardState.NONE) && log.firstIndex() == 1 && log.lastIndex() == 0;
        if (log.installing().isPresent()) {
            SnapshotExchange.wipe(this, region, machine);
        } else if (untouched && machine.appliedAtStart().index() != 0) {
            // What an earlier incarnation left, whose log is lost.
            machine.wipe();
        }
        JRaftGroup group = new JRaftGroup(this, region, self, initialVoters, log, machine);
        if (groups.putIfAbsent(region, group) != null) {
            throw new IllegalStateException("runs already, region=" + region);
        }
        boolean neverVoted = log.hardState().equals(HardState.NONE) && log.lastIndex() == 0;
        boolean guarded = !group.lease().membership().isOnly(self) && (origin == Origin.SPLIT || !neverVoted);
        NodeManager.getInstance().addAddress(PeerNames.peer(self).getEndpoint());
        boolean started = false;
        try {
            group.start(guarded);
            started = true;
        } finally {
            if (!started) {
                forget(group);
            }
        }
        return group;
    }

    /**
     * Makes the replica of {@code region} here stand for leader as soon as a quorum of its voters can be reached and
     * promises permit, again and again until there is a leader; for the one store chosen to lead a new group.
     */
    public void campaign(RegionId region) {
        JRaftGroup group = require(region);
        clock().execute(() -> {
            group.used();
            group.plan().call(now());
            exchange.considerElection(group, now());
        });
    }

    /**
     * Makes the replica of {@code region}, made by a split, stand at once, promises notwithstanding. Only where the
     * parent's leader is, after it has applied the split (rule K3), and in the first term alone: once another replica
     * has led, a lease of that one may stand.
     *
     * @param parent tells its followers that the split is committed, so that their replicas can vote
     * @param bornTerm the term in which replicas of the region are made
     */
    public void campaignAfterSplit(RegionId region, RegionId parent, long bornTerm) {
        JRaftGroup group = require(region);
        JRaftGroup split = groups.get(parent);
        if (split != null) {
            split.membersToTell().forEach(split::nudge);
        }
        group.gate().askedToStand(bornTerm);
        voters().execute(group::stand);
        // Not before: to stand a second time would end the term that may pass the promises.
        after(VOTE_TIMEOUT_MILLIS, () -> campaign(region));
    }

    /**
     * Makes {@code voters} the voters of {@code region}, if the replica here leads it and they are others: new ones are
     * brought up to date first, then old and new decide together, then the new ones alone (Raft §6). Returns at once;
     * to be called again until nothing is left to do.
     *
     * @param voters what the placement driver wants, from its newest view; each is created on its store by then, or
     *     will be
     */
    public void changeVoters(RegionId region, List<ReplicaId> voters) {
        JRaftGroup group = groups.get(region);
        if (group != null) {
            group.changeVoters(voters);
        }
    }

    /**
     * Returns the voters that the log of {@code region} has, ordered, if the replica here leads it and nothing is
     * changing them.
     */
    public Optional<List<ReplicaId>> settledVoters(RegionId region) {
        return Optional.ofNullable(groups.get(region)).flatMap(JRaftGroup::settledVoters);
    }

    /**
     * Drops what is flushed of the log of {@code region}, so that a replica which has none of it is sent a snapshot;
     * takes effect a little later, and after a second call at the latest.
     */
    public void dropLog(RegionId region) {
        JRaftGroup group = groups.get(region);
        if (group != null) {
            group.dropLog();
        }
    }

    /** Stops all groups and threads. The log engine and the link are left alone. */
    @Override
    public void close() {
        groups.values().forEach(JRaftGroup::close);
        SnapshotDesk open = desk;
        if (open != null) {
            open.close();
        }
        threads.close();
        unusedExecutors.shutdownGracefully();
    }

    // ---- what groups ask of their host

    long now() {
        return ticker.nanoTime();
    }

    long idleNanos() {
        return idleNanos;
    }

    AwakeGroups awake() {
        return awake;
    }

    StoreId self() {
        return link.self();
    }

    Link link() {
        return link;
    }

    Ticker ticker() {
        return ticker;
    }

    LogEngine logs() {
        return logs;
    }

    LogRetention retention() {
        return retention;
    }

    Optional<SnapshotDesk> desk() {
        return Optional.ofNullable(desk);
    }

    Optional<SnapshotSettings> snapshotSettings() {
        return Optional.ofNullable(snapshotSettings);
    }

    LeaseSettings leases() {
        return leases;
    }

    Fault fault() {
        return fault;
    }

    RaftTransport transport() {
        return transport;
    }

    LeaseExchange exchange() {
        return exchange;
    }

    FixedThreadsExecutorGroup unusedExecutors() {
        return unusedExecutors;
    }

    ExecutorService voters() {
        return threads.voters();
    }

    ScheduledExecutorService clock() {
        return threads.clock();
    }

    void after(int millis, Runnable task) {
        clock().schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    void forget(JRaftGroup group) {
        groups.remove(group.id(), group);
        awake.forget(group);
    }

    /** Returns the number of groups that the clock looks after; the others sleep. */
    public int awakeGroups() {
        return awake.count();
    }

    /**
     * Returns whether a disk of this store stalls, so that it must neither lead nor seem alive (rule K37). Any thread.
     */
    public boolean isStalled() {
        return stalled;
    }

    /**
     * Looks whether the disks go on. While one does not, this store gives its leaders up and falls silent, so that the
     * others elect new ones as if it were dead: it cannot make a vote or an entry durable, nor step down in order,
     * which waits for the disk too. Called by the clock thread at each tick.
     */
    void watchDisks() {
        long now = now();
        boolean stands = logWatch.stalled(now, logs.isWriting(), logs.appends());
        for (JRaftGroup group : groups.values()) {
            stands |= group.appliesNothing(now);
        }
        if (stands != stalled) {
            LOG.warn(stands ? "a disk stalls, gives leadership up, store={}" : "the disk goes on, store={}", self());
        }
        stalled = stands;
        for (JRaftGroup group : groups.values()) {
            group.diskStalls(stands);
        }
    }

    // ---- requests of other stores

    private void receive(StoreId from, byte[] request, Consumer<byte[]> respond) {
        exchange.heard(from);
        RaftFrame frame;
        try {
            frame = RaftFrame.decode(request);
        } catch (IllegalArgumentException e) {
            LOG.warn("bad raft frame, from={}, reason={}", from, e.getMessage());
            return;
        }
        receive(from, frame, respond, now());
    }

    private void receive(StoreId from, RaftFrame frame, Consumer<byte[]> respond, long since) {
        JRaftGroup group = groups.get(frame.region());
        if ((group == null || !group.isStarted())
                && frame.kind() == RaftFrame.Kind.VOTE
                && unborn.hold(since, () -> receive(from, frame, respond, since))) {
            return;
        }
        if (group == null || group.self().incarnation() != frame.incarnation() || group.isBroken()) {
            respond.accept(RaftFrame.encodeAnswer(error(RaftError.ENOENT, "no such replica here")));
            return;
        }
        RaftReply reply = new RaftReply(answer -> respond.accept(RaftFrame.encodeAnswer(answer)));
        if (frame.kind() == RaftFrame.Kind.INSTALL) {
            receiveInstall(from, group, frame, reply);
            return;
        }
        ExecutorService thread =
                switch (frame.kind()) {
                    case APPEND -> threads.stripe(frame.region());
                    case VOTE, TIMEOUT_NOW -> threads.voters();
                    case INSTALL -> threads.installer();
                };
        thread.execute(() -> receive(from, group, frame, reply));
    }

    /** The thread is busy until the snapshot is copied, so others are told to come again. */
    private void receiveInstall(StoreId from, JRaftGroup group, RaftFrame frame, RaftReply reply) {
        if (copying.size() >= SnapshotSettings.INSTALLING_MAX || !copying.add(frame.region())) {
            reply.send(error(RaftError.EBUSY, "snapshots are being copied"));
            return;
        }
        threads.installer().execute(() -> {
            try {
                receive(from, group, frame, reply);
            } finally {
                copying.remove(frame.region());
            }
        });
    }

    private static void receive(StoreId from, JRaftGroup group, RaftFrame frame, RaftReply reply) {
        try {
            group.receive(from, frame, reply);
        } catch (RuntimeException e) {
            // A node that is being closed throws what it likes (SOFAJRaft issue 1153).
            LOG.warn("raft request failed, kind={}, region={}, from={}", frame.kind(), frame.region(), from, e);
            reply.send(error(RaftError.EINTERNAL, "the replica cannot answer"));
        }
    }

    private static Message error(RaftError code, String message) {
        return ErrorResponse.newBuilder()
                .setErrorCode(code.getNumber())
                .setErrorMsg(message)
                .build();
    }

    private JRaftGroup require(RegionId region) {
        JRaftGroup group = groups.get(region);
        if (group == null) {
            throw new IllegalStateException("does not run here, region=" + region);
        }
        return group;
    }

    private void every(int millis, Runnable task) {
        clock().scheduleAtFixedRate(
                        () -> {
                            try {
                                task.run();
                            } catch (RuntimeException e) {
                                // The clock must go on: it is what finds dead leaders.
                                LOG.error("task of the raft clock failed", e);
                            }
                        },
                        millis,
                        millis,
                        TimeUnit.MILLISECONDS);
    }
}
