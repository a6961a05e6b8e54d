package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.request.Outcome;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.range.Batch.Fate;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.TimestampSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The life of commands at a range's leader: line, batch, timestamp, evaluation, entry, replies.
 *
 * <p><b>Model.</b> One owner thread gathers the commands that wait into a batch, fetches one timestamp for it
 * <em>after</em> its last command arrived (rule K13), has the commands evaluated in order over the batches under way
 * ({@link Evaluator}), and proposes their effects as one entry, linked to the one before ({@link EntryChain}, rule K2).
 * The applying thread ends the batch: if its entry was applied the replies leave, if it is surely lost its commands are
 * sent back to the gateway (rule K22).
 *
 * <p><b>Invariants.</b> At most one batch waits for a timestamp. After a start of leadership nothing is evaluated until
 * the entry that starts the chain is applied: then the overlay is empty and the counts are those applied. A command
 * that was refused closes its stream's generation before it is sent back (rule K28).
 *
 * <p><b>Handing over.</b> A leader that is told to give leadership away begins no batch, ends those under way, and then
 * asks the other replica to lead. Commands that come meanwhile wait in the line, and are sent back, to be sent to the
 * new leader, once there is one. Reads are answered under the lease until the other is asked, which ends it for good.
 *
 * <p><b>Threads.</b> Fields are confined to the owner thread unless they say otherwise.
 *
 * <p>This file is long because the order in which all that a leader does takes turns is here.
 */
final class RangeLeader {

    /**
     * Commands wait no longer for a replica that was elected to begin to lead, in ns: it may have no majority any more.
     */
    static final long ELECTED_NANOS_MAX = 1_000_000_000L;

    private final ReplicaState state;
    private final Owner owner;
    private final TimestampSource time;
    private final Ticker ticker;
    private final RangeSettings settings;
    private final CommandEnds ends;
    private final CommandLine line = new CommandLine();
    private final Evaluator evaluator;
    private final EntryChain chain;
    private final PinnedViews views;
    private final StageTimes times = new StageTimes();
    private final LeaderSplits splits;

    /** Whether {@link #turn} is queued already. Any thread. */
    private final AtomicBoolean turnQueued = new AtomicBoolean();

    /** The batch that waits for its timestamp. */
    private @Nullable Batch gathering;

    /** Reads that wait until leadership is confirmed. */
    private @Nullable Batch confirming;

    /** Commands that the range has given itself, but for splits. */
    private long ownCommands;

    /** Whether the next batch waits until those under way are applied. */
    private boolean drainFirst;

    /** When this replica was first seen to be elected and not to lead yet. */
    private OptionalLong electedNanos = OptionalLong.empty();

    /** Leadership that is being given away; no batch begins meanwhile. Written by the owner, read by any thread. */
    private volatile @Nullable HandOver handOver;

    RangeLeader(ReplicaState state, Range.Surroundings around, LockWatch lockWatch) {
        this.state = state;
        this.ticker = around.ticker();
        this.owner = around.owner();
        this.time = around.time();
        this.settings = around.settings();
        this.ends = new CommandEnds(settings);
        this.chain = new EntryChain(state, ends, around.ticker(), settings, around.origin(), times);
        this.views = new PinnedViews(around.engine(), around.ticker());
        this.evaluator = new Evaluator(state, around, ends, line, lockWatch, views, this::turn);
        this.splits = new LeaderSplits(state, around, ends, views, evaluator::tallyBy, chain::requireGroup, this::turn);
    }

    /** Sets the group to propose to; once. It may have made this replica its leader already. */
    void attach(RaftGroup raftGroup) {
        owner.execute(() -> {
            chain.attach(raftGroup);
            if (chain.term() != 0) {
                startChain();
            }
        });
    }

    CommandEnds ends() {
        return ends;
    }

    /** Returns what readers have pinned. Any thread. */
    PinnedViews views() {
        return views;
    }

    /** Returns how long batches were in each stage. Any thread. */
    StageTimes times() {
        return times;
    }

    /** Returns the term in which commands are served, 0 if none. Any thread. */
    long servingTerm() {
        return chain.servingTerm();
    }

    /** Returns the records looked at for commands so far. Owner's thread. */
    long recordsExamined() {
        return evaluator.recordsExamined();
    }

    /** Queues {@code command}, which has been admitted. Any thread. */
    void enqueue(PendingCommand command) {
        command.queuedNanos = ticker.nanoTime();
        line.offer(command);
        wake();
    }

    /** Returns whether no command waits for an answer, no batch for its fate and nobody for a turn. Any thread. */
    boolean isIdle() {
        return ends.queued() == 0
                && chain.inflight() == 0
                && !chain.hasEnded()
                && !evaluator.hasStaged()
                && !evaluator.waiters().isHolding()
                && !splits.isUnderWay();
    }

    /** Asks for a turn of the owner. Any thread. */
    void wake() {
        if (turnQueued.compareAndSet(false, true)) {
            owner.execute(this::turn);
        }
    }

    /** Queues {@code command}, which has been admitted and may wait for data. Any thread. */
    void enqueue(PendingCommand command, Wait wait) {
        evaluator.waiters().expect(wait.id(), command);
        enqueue(command);
    }

    /** The command of {@code id} was answered. Any thread. */
    void answered(Wait.Id id) {
        evaluator.waiters().answered(id);
    }

    /** Whoever sent the command of {@code id} wants it to wait no longer. Any thread. */
    void withdraw(Wait.Id id) {
        PendingCommand command = evaluator.waiters().find(id);
        if (command != null) {
            command.withdrawn = true;
            owner.execute(() -> evaluator.waiters().withdraw(id));
        }
    }

    /** Nobody at {@code store} hears what its commands here wait for. Any thread. */
    void withdrawAll(StoreId store) {
        evaluator.waiters().cameFrom(store).forEach(this::withdraw);
    }

    /** Runs {@code task} on the owner's thread. Any thread. */
    void atOwner(Runnable task) {
        owner.execute(task);
    }

    /** This replica leads in {@code newTerm}. Applying thread. */
    void leadershipGained(long newTerm) {
        owner.execute(() -> {
            if (chain.lead(newTerm) && chain.isAttached()) {
                startChain();
            }
        });
    }

    /** This replica leads no more. Applying thread. */
    void leadershipLost() {
        chain.stopServing();
        views.revokeAll();
        owner.execute(this::stepDown);
    }

    /**
     * An entry linked as {@code link} was applied ({@code accepted}) or refused at its place in the log. Applying
     * thread.
     */
    void entryJudged(ChainLink link, boolean accepted) {
        chain.judge(link, accepted);
        if (link.sequence() == 0 && accepted) {
            owner.execute(() -> startServing(link));
        } else if (!accepted) {
            owner.execute(() -> restartChain(link.term()));
        } else if (line.hasArrivals() || chain.hasEnded()) {
            wake();
        }
    }

    /** A snapshot that stands at {@code link} has taken the place of the applied state. Applying thread. */
    void stateReplaced(ChainLink link) {
        chain.skipTo(link);
        wake();
    }

    /** See {@link Range#transferLeadership}. Any thread. */
    void transferLeadership(StoreId to, Consumer<Boolean> whenDone) {
        owner.execute(() -> {
            if (!chain.isStarted()
                    || handOver != null
                    || splits.isUnderWay()
                    || views.areInUse() // an export reads here, and would have to begin anew
                    || chain.requireGroup().lag(to) > HandOver.LAG_ENTRIES_MAX) {
                whenDone.accept(false);
                return;
            }
            handOver = new HandOver(to, ticker.nanoTime(), whenDone);
            turn();
        });
    }

    /** See {@link Range#split}. Any thread. */
    void split(RegionId child, SplitPoint at, List<ReplicaId> voters, Consumer<Optional<String>> whenDone) {
        owner.execute(() -> {
            if (!chain.isStarted() || handOver != null) {
                whenDone.accept(Optional.of("the range is not led here, or not for long"));
            } else if (at instanceof SplitPoint.Middle) {
                splits.findMiddle(middle -> split(child, middle, voters, whenDone), whenDone);
            } else {
                splits.begin(child, at, voters, whenDone);
            }
        });
    }

    /** See {@link Range#followVoters}. Any thread. */
    void followVoters(Effect.Members members, Consumer<Boolean> whenDone) {
        owner.execute(() -> {
            if (chain.isStarted() && handOver == null) {
                PendingCommand command = OwnCommands.follow(members, state, ++ownCommands, whenDone);
                ends.admitOwn(command);
                enqueue(command);
            } else {
                whenDone.accept(false);
            }
        });
    }

    /**
     * Returns whether leadership is being given away and nobody has it yet: commands wait here meanwhile. Any thread.
     */
    boolean isHandingOver() {
        return handOver != null;
    }

    /** Asks the other replica to lead once nothing is under way here, or gives it up. */
    private void advance(HandOver over) {
        if (over.isAsked()) {
            return;
        }
        if (gathering == null && confirming == null && chain.inflight() == 0) {
            over.ask();
            chain.requireGroup().transferLeadership(over.to(), done -> owner.execute(() -> handedOver(over, done)));
        } else if (over.isOverdue(ticker.nanoTime())) {
            handedOver(over, false);
        }
    }

    /** Leadership is with another replica, or was not to be given away: what has waited goes there, or on here. */
    private void handedOver(HandOver over, boolean done) {
        handOver = null;
        over.whenDone().accept(done);
        turn();
    }

    private void startChain() {
        drainFirst = false;
        electedNanos = OptionalLong.empty();
        dropGathering();
        chain.begin();
    }

    private void restartChain(long refusedTerm) {
        if (refusedTerm != 0 && refusedTerm == chain.term() && chain.isStarted()) {
            chain.noteRefusal();
            startChain();
        }
    }

    private void startServing(ChainLink link) {
        if (!chain.awaits(link)) {
            return;
        }
        chain.forgetEnded(evaluator::forget);
        evaluator.reset();
        splits.reset();
        chain.start();
        turn();
    }

    private void stepDown() {
        chain.stepDown();
        dropGathering();
        evaluator.forgetAll();
        splits.stepDown();
        HandOver over = handOver;
        if (over != null && !over.isAsked()) {
            // It is lost before anybody was asked to take it, and nobody will say that this is over.
            handOver = null;
            over.whenDone().accept(false);
        }
        if (chain.isAttached() && handOver == null) {
            refuseWaiting();
        }
    }

    private void dropGathering() {
        if (gathering != null) {
            List<PendingCommand> commands = gathering.commands;
            gathering = null;
            refuseAll(commands, new Outcome.NotLeader(Optional.empty()));
        }
    }

    private void refuseWaiting() {
        Outcome.NotLeader outcome = new Outcome.NotLeader(chain.requireGroup().leader());
        while (line.takeIn() > 0) {
            refuseAll(line.take(settings.batchCommandsMax()), outcome);
        }
    }

    private void refuseAll(List<PendingCommand> commands, Outcome outcome) {
        for (PendingCommand command : commands) {
            evaluator.refuse(command, outcome);
        }
    }

    private void turn() {
        turnQueued.set(false);
        chain.forgetEnded(evaluator::forget);
        if (!chain.isAttached()) {
            return;
        }
        HandOver over = handOver;
        if (chain.term() == 0) {
            chain.giveUpOverdue();
            if (over == null && !isAboutToLead()) {
                refuseWaiting();
            }
            return;
        }
        if (chain.isOverdue() || chain.isBroken()) {
            startChain();
        }
        if (chain.isStarted()) {
            evaluator.discardOrphans();
            evaluator.watchLocks();
            evaluator.releaseHeld();
        }
        if (over != null) {
            advance(over);
            return;
        }
        if (chain.isStarted()) {
            evaluator.followEpoch();
            if (splits.wantsRest() && !rest()) {
                return;
            }
        }
        while (chain.isStarted() && gathering == null && confirming == null) {
            int waiting = line.takeIn();
            if (waiting == 0 || !mayBegin(waiting)) {
                return;
            }
            gather();
        }
    }

    /** Lets a split go on once nothing is under way; returns whether batches may begin. */
    private boolean rest() {
        if (gathering != null || confirming != null || chain.inflight() != 0) {
            return false;
        }
        PendingCommand command = splits.atRest();
        if (command == null) {
            return true;
        }
        gather(new Batch(List.of(command)));
        return false;
    }

    /** Returns whether this replica was elected a moment ago, so that what waits need not be sent back. */
    private boolean isAboutToLead() {
        if (!chain.requireGroup().isElected()) {
            electedNanos = OptionalLong.empty();
            return false;
        }
        long now = ticker.nanoTime();
        if (electedNanos.isEmpty()) {
            electedNanos = OptionalLong.of(now);
        }
        return now - electedNanos.getAsLong() <= ELECTED_NANOS_MAX;
    }

    private boolean mayBegin(int waiting) {
        int flying = chain.inflight();
        if (flying == 0) {
            drainFirst = false;
            return true;
        }
        return !drainFirst
                && flying < settings.inflightBatchesMax()
                && (waiting >= settings.pipelineCommandsMin() || line.isCrowded() || evaluator.isLaborious());
    }

    private void gather() {
        gather(new Batch(line.take(settings.batchCommandsMax())));
    }

    private void gather(Batch batch) {
        batch.gatheredNanos = ticker.nanoTime();
        noteQueued(batch);
        gathering = batch;
        time.fetch(timestamp -> {
            if (owner.isCurrent()) {
                timestampArrived(batch, timestamp);
            } else {
                owner.execute(() -> {
                    timestampArrived(batch, timestamp);
                    turn();
                });
            }
        });
    }

    private void noteQueued(Batch batch) {
        PendingCommand first = batch.commands.getFirst();
        if (first.queuedNanos != 0) {
            times.add(Stage.QUEUE, batch.gatheredNanos - first.queuedNanos);
        }
        batch.commands.forEach(command -> command.queuedNanos = 0);
    }

    private void timestampArrived(Batch batch, long timestamp) {
        if (gathering != batch) {
            return; // stepped down meanwhile: its commands are refused already, and the timestamp is of no use (K13)
        }
        gathering = null;
        if (timestamp == TimestampSource.UNAVAILABLE) {
            refuseAll(batch.commands, new Outcome.Refused("the placement driver gives no timestamps now"));
            return;
        }
        batch.timestamp = timestamp;
        batch.chain = chain.first();
        times.add(Stage.TIMESTAMP, ticker.nanoTime() - batch.gatheredNanos);
        evaluator.evaluate(batch);
        times.add(Stage.EVALUATE, evaluator.lastBatchNanos());
        drainFirst |= batch.mapsInstance;
        if (batch.effects.isEmpty()) {
            releaseReads(batch);
        } else if (!chain.propose(batch)) {
            // Never appended: whatever was evaluated over it is thrown away with it, which is nothing yet.
            startChain();
        }
    }

    /** Replies of a batch without effects leave when the writes they saw are applied and leadership is certain. */
    private void releaseReads(Batch reads) {
        if (reads.answered.isEmpty() && reads.followers.isEmpty()) {
            return;
        }
        Optional<Fate> fate = chain.followNewest(reads);
        if (fate.isEmpty()) {
            return;
        }
        if (fate.get() != Fate.APPLIED) {
            ends.end(reads, Fate.LOST);
            return;
        }
        long readTerm = chain.term();
        if (chain.requireGroup().holdsLease(readTerm)) {
            ends.end(reads, Fate.APPLIED);
            return;
        }
        // Nothing is evaluated meanwhile: were the reads refused after a later command of a session ran, they would be
        // sent again and overtaken by it.
        confirming = reads;
        chain.requireGroup()
                .confirmLeadership(
                        readTerm,
                        confirmed -> owner.execute(() -> {
                            ends.end(reads, confirmed ? Fate.APPLIED : Fate.LOST);
                            if (confirming == reads) {
                                confirming = null;
                            }
                            turn();
                        }));
    }
}
