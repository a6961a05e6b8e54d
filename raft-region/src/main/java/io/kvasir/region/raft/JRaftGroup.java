package io.kvasir.region.raft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.RaftServiceFactory;
import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.RaftOutter.EntryMeta;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.RaftServerService;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosureAdapter;
import com.google.protobuf.Message;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.region.raft.StateMachine.Committed;
import io.kvasir.store.log.GroupLog;
import io.kvasir.store.log.HardState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica on SOFAJRaft. SOFAJRaft replicates and counts votes; when to vote, when to stand, and how long a leader
 * may read without asking is decided here (rules K3, K15, K37), at the two places through which all of its messages
 * pass: {@link #send} and {@link #receive}.
 *
 * <p>This file is long because all that these two places and the interface touch is the state of one replica; what
 * could be decided apart from it is in classes of its own.
 *
 * <p>Safe for any thread. SOFAJRaft's node lock may be held by whoever calls {@link #send}, so nothing here waits for
 * that lock while holding one of its own.
 */
final class JRaftGroup implements RaftGroup {

    /** Time-out of a log request, milliseconds; one that fails is repeated as soon as the store can be reached. */
    static final int APPEND_TIMEOUT_MILLIS = 5_000;

    /**
     * A transfer that has brought no new term by then has failed; the leader then wins a new term itself (rule K15).
     */
    static final int TRANSFER_TIMEOUT_MILLIS = 1_000;

    /** A replica that has not the whole log by then is not asked to lead, milliseconds. */
    static final int CATCH_UP_MILLIS = 100;

    private static final int CATCH_UP_POLL_MILLIS = 2;

    /** Pause before a snapshot is offered again to a follower that did not take it, milliseconds. */
    static final int INSTALL_RETRY_MILLIS = 500;

    private static final Logger LOG = LoggerFactory.getLogger(JRaftGroup.class);

    /** The leader from which a log request has come, and its term. */
    private record Heard(StoreId store, long term) {}

    /** How far another replica's log agrees with that of the leader of {@code term}. */
    private record Accepted(long term, long index) {

        Accepted and(Accepted other) {
            if (term != other.term) {
                return term > other.term ? this : other;
            }
            return index >= other.index ? this : other;
        }
    }

    /** Leadership of {@code term} that is being given to {@code target}. */
    private record Transfer(ReplicaId target, long term, Consumer<Boolean> whenDone) {}

    private final RaftHost host;
    private final RegionId region;
    private final ReplicaId self;
    private final GroupLog log;
    private final StateMachine machine;
    private final Fault fault;
    private final Membership initial;
    private final LeaderLease lease;
    private final VoteGate gate;
    private final ElectionPlan plan = new ElectionPlan();
    private final SnapshotExchange snapshots;
    private final GroupStorages storages;
    private final Applier applier;
    private final Node node;
    private final Candidacy candidacy;
    private final StallWatch applyWatch;

    /** The newest index that each other replica was told to be committed. */
    private final Map<ReplicaId, Long> toldCommitted = new ConcurrentHashMap<>();

    /** The newest index up to which each other replica's log is known to agree with this leader's. */
    private final Map<ReplicaId, Accepted> accepted = new ConcurrentHashMap<>();

    /** Whether a change of voters is under way. */
    private final AtomicBoolean changing = new AtomicBoolean();

    private volatile @Nullable ReplicatorGroup replicators;
    private volatile @Nullable InFlight inFlight;
    private volatile @Nullable Heard heard;

    /** The transfer under way, which another leader's first message or a time-out ends. */
    private final AtomicReference<@Nullable Transfer> transfer = new AtomicReference<>();

    private volatile long leaderTerm;
    private volatile long transferTerm;

    /** The term whose leadership this replica gave up because a disk stalled. Confined to the clock thread. */
    private long suspendedTerm;

    private volatile long usedAt;
    private volatile boolean asleep;
    private volatile long flushedIndex;
    private volatile boolean broken;
    private volatile boolean started;
    private volatile long truncatedAt;

    /** Makes the replica without starting it. */
    JRaftGroup(
            RaftHost host,
            RegionId region,
            ReplicaId self,
            List<ReplicaId> initialVoters,
            GroupLog log,
            StateMachine machine) {
        this.host = host;
        this.region = region;
        this.self = self;
        this.log = log;
        this.machine = machine;
        this.fault = host.fault();
        this.initial = Membership.initial(initialVoters);
        this.gate = new VoteGate(host.leases().guardNanos());
        this.lease = new LeaderLease(
                self, GroupStorages.membership(log, initial), host.leases().leaseNanos());
        AppliedState startedAt = machine.appliedAtStart();
        this.flushedIndex = startedAt.index();
        this.truncatedAt = startedAt.index();
        this.applier = new Applier(this, machine, fault, startedAt);
        this.snapshots = new SnapshotExchange(host, region, log, machine, initial);
        this.storages = new GroupStorages(
                log,
                initial,
                snapshots,
                applier::applied,
                new HardStateStorage(log, fault),
                () -> flushedIndex,
                lease::configure,
                this::advance);
        this.node = RaftServiceFactory.createRaftNode(PeerNames.group(region), PeerNames.peer(self));
        this.candidacy = new Candidacy(region, self, node);
        this.applyWatch = new StallWatch(RaftHost.APPLY_STALL_NANOS, host.now());
    }

    /** Starts the replica, waiting for its log; the only voter of a group is elected before this returns. */
    void start(boolean guarded) {
        if (guarded) {
            gate.promiseAtStart(host.now());
        }
        usedAt = host.now();
        GroupSettings options = new GroupSettings(this, storages, host.unusedExecutors());
        options.setFsm(applier);
        options.setInitialConf(new Configuration(PeerNames.peers(initial.voters())));
        if (!node.init(options)) {
            throw new IllegalStateException("SOFAJRaft cannot start " + region + " as " + self);
        }
        UnusedReadIndex.end(node);
        host.awake().wake(this);
        snapshots.start();
        started = true;
    }

    /** Returns whether it can take part in elections. */
    boolean isStarted() {
        return started;
    }

    /** Told by SOFAJRaft where its replicators are. */
    void replicators(ReplicatorGroup all) {
        replicators = all;
    }

    // ---- messages out

    /** Sends a message of SOFAJRaft. It may hold locks, so {@code callback} is never called before this returns. */
    void send(ReplicaId to, Message message, InvokeCallback callback, int timeoutMillis) {
        switch (message) {
            case AppendEntriesRequest request -> {
                tellConfigurations(request);
                toldCommitted.put(to, request.getCommittedIndex());
                send(to, RaftFrame.Kind.APPEND, false, request, noting(to, request, callback), timeoutMillis);
            }
            case RequestVoteRequest request -> sendVote(to, request, callback);
            case TimeoutNowRequest request -> {
                // Before the frame can reach anybody (rule K15).
                lease.burn(request.getTerm());
                send(to, RaftFrame.Kind.TIMEOUT_NOW, false, request, callback, timeoutMillis);
            }
            case InstallSnapshotRequest request -> sendInstall(to, request, callback, timeoutMillis);
            default -> throw new IllegalArgumentException("no such message here: " + message.getClass());
        }
    }

    /**
     * An attempt that failed is repeated from here as long as the snapshot is on offer: SOFAJRaft would wait for a
     * whole heartbeat interval and have another snapshot made.
     */
    private void sendInstall(ReplicaId to, InstallSnapshotRequest request, InvokeCallback callback, int timeoutMillis) {
        InvokeCallback repeating = (answer, error) -> {
            if (SnapshotExchange.isFinal(answer)
                    || durableTerm() != request.getTerm()
                    || !snapshots.isOffered(request.getUri())) {
                callback.complete(answer, error);
            } else {
                host.after(INSTALL_RETRY_MILLIS, () -> sendInstall(to, request, callback, timeoutMillis));
            }
        };
        send(to, RaftFrame.Kind.INSTALL, false, request, repeating, timeoutMillis);
    }

    /** Notes how far the log of {@code to} agrees with this one before it passes the answer on. */
    private InvokeCallback noting(ReplicaId to, AppendEntriesRequest request, InvokeCallback callback) {
        return (answer, error) -> {
            long index = request.getPrevLogIndex() + request.getEntriesCount();
            boolean took = answer instanceof AppendEntriesResponse response && response.getSuccess();
            if (took) {
                accepted.merge(to, new Accepted(request.getTerm(), index), Accepted::and);
            }
            if (error != null || request.getEntriesCount() == 0 && (!took || index < request.getCommittedIndex())) {
                // It has not heard of all that is committed: what comes without entries, as heartbeats do, may overtake
                // them, and says nothing of entries that are not there yet.
                toldCommitted.remove(to, request.getCommittedIndex());
            }
            callback.complete(answer, error);
        };
    }

    /**
     * A promise binds the candidate too. And its own vote must be durable before anybody can count on it, which
     * SOFAJRaft does only after sending (its issue 1245): a candidate that crashed in between could vote again in the
     * same term.
     */
    private void sendVote(ReplicaId to, RequestVoteRequest request, InvokeCallback callback) {
        long term = request.getTerm();
        boolean transfer = !request.getPreVote() && gate.isTransfer(term);
        if (request.getPreVote()) {
            if (gate.forbids(host.now())) {
                host.transport().refuse(region, callback, "bound by a promise");
                return;
            }
        } else {
            if (!gate.admit(term, transfer, host.now())) {
                host.transport().refuse(region, callback, "bound by a promise");
                return;
            }
            HardState vote = new HardState(term, self);
            if (!log.hardState().equals(vote)) {
                storages.hardState().setTermAndVotedFor(term, PeerNames.peer(self));
            }
        }
        send(to, RaftFrame.Kind.VOTE, transfer, request, callback, RaftHost.VOTE_TIMEOUT_MILLIS);
    }

    private void send(
            ReplicaId to,
            RaftFrame.Kind kind,
            boolean transfer,
            Message message,
            InvokeCallback callback,
            int timeout) {
        RaftFrame frame = new RaftFrame(kind, transfer, region, to.incarnation(), message);
        host.transport().send(to.store(), frame, callback, timeout);
    }

    /** The lease must know of new voters before they can know of it themselves. */
    private void tellConfigurations(AppendEntriesRequest request) {
        for (int i = 0; i < request.getEntriesCount(); i++) {
            EntryMeta entry = request.getEntries(i);
            if (entry.getType() == EntryType.ENTRY_TYPE_CONFIGURATION) {
                long index = request.getPrevLogIndex() + 1 + i;
                advance(ConfigurationCodec.membership(index, entry.getPeersList(), entry.getOldPeersList()));
            }
        }
    }

    private void advance(Membership newest) {
        synchronized (lease) {
            if (newest.index() > lease.membership().index()) {
                lease.configure(newest);
            }
        }
        used();
    }

    // ---- messages in

    /**
     * Handles a request of another store, on a thread that may wait for the disk if {@code frame} is about an election.
     */
    void receive(StoreId from, RaftFrame frame, RaftReply reply) {
        RaftServerService service = (RaftServerService) node;
        if (!(frame.message() instanceof AppendEntriesRequest request) || isNews(from, request)) {
            used();
        }
        Message answer =
                switch (frame.message()) {
                    case AppendEntriesRequest request -> {
                        if (request.getTerm() >= log.hardState().term()) {
                            heard = new Heard(from, request.getTerm());
                            endTransfer(request.getTerm());
                        }
                        yield service.handleAppendEntriesRequest(
                                request, reply.closure(AppendEntriesResponse.getDefaultInstance()));
                    }
                    case RequestVoteRequest request -> vote(service, request, frame.transfer());
                    case TimeoutNowRequest request -> {
                        gate.askedToStand(request.getTerm());
                        yield service.handleTimeoutNowRequest(
                                request, reply.closure(TimeoutNowResponse.getDefaultInstance()));
                    }
                    case InstallSnapshotRequest request ->
                        service.handleInstallSnapshot(
                                request, reply.closure(InstallSnapshotResponse.getDefaultInstance()));
                    default -> throw new IllegalArgumentException("no such message here: " + frame.kind());
                };
        if (answer != null) {
            reply.send(answer);
        }
    }

    /** Another replica leads in {@code term}. */
    private void endTransfer(long term) {
        Transfer under = transfer.get();
        if (under != null && under.term() < term) {
            transferred(under, true);
        }
    }

    /** Returns whether {@code request} is more than a heartbeat of the leader that is known here. */
    private boolean isNews(StoreId from, AppendEntriesRequest request) {
        Heard last = heard;
        return request.getEntriesCount() > 0
                || request.hasData()
                || last == null
                || last.term() != request.getTerm()
                || !last.store().equals(from);
    }

    private Message vote(RaftServerService service, RequestVoteRequest request, boolean transfer) {
        if (request.getPreVote()) {
            return gate.forbids(host.now()) ? notGranted() : service.handlePreVoteRequest(request);
        }
        if (!gate.admit(request.getTerm(), transfer, host.now())) {
            return notGranted();
        }
        Message answer = service.handleRequestVoteRequest(request);
        if (answer instanceof RequestVoteResponse response && response.getGranted()) {
            host.clock().execute(() -> plan.postpone(host.now()));
        }
        return answer;
    }

    private static RequestVoteResponse notGranted() {
        return RequestVoteResponse.newBuilder().setTerm(0).setGranted(false).build();
    }

    // ---- what the applier tells

    void leaderStarted(long term) {
        InFlight present = inFlight;
        if (present == null || present.term() != term) {
            inFlight = new InFlight(term, () -> proposalLost(term));
        }
        used();
        toldCommitted.clear();
        leaderTerm = term;
        lease.lead(term);
        host.exchange().renewSoon(this);
        machine.leaderStarted(term);
        LOG.info("leads, region={}, replica={}, term={}", region, self, term);
    }

    void leaderStopped() {
        leaderTerm = 0;
        lease.stop();
        used();
        machine.leaderStopped();
        LOG.info("leads no more, region={}, replica={}", region, self);
    }

    void applied(List<Committed> batch) {
        InFlight present = inFlight;
        if (present == null) {
            return;
        }
        for (Committed entry : batch) {
            if (entry.term() == present.term()) {
                present.remove(entry.data().length);
            }
        }
    }

    void flushed(long index) {
        flushedIndex = index;
    }

    /** A snapshot has taken the place of state and log. */
    void installed(AppliedState at) {
        flushedIndex = at.index();
        truncatedAt = at.index();
        storages.installed(at.index());
    }

    SnapshotExchange snapshots() {
        return snapshots;
    }

    void broken() {
        broken = true;
        leaderTerm = 0;
        lease.stop();
    }

    boolean isBroken() {
        return broken;
    }

    // ---- leases, called by the exchange

    LeaderLease lease() {
        return lease;
    }

    VoteGate gate() {
        return gate;
    }

    ElectionPlan plan() {
        return plan;
    }

    ReplicaId self() {
        return self;
    }

    /** Returns the newest durable term; a volatile read. */
    long durableTerm() {
        return log.hardState().term();
    }

    /** This replica is in use: it stays awake, or wakes, and renews its lease if it leads. */
    void used() {
        usedAt = host.now();
        if (asleep) {
            host.awake().wake(this);
            if (leaderTerm != 0) {
                host.exchange().renewSoon(this);
            }
        }
    }

    boolean isUsed(long now) {
        return now - usedAt < host.idleNanos();
    }

    boolean isAsleep() {
        return asleep;
    }

    /** Told by {@link AwakeGroups}. */
    void asleep(boolean now) {
        asleep = now;
    }

    /**
     * Returns whether a replica that leads has nothing under way: no proposal, no transfer, no change of members, and
     * every other replica that can be reached has all there is.
     */
    boolean isSettled() {
        InFlight present = inFlight;
        Membership membership = lease.membership();
        return (present == null || present.isEmpty())
                && transferTerm != leaderTerm
                && membership.oldVoters().isEmpty()
                && membersToTell().isEmpty();
    }

    /** Returns the leader that this replica follows, or leads as, in the newest durable term. */
    Optional<StoreId> leaderInTerm() {
        long term = durableTerm();
        if (leaderTerm == term && term != 0) {
            return Optional.of(self.store());
        }
        Heard last = heard;
        return last != null && last.term() == term ? Optional.of(last.store()) : Optional.empty();
    }

    /** Returns whether this replica is the leader for SOFAJRaft, perhaps before the state machine knows of it. */
    boolean isLeader() {
        return leaderTerm != 0 || node.isLeader(false);
    }

    // ---- elections, on a thread that may wait for the disk

    /** Makes this replica stand, unless it leads or a promise forbids it. */
    void stand() {
        long term = durableTerm();
        if (isLeader() || broken || !gate.isTransfer(term + 1) && gate.forbids(host.now())) {
            return;
        }
        candidacy.stand(term);
    }

    /** Ends {@code term}, in which this replica leads or cannot tell what became of a proposal, and stands again. */
    void renewTerm(long term) {
        if (durableTerm() == term && !broken) {
            LOG.info("gives up its term, region={}, replica={}, term={}", region, self, term);
            candidacy.giveUp(term);
            host.campaign(region);
        }
    }

    /** Returns whether the same entries have been applied for too long. Called by the clock thread at each tick. */
    boolean appliesNothing(long now) {
        return applyWatch.stalled(now, applier.isApplying(), applier.applied().index());
    }

    /**
     * Told by the clock thread at each tick whether a disk of this store stalls. If so this replica serves no more and
     * gives up its lease, unless nobody else could lead; SOFAJRaft hears of it only when the disk goes on, because it
     * would wait for the disk. Then, if nobody else has won an election, it stands again.
     */
    void diskStalls(boolean stalls) {
        if (stalls && leaderTerm != 0 && !lease.membership().isOnly(self)) {
            suspendedTerm = leaderTerm;
            leaderStopped();
        } else if (!stalls && suspendedTerm != 0) {
            long term = suspendedTerm;
            suspendedTerm = 0;
            host.voters().execute(() -> renewTerm(term));
        }
    }

    private void proposalLost(long term) {
        if (transferTerm != term) {
            host.voters().execute(() -> renewTerm(term));
        }
    }

    /**
     * Returns who has not been told of all that is applied here. SOFAJRaft tells with the next entry or heartbeat,
     * which at our interval would let followers apply seconds late.
     */
    List<ReplicaId> membersToTell() {
        if (leaderTerm == 0) {
            return List.of();
        }
        long applied = applier.applied().index();
        List<ReplicaId> untold = new ArrayList<>();
        for (ReplicaId member : lease.membership().voters()) {
            addUntold(untold, member, applied);
        }
        for (ReplicaId member : lease.membership().oldVoters()) {
            addUntold(untold, member, applied);
        }
        return untold;
    }

    private void addUntold(List<ReplicaId> untold, ReplicaId member, long applied) {
        if (!member.equals(self)
                && toldCommitted.getOrDefault(member, 0L) < applied
                && host.transport().isUp(member.store())) {
            untold.add(member);
        }
    }

    /** Sends a heartbeat to {@code to}, so that it learns of its leader and of what is committed. */
    void nudge(ReplicaId to) {
        ReplicatorGroup all = replicators;
        if (all != null && isLeader()) {
            all.sendHeartbeat(PeerNames.peer(to), new RpcResponseClosureAdapter<>() {
                @Override
                public void run(Status status) {
                    // Whether it arrived will show.
                }
            });
        }
    }

    /**
     * Lets SOFAJRaft truncate the log if that is worth it. Called by one thread at a time.
     *
     * @param whenDone called on any thread when SOFAJRaft has taken note, not at all if there is nothing to do
     */
    void truncateLog(Runnable whenDone) {
        long applied = applier.applied().index();
        long kept = applied - truncatedAt;
        LogRetention retention = host.retention();
        boolean worthIt = kept >= retention.truncateEntries()
                && (kept >= retention.retainedEntries() || !isNeededByOthers(truncatedAt));
        if (broken || !worthIt) {
            return;
        }
        truncatedAt = applied;
        node.snapshot(status -> {
            if (!status.isOk() && status.getCode() != RaftError.EBUSY.getNumber()) {
                LOG.info("log not truncated, region={}, reason={}", region, status.getErrorMsg());
            }
            whenDone.run();
        });
    }

    /** Returns whether this replica leads and some other lacks entries up to {@code index}. */
    private boolean isNeededByOthers(long index) {
        return leaderTerm != 0
                && lease.membership().all().stream()
                        .anyMatch(member -> !member.equals(self) && acceptedBy(member) < index);
    }

    // ---- membership

    /** See {@link RaftHost#changeVoters}. */
    void changeVoters(List<ReplicaId> voters) {
        Membership present = lease.membership();
        if (leaderTerm == 0
                || broken
                || voters.isEmpty()
                || !present.oldVoters().isEmpty()
                || present.voters().equals(Set.copyOf(voters))
                || !changing.compareAndSet(false, true)) {
            return;
        }
        LOG.info("changes voters, region={}, from={}, to={}", region, present.voters(), voters);
        used();
        host.voters()
                .execute(() -> node.changePeers(new Configuration(PeerNames.peers(voters)), status -> {
                    changing.set(false);
                    LOG.info("voters changed, region={}, to={}, status={}", region, voters, status);
                }));
    }

    /** See {@link RaftHost#settledVoters}. */
    Optional<List<ReplicaId>> settledVoters() {
        Membership present = lease.membership();
        boolean settled = leaderTerm != 0 && !broken && present.oldVoters().isEmpty() && !changing.get();
        return settled ? Optional.of(present.voters().stream().sorted().toList()) : Optional.empty();
    }

    /**
     * See {@link RaftHost#dropLog}. SOFAJRaft drops at a snapshot what came before the one before it, or, if nothing
     * was applied since, before this one.
     */
    void dropLog() {
        if (!broken) {
            node.snapshot(first -> {
                if (first.isOk() && !broken) {
                    node.snapshot(second -> LOG.info("log dropped, region={}, status={}", region, second));
                }
            });
        }
    }

    // ---- RaftGroup

    @Override
    public RegionId id() {
        return region;
    }

    @Override
    public boolean propose(byte[] entry, long expectedTerm) {
        if (entry.length > ENTRY_BYTES_MAX) {
            throw new IllegalArgumentException("entry of " + entry.length + " bytes, at most " + ENTRY_BYTES_MAX);
        }
        InFlight present = inFlight;
        if (present == null
                || present.term() != expectedTerm
                || leaderTerm != expectedTerm
                || transferTerm == expectedTerm
                || !present.add(entry.length)) {
            return false;
        }
        used();
        try {
            node.apply(new Task(ByteBuffer.wrap(entry), present, expectedTerm));
            return true;
        } catch (IllegalStateException e) {
            // The node is shutting down; the task never entered its ring.
            present.remove(entry.length);
            return false;
        }
    }

    @Override
    public long leaderTerm() {
        return leaderTerm;
    }

    @Override
    public boolean isElected() {
        return isLeader() && !broken;
    }

    @Override
    public Optional<StoreId> leader() {
        return leaderInTerm();
    }

    @Override
    public boolean holdsLease(long term) {
        long now = host.now();
        if (now - usedAt > host.idleNanos() / 10) {
            used();
        }
        return leaderTerm == term && host.leases().enabled() && lease.holds(term, now);
    }

    @Override
    public void confirmLeadership(long term, Consumer<Boolean> whenDone) {
        used();
        host.exchange().confirm(this, term, whenDone);
    }

    @Override
    public void transferLeadership(StoreId store, Consumer<Boolean> whenDone) {
        long term = leaderTerm;
        Optional<ReplicaId> target = voterOn(store);
        if (term == 0
                || target.isEmpty()
                || target.get().equals(self)
                || !host.transport().isUp(store)) {
            whenDone.accept(false);
            return;
        }
        used();
        Transfer next = new Transfer(target.get(), term, whenDone);
        if (transfer.compareAndSet(null, next)) {
            awaitCaughtUp(next, host.now() + CATCH_UP_MILLIS * 1_000_000L);
        } else {
            whenDone.accept(false);
        }
    }

    private void awaitCaughtUp(Transfer next, long until) {
        if (leaderTerm != next.term() || broken) {
            transferred(next, false);
        } else if (lease.membership().oldVoters().isEmpty() && acceptedBy(next.target()) >= log.lastIndex()) {
            host.voters().execute(() -> handOver(next));
        } else if (host.now() - until >= 0) {
            LOG.info("no transfer, region={}, to={}, reason=lacks entries", region, next.target());
            transferred(next, false);
        } else {
            host.after(CATCH_UP_POLL_MILLIS, () -> awaitCaughtUp(next, until));
        }
    }

    private void handOver(Transfer next) {
        transferTerm = next.term();
        Status status = node.transferLeadershipTo(PeerNames.peer(next.target()));
        if (!status.isOk() && !(changing.get() && askDuringChange(next))) {
            LOG.info("no transfer, region={}, to={}, reason={}", region, next.target(), status.getErrorMsg());
            transferTerm = 0;
            transferred(next, false);
            return;
        }
        host.after(TRANSFER_TIMEOUT_MILLIS, () -> host.voters().execute(() -> {
            renewTerm(next.term());
            transferred(next, false);
        }));
    }

    /**
     * Has the target stand while a new replica is brought up to date here, which SOFAJRaft refuses and which may take
     * long. The target is a voter with the whole log, whatever becomes of the change; that ends with this term, and
     * whoever leads next begins it again. Returns whether the target was asked.
     */
    private boolean askDuringChange(Transfer next) {
        ReplicatorGroup all = replicators;
        boolean asked = all != null
                && isLeader()
                && lease.membership().oldVoters().isEmpty()
                && acceptedBy(next.target()) >= log.lastIndex()
                && all.transferLeadershipTo(PeerNames.peer(next.target()), log.lastIndex());
        if (asked) {
            LOG.info("transfer ends a change of voters, region={}, to={}", region, next.target());
            leaderStopped();
        }
        return asked;
    }

    private void transferred(Transfer over, boolean done) {
        if (transfer.compareAndSet(over, null)) {
            over.whenDone().accept(done);
        }
    }

    @Override
    public long lag(StoreId store) {
        if (leaderTerm == 0) {
            return Long.MAX_VALUE;
        }
        long known = voterOn(store).map(this::acceptedBy).orElse(0L);
        return known == 0 ? Long.MAX_VALUE : Math.max(0, log.lastIndex() - known);
    }

    /** Returns up to which index the log of {@code replica} is known to agree with this leader's, 0 if not at all. */
    private long acceptedBy(ReplicaId replica) {
        Accepted known = accepted.get(replica);
        return known != null && known.term() == leaderTerm ? known.index() : 0;
    }

    private Optional<ReplicaId> voterOn(StoreId store) {
        return lease.membership().voters().stream()
                .filter(voter -> voter.store().equals(store))
                .findFirst();
    }

    @Override
    public void holdLeaseRenewal(boolean held) {
        lease.holdRenewal(held);
    }

    @Override
    public void close() {
        host.forget(this);
        broken();
        node.shutdown();
        try {
            node.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
