package io.kvasir.region.range;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.region.Invocation;
import io.kvasir.region.KeyLocked;
import io.kvasir.region.OutOfRange;
import io.kvasir.region.Withdrawn;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.range.Batch.Answered;
import io.kvasir.region.range.PendingCommand.Fetch;
import io.kvasir.region.retry.OnceOnly;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.NotCached;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the commands of a range's batches, in order, over the effects of batches under way; parks those that must wait,
 * each with the later commands of its session behind it (rule K28), and ends those that cannot run.
 *
 * <p><b>Invariant.</b> The overlay holds exactly the writes of batches that have not ended, or whose end the owner has
 * not seen, and the counts are those they leave.
 *
 * <p>Confined to the range's owner thread.
 */
final class Evaluator {

    private static final Logger LOG = LoggerFactory.getLogger(Evaluator.class);

    /** The answer to what may grow data while the disk is nearly full; surely without effect. */
    private static final Reply DISK_FULL = Reply.error(
            "DISKFULL a disk that the range is on is nearly full, only commands that do not add data are served");

    /** Says within this class that a staged write must begin anew; never sent. */
    private static final Reply CHANGED = Reply.error("CHANGED");

    /**
     * Effects of one command, so that its entry stays within {@link RaftGroup#ENTRY_BYTES_MAX}, the batch's others too.
     */
    private static final long ENTRY_EFFECT_BYTES_MAX = RaftGroup.ENTRY_BYTES_MAX * 3L / 4;

    private final ReplicaState state;
    private final Engine engine;
    private final RecordCache cache;
    private final Owner owner;
    private final TimestampSource time;
    private final ReadPool readPool;
    private final RangeSettings settings;
    private final ListenerSwitch listeners;
    private final BooleanSupplier diskLow;
    private final CommandEnds ends;
    private final CommandLine line;
    private final Runnable turn;

    /** How long a command waits for a lock before it is answered that it had no effect. */
    static final long LOCK_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How often those who resolve locks hear of one that is waited for, at most. */
    private static final long LOCK_WATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Commands behind one that misses a record whose records are fetched before their turn. */
    private static final int WARMED_AHEAD_MAX = 16;

    private static final Reply LOCKED = Reply.error(
            "TRYAGAIN a key of the command is locked by a transaction that does not end, the command had no effect");

    private final Ticker ticker;
    private final LockWatch lockWatch;
    private final LockWaits waits = new LockWaits();
    private long watchedNanos;
    private long lastBatchNanos;
    private final Overlay overlay = new Overlay();
    private final LeaderCounts counts = new LeaderCounts();
    private final LeaderTransaction transaction;
    private final ParkedSessions parked = new ParkedSessions();
    private final KeyHolds holds = new KeyHolds();
    private final SnapshotRuns runs;
    private final PinnedViews views;
    private final Waiters waiters;

    /** Version of the range's epoch that the lines here are of; commands of another one are sent back. */
    private long epochVersion;

    /** @param turn has the owner go on with the line; run on its thread */
    Evaluator(
            ReplicaState state,
            Range.Surroundings around,
            CommandEnds ends,
            CommandLine line,
            LockWatch lockWatch,
            PinnedViews views,
            Runnable turn) {
        this.views = views;
        this.ticker = around.ticker();
        this.lockWatch = lockWatch;
        this.state = state;
        this.engine = around.engine();
        this.cache = around.cache();
        this.owner = around.owner();
        this.time = around.time();
        this.readPool = around.readPool();
        this.settings = around.settings();
        this.listeners = around.listeners();
        this.diskLow = around.diskLow();
        this.ends = ends;
        this.line = line;
        this.turn = turn;
        this.transaction = new LeaderTransaction(
                engine, cache, overlay, state, counts, around.random(), holds, settings, waits, views);
        this.waiters = new Waiters(state, ends);
        this.epochVersion = state.descriptor().epoch().version();
        this.runs = new SnapshotRuns(
                around, state, holds, ends, line, views, transaction::removedUpTo, parked::release, turn);
    }

    /** Returns the records looked at for commands so far. */
    long recordsExamined() {
        return transaction.recordsExamined();
    }

    /** Returns the commands that wait for data here. */
    Waiters waiters() {
        return waiters;
    }

    /** Returns whether something is staged that is not over. Any thread. */
    boolean hasStaged() {
        return !state.staged().isEmpty();
    }

    /** Discards some of what an earlier leader, or a command that failed, left staged. */
    void discardOrphans() {
        runs.discardOrphans();
    }

    /** Has the number of keys that commands add counted by {@code tally} too, null for nobody. */
    void tallyBy(@Nullable KeyTally tally) {
        transaction.tallyBy(tally);
    }

    /**
     * If the range has other bounds than before, sends back what has waited for its turn, for a lock or for data: who
     * sent it finds out where its keys are now. Nothing is under way then.
     */
    void followEpoch() {
        if (state.descriptor().epoch().version() == epochVersion) {
            return;
        }
        epochVersion = state.descriptor().epoch().version();
        counts.reset(state.keys());
        transaction.rangeChanged();
        waiters.giveBack(mismatch());
        waiters.hold(ticker.nanoTime());
        line.putFirst(waits.releaseAll());
        List<PendingCommand> kept = new ArrayList<>();
        while (line.takeIn() > 0) {
            for (PendingCommand command : line.take(settings.batchCommandsMax())) {
                if (command.epochVersion == epochVersion) {
                    kept.add(command);
                } else {
                    refuse(command, mismatch());
                }
            }
        }
        line.putFirst(kept);
    }

    private Outcome mismatch() {
        return new Outcome.EpochMismatch(state.current());
    }

    /** Begins anew over what is applied. */
    void reset() {
        epochVersion = state.descriptor().epoch().version();
        overlay.clear();
        views.revokeAll();
        counts.reset(state.keys());
        transaction.reset(state.applied().timestamp());
        line.putFirst(waits.releaseAll());
        waiters.giveBack(new Outcome.NotLeader(Optional.empty()));
        waiters.hold(ticker.nanoTime());
    }

    /** Has those that wait for data run in order, once the grace time of a new leader has passed. */
    void releaseHeld() {
        line.putFirst(waiters.takeHeld(ticker.nanoTime()));
    }

    /** Forgets all writes under way: nothing is evaluated until {@link #reset}. */
    void forgetAll() {
        overlay.clear();
        transaction.forgetAll();
        line.putFirst(waits.releaseAll());
        waiters.giveBack(new Outcome.NotLeader(Optional.empty()));
    }

    /** Names the locks that are waited for to those who resolve them, and ends what has waited too long. */
    void watchLocks() {
        long now = ticker.nanoTime();
        if (waits.isEmpty() || now - watchedNanos < LOCK_WATCH_NANOS) {
            return;
        }
        watchedNanos = now;
        for (PendingCommand command : waits.takeOverdue(now - LOCK_WAIT_NANOS)) {
            ends.finish(command, new Outcome.Done(LOCKED));
            line.putFirst(parked.release(command));
        }
        waits.forEachLock(lock -> lockWatch.met(state.descriptor(), lock));
    }

    /** Forgets the writes of {@code batch}, which has ended. */
    void forget(Batch batch) {
        batch.written.forEach(Batch.Written::forget);
    }

    /**
     * Evaluates the commands of {@code batch} in order until it is full; the rest goes back into the line. What was
     * held back behind a parked command runs right after it: it arrived before this batch asked for its timestamp, and
     * later commands of its session may stand in this very batch.
     */
    void evaluate(Batch batch) {
        long begin = ticker.nanoTime();
        followEpoch();
        transaction.beginBatch(batch.timestamp);
        ArrayDeque<PendingCommand> work = new ArrayDeque<>(batch.commands);
        for (PendingCommand command = work.poll(); command != null; command = work.poll()) {
            int written = batch.written.size();
            if (ends.isRefused(command)) {
                ends.refuse(command, new Outcome.Refused("an earlier command of the stream was refused"));
                parked.release(command).reversed().forEach(work::addFirst);
            } else if (command.epochVersion != epochVersion) {
                ends.refuse(command, mismatch());
                parked.release(command).reversed().forEach(work::addFirst);
            } else if (parked.holdBack(command)) {
                warmAhead(command);
            } else if (evaluate(batch, command)) {
                parked.release(command).reversed().forEach(work::addFirst);
            }
            if (!waiters.isEmpty() && !waiters.isHolding() && batch.written.size() > written) {
                serveWaiters(batch, written);
            }
            transaction.takeOverdue().forEach(lock -> lockWatch.met(state.descriptor(), lock));
            if (batch.mapsInstance
                    || batch.bytes >= settings.batchBytesTarget()
                    || ticker.nanoTime() - begin >= settings.batchNanosTarget()) {
                line.putBack(work);
            }
        }
        lastBatchNanos = ticker.nanoTime() - begin;
    }

    /** Returns how long the last batch took, in ns. */
    long lastBatchNanos() {
        return lastBatchNanos;
    }

    /** Returns whether the last batch took so long that an entry of its own costs the next one little beside it. */
    boolean isLaborious() {
        return lastBatchNanos >= settings.batchNanosTarget() / 4;
    }

    /**
     * Serves those that wait for what was written to {@code batch} from its {@code first}-th write on, before any other
     * command is run (rule K31); what they write may serve others in turn.
     */
    private void serveWaiters(Batch batch, int first) {
        int seen = first;
        while (seen < batch.written.size()) {
            Map<ByteBuffer, byte[]> stems = new LinkedHashMap<>();
            for (; seen < batch.written.size(); seen++) {
                Batch.Written written = batch.written.get(seen);
                if (written.overlay() == overlay && KeyLayout.isRoot(written.key())) {
                    byte[] stem = Arrays.copyOf(written.key(), KeyLayout.stemLength(written.key()));
                    if (waiters.waitsFor(stem)) {
                        stems.putIfAbsent(ByteBuffer.wrap(stem), stem);
                    }
                }
            }
            stems.values()
                    .forEach(stem -> waiters.serve(stem, (command, wait, key) -> serve(batch, command, wait, key)));
        }
    }

    /** Runs a command that has waited; returns whether it waits no longer for data. */
    private boolean serve(Batch batch, PendingCommand command, Wait wait, byte[] userKey) {
        Invocation served = wait.peeks()
                ? new Peek(wait.awaiting(), List.of(userKey))
                : OnceOnly.served(
                        command.request, wait.awaiting(), wait.awaiting().servedBy(userKey));
        boolean through = evaluate(batch, command, served);
        return !(through && waiters.isParked(wait.id()));
    }

    private boolean evaluate(Batch batch, PendingCommand command) {
        return evaluate(batch, command, command.invocation);
    }

    /**
     * Runs one command as {@code invocation}; returns whether it is through, one way or another, rather than parked.
     * One that waits for data is through: nothing is held back behind it.
     */
    private boolean evaluate(Batch batch, PendingCommand command, Invocation invocation) {
        if (command.invocation.mayGrow() && diskLow.getAsBoolean()) {
            ends.finish(command, new Outcome.Done(DISK_FULL));
            return true;
        }
        if (command.wait != null && waiters.isHolding()) {
            waiters.park(command, command.wait);
            return true;
        }
        if (command.fetch == Fetch.BEGUN) {
            command.fetch = Fetch.AWAITED;
            parked.park(command);
            return false;
        }
        StagedWrite staged = stagedBy(command);
        Wait wait = command.wait;
        boolean bounded = !invocation.boundsItself() && staged == null && wait == null;
        boolean cold = command.coldRuns >= settings.coldRunsMax();
        if (bounded && cold) {
            leave(batch, command);
            return false;
        }
        PendingCommand writer = command.onBehalfOf == null ? command : command.onBehalfOf;
        transaction.begin(batch, writer, command.request.id(), bounded, cold, listeners.wanted());
        Reply reply;
        try {
            reply = staged == null
                    ? invocation.run(transaction)
                    : staged.commit(transaction).orElse(CHANGED);
        } catch (NotCached notCached) {
            transaction.abandon();
            parkCold(command);
            return false;
        } catch (KeyLocked locked) {
            transaction.abandon();
            parked.park(command);
            waits.add(locked.lock(), command, ticker.nanoTime());
            return false;
        } catch (KeyHeld held) {
            transaction.abandon();
            parkHeld(command);
            return false;
        } catch (OverBudget tooLarge) {
            transaction.abandon();
            leave(batch, command);
            return false;
        } catch (OutOfRange outOfRange) {
            transaction.abandon();
            ends.finish(command, new Outcome.OutOfRange());
            return true;
        } catch (Withdrawn withdrawn) {
            transaction.abandon();
            ends.finish(command, new Outcome.Done(withdrawn.reply()));
            return true;
        } catch (RuntimeException | StackOverflowError bug) {
            transaction.abandon();
            LOG.error("procedure {} failed", command.request.procedure(), bug);
            ends.finish(
                    command, new Outcome.Done(Reply.error("ERR internal error, see the log of the range's leader")));
            return true;
        }
        if (wait != null && reply instanceof Reply.Null) {
            transaction.abandon();
            waiters.park(command, wait);
            return true;
        }
        if (reply == CHANGED) {
            transaction.abandon();
            return !runs.restart(command) || evaluate(batch, command);
        }
        if (transaction.mapsInstance() && state.instances().retired().size() >= settings.retiredInstancesMax()) {
            transaction.abandon();
            ends.finish(command, new Outcome.Done(tooManyRetired()));
            return true;
        }
        if (transaction.effectBytes() > ENTRY_EFFECT_BYTES_MAX) {
            transaction.abandon();
            if (wait != null) {
                ends.finish(command, new Outcome.Refused("what it waited for is too large to be taken here"));
                return true;
            }
            LOG.error("procedure {} does not bound itself", command.request.procedure());
            ends.finish(
                    command,
                    new Outcome.Done(Reply.error("ERR value too large: one command may write at most "
                            + ENTRY_EFFECT_BYTES_MAX + " bytes")));
            return true;
        }
        transaction.finish();
        transaction.takeUnlocked().forEach(stem -> line.putFirst(waits.release(stem)));
        if (batch.mapsInstance) {
            waiters.giveBack(new Outcome.Refused("databases were mapped to other instances"));
        }
        batch.answered.add(new Answered(command, reply));
        if (staged != null) {
            runs.committed(command);
        }
        return true;
    }

    private Reply tooManyRetired() {
        return Reply.error("TRYAGAIN " + settings.retiredInstancesMax()
                + " flushed databases wait to be reclaimed in a range, flush again when some are");
    }

    private static @Nullable StagedWrite stagedBy(PendingCommand command) {
        SnapshotRun run = command.run;
        return run == null ? null : run.staged();
    }

    /** The command is too large for this thread: it runs over a snapshot, and its session waits behind it. */
    private void leave(Batch batch, PendingCommand command) {
        parked.park(command);
        runs.leave(batch, command);
    }

    /** A key the command writes is held for another: it waits for that one. */
    private void parkHeld(PendingCommand command) {
        parked.park(command);
        byte[] key = transaction.heldKey();
        holds.await(command, List.of(Arrays.copyOf(key, KeyLayout.stemLength(key))));
    }

    /**
     * A record the command needs is on disk: a reader fetches it while the session's later commands wait behind it.
     * What those read is fetched next, so that a pipeline waits for the disk about once.
     */
    private void parkCold(PendingCommand command) {
        command.coldRuns++;
        parked.park(command);
        boolean accepted = readPool.run(() -> warm(command), () -> owner.execute(() -> unpark(command)));
        if (!accepted) {
            command.coldRuns = settings.coldRunsMax();
            owner.execute(() -> unpark(command));
        }
    }

    /** Has what {@code command} reads fetched, which is held back behind one that waits for the disk. */
    private void warmAhead(PendingCommand command) {
        if (command.fetch == Fetch.NONE && parked.isSoonAfterCold(command, WARMED_AHEAD_MAX)) {
            boolean accepted = readPool.run(() -> warm(command), () -> owner.execute(() -> fetched(command)));
            command.fetch = accepted ? Fetch.BEGUN : Fetch.DONE;
        }
    }

    private void fetched(PendingCommand command) {
        boolean awaited = command.fetch == Fetch.AWAITED;
        command.fetch = Fetch.DONE;
        if (awaited) {
            unpark(command);
        }
    }

    /** Brings into memory what {@code command} reads, as far as its budget goes. A thread of the read pool. */
    private void warm(PendingCommand command) {
        WarmingTransaction reads = new WarmingTransaction(engine, cache, state, time, settings);
        StagedWrite staged = stagedBy(command);
        if (staged == null) {
            command.invocation.run(reads);
        } else {
            staged.warm(reads);
        }
    }

    /** What {@code command} waited for has come: it is the next to run. */
    private void unpark(PendingCommand command) {
        line.putFirst(command);
        turn.run();
    }

    /**
     * Refuses {@code command} and puts what was held back behind it first in the line, so that the gateway sends it and
     * all later ones of its stream again.
     */
    void refuse(PendingCommand command, Outcome outcome) {
        ends.refuse(command, outcome);
        line.putFirst(parked.release(command));
    }
}
