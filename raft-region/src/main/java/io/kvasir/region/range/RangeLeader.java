package io.kvasir.region.range;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.region.OutOfRange;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.range.Batch.Answered;
import io.kvasir.region.range.Batch.Fate;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.NotCached;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of commands at a range's leader: inbox, batch, timestamp, evaluation, entry, replies.
 *
 * <p><b>Model.</b> One owner thread drains the inbox into a batch, fetches one timestamp for it <em>after</em> its last
 * command arrived (rule K13), evaluates the commands in order over the overlay of batches under way, and proposes their
 * effects as one entry, linked to the one before (rule K2). The applying thread ends the batch: if its entry was
 * applied the replies leave, if an entry was applied before which it should have been, it is surely lost and its
 * commands are sent back to the gateway (rule K22). Nothing else decides a fate but time running out, which is
 * "undetermined".
 *
 * <p><b>Invariants.</b> At most one batch waits for a timestamp. Batches end in the order of their chain links. The
 * overlay holds exactly the writes of batches that have not ended, or whose end the owner has not seen. After a start
 * of leadership nothing is evaluated until the entry that starts the chain is applied: then the overlay is empty and
 * the counts are those applied. A command that was refused closes its stream's generation before it is sent back (rule
 * K28).
 *
 * <p><b>Threads.</b> Fields are confined to the owner thread unless they say otherwise.
 *
 * <p>This file is long because a batch has one life: its steps share the same few fields, and an invariant over them is
 * easier to see in one place.
 */
final class RangeLeader {

    private static final Logger LOG = LoggerFactory.getLogger(RangeLeader.class);

    /** The answer to what may grow data while the disk is nearly full; surely without effect. */
    private static final Reply DISK_FULL = Reply.error(
            "DISKFULL the disk of the range's leader is nearly full, only commands that do not add data are served");

    private final ReplicaState state;
    private final Engine engine;
    private final RecordCache cache;
    private final Owner owner;
    private final TimestampSource time;
    private final Ticker ticker;
    private final ReadPool readPool;
    private final RangeSettings settings;
    private final long origin;
    private final ListenerSwitch listeners;
    private final BooleanSupplier diskLow;

    private final Overlay overlay = new Overlay();
    private final LeaderCounts counts = new LeaderCounts();
    private final LeaderTransaction transaction;
    private final ArrayDeque<PendingCommand> ready = new ArrayDeque<>();
    private final ParkedSessions parked = new ParkedSessions();

    /** Filled by any thread, emptied by the owner. */
    private final MpscUnboundedArrayQueue<PendingCommand> inbox = new MpscUnboundedArrayQueue<>(1024);

    /** Whether {@link #turn} is queued already. Any thread. */
    private final AtomicBoolean turnQueued = new AtomicBoolean();

    /**
     * In chain order; added to by the owner, taken from by the applying thread and, after a step-down, by the owner.
     */
    private final Queue<Batch> inflight = new ConcurrentLinkedQueue<>();

    private final AtomicInteger inflightCount = new AtomicInteger();

    /** Batches that ended, for the owner to forget their writes. */
    private final Queue<Batch> ended = new ConcurrentLinkedQueue<>();

    private final CommandEnds ends;

    private @Nullable RaftGroup group;
    private long term;
    private int chain;
    private long sequence;
    private boolean chainStarted;
    private boolean drainFirst;
    private long chainProposedNanos;
    private @Nullable Batch gathering;
    private @Nullable Batch newest;
    private @Nullable Batch confirming;

    /** The term in which commands are served, 0 if none. Written by the owner, read by any thread. */
    private volatile long servingTerm;

    RangeLeader(
            ReplicaState state,
            Engine engine,
            RecordCache cache,
            Owner owner,
            TimestampSource time,
            Ticker ticker,
            RandomGenerator random,
            ReadPool readPool,
            RangeSettings settings,
            long origin,
            ListenerSwitch listeners,
            BooleanSupplier diskLow) {
        this.state = state;
        this.engine = engine;
        this.cache = cache;
        this.owner = owner;
        this.time = time;
        this.ticker = ticker;
        this.readPool = readPool;
        this.settings = settings;
        this.origin = origin;
        this.listeners = listeners;
        this.diskLow = diskLow;
        this.ends = new CommandEnds(settings);
        this.transaction = new LeaderTransaction(engine, cache, overlay, state, counts, random);
    }

    /** Sets the group to propose to; once. It may have made this replica its leader already. */
    void attach(RaftGroup raftGroup) {
        owner.execute(() -> {
            group = raftGroup;
            if (term != 0) {
                startChain();
            }
        });
    }

    CommandEnds ends() {
        return ends;
    }

    long servingTerm() {
        return servingTerm;
    }

    /** Queues {@code command}, which has been admitted. Any thread. */
    void enqueue(PendingCommand command) {
        inbox.offer(command);
        wake();
    }

    /** Asks for a turn of the owner. Any thread. */
    void wake() {
        if (turnQueued.compareAndSet(false, true)) {
            owner.execute(this::turn);
        }
    }

    /** This replica leads in {@code newTerm}. Applying thread. */
    void leadershipGained(long newTerm) {
        owner.execute(() -> lead(newTerm));
    }

    /** This replica leads no more. Applying thread. */
    void leadershipLost() {
        servingTerm = 0;
        owner.execute(this::stepDown);
    }

    /**
     * An entry linked as {@code link} was applied ({@code accepted}) or refused at its place in the log. Ends the
     * batches whose fate this tells. Applying thread.
     */
    void entryJudged(ChainLink link, boolean accepted) {
        while (true) {
            Batch head = inflight.peek();
            if (head == null || isBefore(link, head.link)) {
                break;
            }
            if (!inflight.remove(head)) {
                continue; // the owner gave it up meanwhile
            }
            inflightCount.decrementAndGet();
            boolean applied = accepted && head.link.equals(link);
            end(head, applied ? Fate.APPLIED : Fate.LOST);
            if (head.link.equals(link)) {
                break;
            }
        }
        if (link.sequence() == 0 && accepted) {
            owner.execute(() -> startServing(link));
        } else if (!accepted) {
            owner.execute(() -> restartChain(link.term()));
        } else if (!inbox.isEmpty() || !ended.isEmpty()) {
            wake();
        }
    }

    private static boolean isBefore(ChainLink a, ChainLink b) {
        if (a.term() != b.term()) {
            return a.term() < b.term();
        }
        return a.chain() != b.chain() ? a.chain() < b.chain() : a.sequence() < b.sequence();
    }

    private void end(Batch batch, Fate fate) {
        List<Batch> dependents = batch.end(fate);
        ends.end(batch, fate);
        for (Batch reads : dependents) {
            ends.end(reads, fate);
        }
        ended.add(batch);
    }

    private void lead(long newTerm) {
        if (newTerm < term) {
            return;
        }
        if (newTerm > term) {
            term = newTerm;
            chain = 0;
        }
        if (group != null) {
            startChain();
        }
    }

    /** Begins a chain: what is in flight stays there until the start entry or it is applied, and tells its fate. */
    private void startChain() {
        servingTerm = 0;
        chainStarted = false;
        drainFirst = false;
        dropGathering();
        chain++;
        sequence = 0;
        chainProposedNanos = ticker.nanoTime();
        Entry start = Entry.start(state.descriptor().id(), state.descriptor().epoch(), term, chain, origin);
        if (!requireGroup().propose(EntryCodec.encode(start), term)) {
            LOG.info(
                    "range {} could not start chain {} of term {}",
                    state.descriptor().id(),
                    chain,
                    term);
            chainProposedNanos -= settings.proposalNanosMax(); // the next tick tries again
        }
    }

    private void restartChain(long refusedTerm) {
        if (term != 0 && refusedTerm == term && chainStarted) {
            LOG.warn(
                    "range {} starts a new chain in term {}: an entry was refused",
                    state.descriptor().id(),
                    term);
            startChain();
        }
    }

    private void startServing(ChainLink link) {
        if (link.term() != term || link.chain() != chain || chainStarted) {
            return;
        }
        forgetEnded();
        overlay.clear();
        counts.reset(state.keys());
        newest = null;
        chainStarted = true;
        servingTerm = term;
        turn();
    }

    private void stepDown() {
        term = 0;
        servingTerm = 0;
        chainStarted = false;
        dropGathering();
        overlay.clear();
        if (group != null) {
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
        drainInbox();
        Outcome.NotLeader outcome = new Outcome.NotLeader(requireGroup().leader());
        for (PendingCommand command = ready.poll(); command != null; command = ready.poll()) {
            ends.refuse(command, outcome);
            releaseBehind(command, ready);
        }
    }

    private void refuseAll(List<PendingCommand> commands, Outcome outcome) {
        for (PendingCommand command : commands) {
            ends.refuse(command, outcome);
            releaseBehind(command, ready);
        }
    }

    /** Puts the commands held back behind {@code command}, which is through, before all others in {@code line}. */
    private void releaseBehind(PendingCommand command, ArrayDeque<PendingCommand> line) {
        for (PendingCommand held : parked.release(command).reversed()) {
            line.addFirst(held);
        }
    }

    private void turn() {
        turnQueued.set(false);
        forgetEnded();
        watch();
        if (group == null) {
            return;
        }
        if (term == 0) {
            refuseWaiting();
            return;
        }
        while (chainStarted && gathering == null && confirming == null) {
            drainInbox();
            if (ready.isEmpty() || !mayBegin()) {
                return;
            }
            gather();
        }
    }

    private void drainInbox() {
        for (PendingCommand command = inbox.relaxedPoll(); command != null; command = inbox.relaxedPoll()) {
            ready.add(command);
        }
    }

    private boolean mayBegin() {
        int flying = inflightCount.get();
        if (flying == 0) {
            drainFirst = false;
            return true;
        }
        return !drainFirst && flying < settings.inflightBatchesMax() && ready.size() >= settings.pipelineCommandsMin();
    }

    private void gather() {
        List<PendingCommand> commands = new ArrayList<>(Math.min(ready.size(), settings.batchCommandsMax()));
        while (commands.size() < settings.batchCommandsMax() && !ready.isEmpty()) {
            commands.add(ready.poll());
        }
        Batch batch = new Batch(commands);
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
        evaluate(batch);
        if (batch.effects.isEmpty()) {
            releaseReads(batch);
        } else {
            propose(batch);
        }
    }

    /**
     * Evaluates the commands of {@code batch} in order. What was held back behind a parked command runs right after it:
     * it arrived before this batch asked for its timestamp, and later commands of its session may stand in this very
     * batch.
     */
    private void evaluate(Batch batch) {
        ArrayDeque<PendingCommand> work = new ArrayDeque<>(batch.commands);
        int ordinal = 0;
        for (PendingCommand command = work.poll(); command != null; command = work.poll()) {
            if (ends.isRefused(command)) {
                ends.refuse(command, new Outcome.Refused("an earlier command of the stream was refused"));
                releaseBehind(command, work);
            } else if (!parked.holdBack(command) && evaluate(batch, command, ordinal++)) {
                releaseBehind(command, work);
            }
            if (drainFirst || batch.bytes >= settings.batchBytesTarget()) {
                while (!work.isEmpty()) {
                    ready.addFirst(work.pollLast());
                }
            }
        }
    }

    /** Runs one command; returns whether it is through, one way or another, rather than parked. */
    private boolean evaluate(Batch batch, PendingCommand command, int ordinal) {
        if (command.invocation.mayGrow() && diskLow.getAsBoolean()) {
            ends.finish(command, new Outcome.Done(DISK_FULL));
            return true;
        }
        boolean mayWait = command.coldRuns >= settings.coldRunsMax();
        transaction.begin(batch, ordinal, mayWait, listeners.wanted());
        Reply reply;
        try {
            reply = command.invocation.run(transaction);
        } catch (NotCached cold) {
            transaction.abandon();
            park(command);
            return false;
        } catch (OutOfRange outOfRange) {
            transaction.abandon();
            ends.finish(command, new Outcome.OutOfRange());
            return true;
        } catch (RuntimeException | StackOverflowError bug) {
            transaction.abandon();
            LOG.error("procedure {} failed", command.request.procedure(), bug);
            ends.finish(
                    command, new Outcome.Done(Reply.error("ERR internal error, see the log of the range's leader")));
            return true;
        }
        if (transaction.effectBytes() > settings.commandEffectBytesMax()) {
            transaction.abandon();
            ends.finish(
                    command,
                    new Outcome.Done(Reply.error("ERR value too large: one command may write at most "
                            + settings.commandEffectBytesMax() + " bytes")));
            return true;
        }
        if (transaction.mapsInstance()) {
            drainFirst = true;
        }
        transaction.finish();
        batch.answered.add(new Answered(command, reply));
        return true;
    }

    /** A record the command needs is on disk: a reader fetches it while the session's later commands wait behind it. */
    private void park(PendingCommand command) {
        command.coldRuns++;
        parked.park(command);
        boolean accepted = readPool.run(
                () -> command.invocation.run(new LocalReadTransaction(engine, cache, state, time, true)),
                () -> owner.execute(() -> {
                    ready.addFirst(command);
                    turn();
                }));
        if (!accepted) {
            command.coldRuns = settings.coldRunsMax();
            owner.execute(() -> {
                ready.addFirst(command);
                turn();
            });
        }
    }

    private void propose(Batch batch) {
        sequence++;
        batch.link = new ChainLink(term, chain, sequence);
        batch.proposedNanos = ticker.nanoTime();
        Entry entry = new Entry(
                state.descriptor().id(),
                state.descriptor().epoch(),
                batch.link,
                batch.timestamp,
                origin,
                batch.effects);
        inflight.add(batch);
        inflightCount.incrementAndGet();
        newest = batch;
        if (!requireGroup().propose(EntryCodec.encode(entry), term)) {
            // Never appended: whatever was evaluated over it is thrown away with it, which is nothing yet.
            inflight.remove(batch);
            inflightCount.decrementAndGet();
            end(batch, Fate.LOST);
            startChain();
        }
    }

    /** Replies of a batch without effects leave when the writes they saw are applied and leadership is certain. */
    private void releaseReads(Batch reads) {
        if (reads.answered.isEmpty()) {
            return;
        }
        if (newest != null) {
            Optional<Fate> fate = newest.addDependent(reads);
            if (fate.isEmpty()) {
                return;
            }
            if (fate.get() != Fate.APPLIED) {
                ends.end(reads, Fate.LOST);
                return;
            }
        }
        long readTerm = term;
        if (requireGroup().holdsLease(readTerm)) {
            ends.end(reads, Fate.APPLIED);
            return;
        }
        // Nothing is evaluated meanwhile: were the reads refused after a later command of a session ran, they would be
        // sent
        // again and overtaken by it.
        confirming = reads;
        requireGroup()
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

    private void forgetEnded() {
        for (Batch batch = ended.poll(); batch != null; batch = ended.poll()) {
            for (Batch.Written written : batch.written) {
                overlay.forget(written.key(), written.pending());
            }
            if (batch == newest) {
                newest = null;
            }
        }
    }

    /** Acts on what has been under way for too long. */
    private void watch() {
        if (group == null) {
            return;
        }
        long now = ticker.nanoTime();
        Batch head = inflight.peek();
        if (term != 0) {
            boolean startLost = !chainStarted && now - chainProposedNanos > settings.proposalNanosMax();
            boolean batchLost = chainStarted
                    && head != null
                    && now - Math.max(head.proposedNanos, chainProposedNanos) > settings.proposalNanosMax();
            if (startLost || batchLost) {
                startChain();
            }
            return;
        }
        while (head != null && now - head.proposedNanos > settings.proposalNanosMax()) {
            if (inflight.remove(head)) {
                inflightCount.decrementAndGet();
                end(head, Fate.UNDETERMINED);
            }
            head = inflight.peek();
        }
    }

    private RaftGroup requireGroup() {
        if (group == null) {
            throw new IllegalStateException("no raft group attached");
        }
        return group;
    }
}
