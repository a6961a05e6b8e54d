package io.kvasir.region.range;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Invocation;
import io.kvasir.region.KeyLock;
import io.kvasir.region.Resumed;
import io.kvasir.region.heat.RangeHeat;
import io.kvasir.region.heat.SegmentHeat;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.retry.OnceOnly;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a range, as its store sees it: commands go in, outcomes come out, and what was replied is on disk at a
 * majority. Safe for any thread; no method waits, but {@link #open}.
 *
 * <p>This file is long because all that a store and its gateway may ask of a replica is asked here.
 */
public final class Range {

    /** Says that {@link #readNow} would have to wait for the disk, and {@link #readAside} may; never sent. */
    public static final Reply ON_DISK = Reply.error("ONDISK");

    private final Engine engine;
    private final RecordCache cache;
    private final ReplicaState state;
    private final RangeLeader leader;
    private final RangeApplier applier;
    private final TimestampSource time;
    private final RangeSettings settings;
    private final LockWatch lockWatch;
    private final ReadPool readPool;

    private final LongAdder readsAnswered = new LongAdder();
    private final LongAdder writesTaken = new LongAdder();
    private final RangeHeat heat;

    private volatile @Nullable RaftGroup group;

    private Range(
            Engine engine,
            RecordCache cache,
            ReplicaState state,
            RangeLeader leader,
            RangeApplier applier,
            TimestampSource time,
            RangeSettings settings,
            LockWatch lockWatch,
            ReadPool readPool) {
        this.settings = settings;
        this.readPool = readPool;
        this.lockWatch = lockWatch;
        this.engine = engine;
        this.cache = cache;
        this.state = state;
        this.heat = new RangeHeat(state.descriptor());
        this.leader = leader;
        this.applier = applier;
        this.time = time;
    }

    /**
     * The outside world of a range.
     *
     * @param cache of the engine's newest records, one for all ranges of the store
     * @param owner thread that evaluates its commands
     * @param readPool threads that wait for the disk in its place
     * @param origin id of this cluster, stamped on entries
     * @param listener hears of applied entries
     * @param listeners whether commands record keyspace events
     * @param diskLow whether commands that may grow data are refused, because the store's disks are nearly full; asked
     *     by the owner, must not wait
     */
    public record Surroundings(
            Engine engine,
            RecordCache cache,
            Owner owner,
            TimestampSource time,
            Ticker ticker,
            RandomGenerator random,
            ReadPool readPool,
            RangeSettings settings,
            long origin,
            ApplyListener listener,
            ListenerSwitch listeners,
            LargeCommandBudget largeCommands,
            BooleanSupplier diskLow) {}

    /**
     * Opens the replica with its state in the engine; {@code initial} describes it if it is new. Waits for the disk.
     */
    public static Range open(RegionDescriptor initial, Surroundings around) {
        ReplicaState state = ReplicaState.load(around.engine, initial);
        LockWatch lockWatch = new LockWatch();
        RangeLeader leader = new RangeLeader(state, around, lockWatch);
        RangeApplier applier =
                new RangeApplier(around.engine, around.cache, state, leader, around.listener, around.ticker);
        return new Range(
                around.engine,
                around.cache,
                state,
                leader,
                applier,
                around.time,
                around.settings,
                lockWatch,
                around.readPool);
    }

    /** Returns what the raft group is to apply its entries to. */
    public StateMachine stateMachine() {
        return applier;
    }

    /** Sets where the replicas live that splits of this range make; once, before the raft group starts. */
    public void splitsAt(SplitHost host) {
        applier.splitsAt(host);
    }

    /** Sets the raft group; once, before any command. */
    public void attach(RaftGroup raftGroup) {
        leader.attach(raftGroup);
        group = raftGroup;
    }

    /** Returns what hears of the locks that commands wait for here. */
    public LockWatch lockWatch() {
        return lockWatch;
    }

    public RegionDescriptor descriptor() {
        return state.descriptor();
    }

    /** Returns the raft index applied last. */
    public long appliedIndex() {
        return state.applied().index();
    }

    /** Returns the number of root records of {@code instance}, as applied. */
    public long keys(int instance) {
        return state.keys().getOrDefault(instance, 0L);
    }

    /** Returns the instance that {@code database} maps to, as applied. */
    public int instance(int database) {
        return state.instance(database);
    }

    /** Returns the database that maps to {@code instance}, as applied; none if it was flushed. */
    public OptionalInt database(int instance) {
        return state.instances().database(instance);
    }

    /** Returns some locks, one of each of at most {@code ownersMax} transactions, as applied. */
    public List<KeyLock> locksByOwner(int ownersMax) {
        return state.locks().byOwner(ownersMax);
    }

    /**
     * Returns the instances that no database is mapped to any more and whose records may still be here, as applied, the
     * first retired first.
     */
    public List<Integer> retiredInstances() {
        return state.instances().retiredInOrder();
    }

    /** Returns whether what stood in {@code instance}, which is retired, may still be read (rule K8); as applied. */
    boolean isReadable(int instance) {
        return state.history().isLeft(instance);
    }

    /**
     * What a range keeps of its past on disk.
     *
     * @param horizon the lowest timestamp that a database of it can be read at
     * @param records replaced versions
     * @param bytes of their keys and values, before compression
     */
    public record KeptPast(long horizon, long records, long bytes) {}

    /** Returns what this range keeps of its past, as applied; empty if nothing is. */
    public Optional<KeptPast> keptPast() {
        HistoryState history = state.history();
        return history.isOn() ? Optional.of(history.summary()) : Optional.empty();
    }

    /** Returns what is kept of the past, as applied. */
    HistoryState history() {
        return state.history();
    }

    /** Returns the term in which this replica serves commands, 0 if it does not. */
    public long servingTerm() {
        return leader.servingTerm();
    }

    /** Returns the records that the owner's thread has looked at for commands so far. Owner's thread. */
    long recordsExamined() {
        return leader.recordsExamined();
    }

    /** Returns the number of notes of large writes that are not over, or were never finished, as applied. */
    public int stagedNotes() {
        return state.staged().size();
    }

    /** Returns the number of commands admitted and not yet answered. */
    public int queued() {
        return leader.ends().queued();
    }

    /**
     * Answers a read from applied state, at this instant and on this thread, if this replica surely leads and holds all
     * it needs in memory (rules K1, K16).
     *
     * @return null if the command must go through {@link #submit}; {@link #ON_DISK} if only the disk is in the way
     */
    public @Nullable Reply readNow(Invocation invocation, int[] hashes) {
        return readNow(invocation, hashes, state.descriptor().epoch().version());
    }

    /**
     * As above.
     *
     * @param epochVersion version of the region's epoch that the caller knows; at another, a read of a range would end
     *     where the caller does not expect it
     */
    public @Nullable Reply readNow(Invocation invocation, int[] hashes, long epochVersion) {
        return read(invocation, hashes, epochVersion, false);
    }

    /**
     * As {@link #readNow}, on a thread that waits for the disk (rule K32). The caller sees to it that no other command
     * of the session begins before this has ended: it is in no queue of the range.
     *
     * <p>A write may begin, and even end, while the disk is read. The read is then before it or after it, as what it
     * found says, and both lie between its invocation and its reply; a read of several records is answered only if
     * nothing was applied meanwhile.
     *
     * @param whenDone gets the reply, or null if the command must go through {@link #submit}; exactly once, on a thread
     *     of the read pool, which reads nothing else meanwhile: what takes longer goes on {@link #atOwner}
     * @return false, and {@code whenDone} hears nothing, if too many reads wait for the disk
     */
    public boolean readAside(Invocation invocation, int[] hashes, Consumer<@Nullable Reply> whenDone) {
        return readAside(invocation, hashes, state.descriptor().epoch().version(), whenDone);
    }

    /** As above, at {@code epochVersion}. */
    public boolean readAside(
            Invocation invocation, int[] hashes, long epochVersion, Consumer<@Nullable Reply> whenDone) {
        AtomicReference<@Nullable Reply> reply = new AtomicReference<>();
        return readPool.run(
                () -> reply.setPlain(read(invocation, hashes, epochVersion, true)),
                () -> whenDone.accept(reply.getPlain()));
    }

    /** Runs {@code task}, which is short, on the thread of the range's owner. */
    public void atOwner(Runnable task) {
        leader.atOwner(task);
    }

    private @Nullable Reply read(Invocation invocation, int[] hashes, long epochVersion, boolean mayWait) {
        long term = leader.servingTerm();
        RaftGroup raft = group;
        if (term == 0
                || raft == null
                || state.descriptor().epoch().version() != epochVersion
                || leader.ends().isBusy(hashes)) {
            return null;
        }
        long counter = state.applyCounter();
        LocalReadTransaction transaction = localRead(mayWait);
        Reply reply;
        try {
            reply = invocation.run(transaction);
        } catch (RuntimeException signalOrTear) {
            // NotCached, OutOfRange or OverBudget; or the procedure met records of different moments, which look to it
            // like lost ones. The owner runs it again, over records that fit, and reports what is a fault indeed.
            return transaction.missed() ? ON_DISK : null;
        }
        if (transaction.reads() > 1 && ((counter & 1) != 0 || state.applyCounter() != counter)) {
            return null;
        }
        // Looked at last: the lease then covers the instant at which the record was read, and the range had it.
        if (state.descriptor().epoch().version() != epochVersion
                || !raft.holdsLease(term)
                || leader.servingTerm() != term) {
            return null;
        }
        readsAnswered.increment();
        heat.answered(invocation.userKeys(), reply);
        return reply;
    }

    private LocalReadTransaction localRead(boolean mayWait) {
        return new LocalReadTransaction(
                engine,
                cache,
                state,
                time,
                new Examination(settings.recordsExaminedMax(), settings.bytesExaminedMax()),
                mayWait);
    }

    /**
     * Answers a read from what this replica has applied, leader or not, on this thread: what it sees is one moment of
     * the range's log, and how late that may be is for the caller to know.
     *
     * @return null if memory does not hold all it needs, or a transaction has locked it
     */
    public @Nullable Reply readApplied(Invocation invocation) {
        long counter = state.applyCounter();
        LocalReadTransaction transaction = localRead(false);
        Reply reply;
        try {
            reply = invocation.run(transaction);
        } catch (RuntimeException signalOrTear) {
            return null; // see readNow
        }
        return (counter & 1) == 0 && state.applyCounter() == counter ? reply : null;
    }

    /** Returns the timestamp of the newest entry applied: every batch up to it is, and none above. */
    public long appliedTimestamp() {
        return state.applied().timestamp();
    }

    /**
     * Takes a command into the range's queue.
     *
     * @param epochVersion version of the region's epoch that the sender knows
     * @param whenDone gets the outcome exactly once, on any thread, perhaps before this returns
     */
    public void submit(
            Request request,
            Invocation invocation,
            int[] hashes,
            long epochVersion,
            StreamPlace place,
            Consumer<Outcome> whenDone) {
        Epoch epoch = state.descriptor().epoch();
        RaftGroup raft = group;
        if (raft == null || leader.servingTerm() == 0 && !raft.isElected() && !leader.isHandingOver()) {
            leader.ends().refuseGeneration(place);
            whenDone.accept(new Outcome.NotLeader(raft == null ? Optional.empty() : raft.leader()));
            return;
        }
        if (epochVersion != epoch.version()) {
            leader.ends().refuseGeneration(place);
            whenDone.accept(new Outcome.EpochMismatch(state.current()));
            return;
        }
        Consumer<Outcome> whenOver = invocation.readOnly() ? heat.weighing(invocation.userKeys(), whenDone) : whenDone;
        PendingCommand command = new PendingCommand(request, invocation, hashes, place, whenOver);
        command.epochVersion = epochVersion;
        if (!leader.ends().admit(command)) {
            whenDone.accept(new Outcome.Refused("the range's queue is full, or refused an earlier command"));
            return;
        }
        count(command);
        leader.enqueue(command);
    }

    private void count(PendingCommand command) {
        (command.writes() ? writesTaken : readsAnswered).increment();
        heat.taken(command.invocation.userKeys(), !command.writes(), command.request.argumentBytes());
    }

    /** Returns where this replica was read and written, as leader, since it was asked last; by one thread at a time. */
    public List<SegmentHeat> tellHeat() {
        return heat.tell(state.descriptor());
    }

    /** Returns how many reads this replica has answered as leader, or taken into its queue, since it was opened. */
    public long readsAnswered() {
        return readsAnswered.sum();
    }

    /** Returns how long batches were in each stage here, since this was opened. */
    public StageTimes times() {
        return leader.times();
    }

    /** Returns how many writes this replica has taken into its queue since it was opened. */
    public long writesTaken() {
        return writesTaken.sum();
    }

    /** Returns the number of root records of all instances, as applied. */
    public long keys() {
        return state.keys().values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Takes a command that waits for data if there is none (rule K31): it is answered when it is served, or without
     * effect when this replica no longer leads, or {@link Reply.Null} when its wait was withdrawn. The caller sees to
     * it that no other command of its session is under way.
     *
     * @param asked with a request
     * @param awaiting what that asks for
     * @param from the store that its gateway is in
     * @param whenDone gets the outcome exactly once, on any thread, perhaps before this returns; of one that only
     *     peeks, any reply but null says that there is something to take
     */
    public void await(WaitRequest asked, Awaiting awaiting, StoreId from, Consumer<Outcome> whenDone) {
        RaftGroup raft = group;
        if (raft == null || leader.servingTerm() == 0 && raft.leaderTerm() == 0) {
            whenDone.accept(new Outcome.NotLeader(raft == null ? Optional.empty() : raft.leader()));
            return;
        }
        if (asked.epochVersion() != state.descriptor().epoch().version()) {
            whenDone.accept(new Outcome.EpochMismatch(state.current()));
            return;
        }
        Wait wait =
                new Wait(new Wait.Id(asked.gateway(), asked.number()), from, asked.since(), awaiting, asked.peeks());
        Request request = asked.request().orElseThrow();
        Invocation invocation = asked.peeks()
                ? new Peek(awaiting, awaiting.awaitedKeys())
                : OnceOnly.of(request, new Resumed(awaiting));
        PendingCommand command = new PendingCommand(
                request, invocation, hashesOf(invocation), StreamPlace.alone(asked.gateway()), outcome -> {
                    leader.answered(wait.id());
                    whenDone.accept(outcome);
                });
        command.wait = wait;
        command.epochVersion = asked.epochVersion();
        if (!leader.ends().admit(command)) {
            whenDone.accept(new Outcome.Refused("the range's queue is full"));
            return;
        }
        count(command);
        leader.enqueue(command, wait);
    }

    /** Ends the wait numbered {@code number} of {@code gateway}, unless it is served already. */
    public void withdraw(long gateway, long number) {
        leader.withdraw(new Wait.Id(gateway, number));
    }

    /** Ends all waits that came from {@code store}: their answers could not reach it. */
    public void withdrawAll(StoreId store) {
        leader.withdrawAll(store);
    }

    /** Refuses what comes of this generation of a stream from now on (rule K28). */
    public void refuseGeneration(StreamPlace place) {
        leader.ends().refuseGeneration(place);
    }

    /** Returns the store believed to lead, this one included. */
    public Optional<StoreId> leader() {
        RaftGroup raft = group;
        return raft == null ? Optional.empty() : raft.leader();
    }

    /**
     * Gives leadership to the replica on {@code to}. No command fails by it: those under way end here, those that come
     * meanwhile are kept, and go to the new leader, or on here if there is none.
     *
     * @param whenDone called exactly once, on any thread, within a few seconds; true: another replica is known to lead
     */
    public void transferLeadership(StoreId to, Consumer<Boolean> whenDone) {
        leader.transferLeadership(to, whenDone);
    }

    /**
     * Splits the range: it keeps the keys before a bound, and a new range gets the rest, without a copy (rules K3, K9,
     * K33). No command fails by it: those under way end here, later ones are sent back with both ranges.
     *
     * @param child a number that was never a range's
     * @param at where the new range begins
     * @param voters of the new range: on the stores of this one, of incarnations that never were
     * @param whenDone called exactly once, on any thread, within some minutes: why it did not come about, empty if it
     *     is applied here
     */
    public void split(RegionId child, SplitPoint at, List<ReplicaId> voters, Consumer<Optional<String>> whenDone) {
        leader.split(child, at, voters, whenDone);
    }

    /**
     * Makes the descriptor follow the configuration of the raft group: {@code voters}, which the log has as settled,
     * are the range's from {@code confVersion} on. Without effect if the range has that version already.
     *
     * @param whenDone called exactly once, on any thread: whether it is applied here
     */
    public void followVoters(long confVersion, List<ReplicaId> voters, Consumer<Boolean> whenDone) {
        leader.followVoters(new Effect.Members(confVersion, voters), whenDone);
    }

    /** Applies {@code entries}, of the range's log, which are surely committed; before its raft group starts. */
    public void replay(List<StateMachine.Committed> entries) {
        applier.apply(entries);
    }

    /**
     * Returns how many entries the voter on {@code store} is not known to have, {@link Long#MAX_VALUE} if unknown or
     * this replica does not lead.
     */
    public long lag(StoreId store) {
        RaftGroup raft = group;
        return raft == null ? Long.MAX_VALUE : raft.lag(store);
    }

    /** Returns the hashes of the keys that {@code invocation} declares, for {@link #readNow} and {@link #submit}. */
    public static int[] hashesOf(Invocation invocation) {
        return PendingCommand.hashesOf(invocation);
    }

    /** As {@link #hashesOf(Invocation)}, but none if {@code request} counts as touching the whole range. */
    public static int[] hashesOf(Request request, Invocation invocation) {
        return request.is(Request.FLAG_WHOLE_RANGE) ? new int[0] : PendingCommand.hashesOf(invocation);
    }

    /**
     * Looks after what has been under way for too long; called some ten times a second. An idle range costs its owner
     * nothing.
     */
    public void tick() {
        leader.views().revokeIdle();
        RaftGroup raft = group;
        if (raft == null || !leader.isIdle() || leader.servingTerm() != raft.leaderTerm()) {
            leader.wake();
        }
    }

    /** Lets go what readers have pinned in the engine, which is to be closed: nobody reads or pins any more. */
    public void revokeViews() {
        leader.views().revokeAll();
    }
}
