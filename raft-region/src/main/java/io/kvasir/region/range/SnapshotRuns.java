package io.kvasir.region.range;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.range.Batch.Fate;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a range that are too large for its owner (rules K11, K32).
 *
 * <p><b>Model.</b> A command that passes its budget leaves its batch: nothing of it is kept, later commands of its
 * session wait behind it, and those that would write its keys wait too. When the batch is applied, so that a snapshot
 * holds all it saw, the command is run over one by a thread that may wait. A read is then answered: it stands in the
 * one order at the timestamp of the snapshot, at or above that of its batch. What a write leaves comes back to the
 * owner as a {@link StagedWrite}.
 *
 * <p><b>Orphans.</b> A generation is live here from before its first piece is given to the log until its command is
 * over. A note of one that is not live is an orphan's: of an earlier leader, or of a command that failed.
 *
 * <p>Confined to the range's owner thread but where said otherwise.
 */
final class SnapshotRuns {

    /** How often a write begins anew because what it read had changed, until it is answered that it had no effect. */
    static final int RESTARTS_MAX = 8;

    /** Orphans discarded by one command. */
    static final int ORPHANS_MAX = 16;

    private static final long OWN_GATEWAY = Long.MIN_VALUE;

    private static final Reply CHANGED =
            Reply.error("TRYAGAIN the keys of the command changed while it ran, it had no effect");
    private static final Reply STALE = Reply.error("STALE the chain of the pieces has ended");
    private static final int[] NO_KEY = {0};

    private final ReplicaState state;
    private final Engine engine;
    private final Owner owner;
    private final ReadPool readPool;
    private final RangeSettings settings;
    private final LargeCommandBudget budget;
    private final ListenerSwitch listeners;
    private final RandomGenerator random;
    private final KeyHolds holds;
    private final CommandEnds ends;
    private final CommandLine line;
    private final PinnedViews views;
    private final Consumer<PendingCommand> requeue;
    private final Function<byte[], Version> removedUpTo;
    private final Function<PendingCommand, List<PendingCommand>> releaseBehind;
    private final Runnable turn;

    private final Set<Version> live = new HashSet<>();
    private long ownCommands;
    private boolean discarding;

    /**
     * @param removedUpTo answers {@link io.kvasir.region.Transaction#removedUpTo} of a key that is held
     * @param releaseBehind gives the commands held back behind one that is through
     * @param turn has the owner go on with the line
     */
    SnapshotRuns(
            Range.Surroundings around,
            ReplicaState state,
            KeyHolds holds,
            CommandEnds ends,
            CommandLine line,
            PinnedViews views,
            Function<byte[], Version> removedUpTo,
            Function<PendingCommand, List<PendingCommand>> releaseBehind,
            Runnable turn) {
        this.state = state;
        this.engine = around.engine();
        this.owner = around.owner();
        this.readPool = around.readPool();
        this.settings = around.settings();
        this.budget = around.largeCommands();
        this.listeners = around.listeners();
        this.random = around.random();
        this.holds = holds;
        this.ends = ends;
        this.line = line;
        this.views = views;
        this.removedUpTo = removedUpTo;
        this.releaseBehind = releaseBehind;
        this.turn = turn;
        this.requeue = command -> {
            line.putFirst(command);
            turn.run();
        };
    }

    /** {@code command}, which is parked, leaves {@code batch}. */
    void leave(Batch batch, PendingCommand command) {
        List<byte[]> stems = command.writes() ? stemsOf(command.invocation) : List.of();
        if (!holds.take(command, stems)) {
            holds.await(command, stems);
            return;
        }
        command.held = stems;
        TreeMap<byte[], Version> removals = new TreeMap<>(Arrays::compareUnsigned);
        for (byte[] stem : stems) {
            byte[] root = KeyLayout.rootOfStem(stem);
            removals.put(root, removedUpTo.apply(root));
        }
        Version left = new Version(batch.timestamp, ++batch.left * SnapshotRun.PARTS_MAX);
        SnapshotRun run = new SnapshotRun(command, left, removals, listeners.wanted(), random.nextLong());
        command.run = run;
        command.whenOver(() -> owner.execute(() -> over(command)));
        batch.followers.add(fate -> {
            if (fate == Fate.APPLIED) {
                budget.take(() -> start(run));
            } else {
                owner.execute(() -> refuse(command, new Outcome.NotLeader(Optional.empty())));
            }
        });
    }

    private List<byte[]> stemsOf(Invocation invocation) {
        int instance = state.instance(invocation.database());
        List<byte[]> stems = new ArrayList<>();
        for (byte[] userKey : invocation.userKeys()) {
            byte[] stem = KeyLayout.stem(instance, userKey);
            if (state.descriptor().contains(stem)) { // else the run will find out
                stems.add(stem);
            }
        }
        return stems;
    }

    /** Any thread. */
    private void start(SnapshotRun run) {
        run.placed = true;
        boolean accepted = readPool.runLong(
                () -> run.evaluate(engine, state, views, settings, budget.bytesMax()),
                () -> owner.execute(() -> evaluated(run)));
        if (!accepted) {
            owner.execute(() -> refuse(run.command, new Outcome.Refused("too much waits for the disk")));
        }
    }

    private void evaluated(SnapshotRun run) {
        StagedWrite staged = run.staged();
        if (run.command.epochVersion != state.descriptor().epoch().version()) {
            // What it saw may have been another range's by then.
            refuse(run.command, new Outcome.EpochMismatch(state.current()));
        } else if (run.isLocked()) {
            end(run, false);
        } else if (staged == null) {
            finish(run.command, run.outcome());
        } else if (staged.hasPieces()) {
            live.add(run.left);
            writePieces(run, staged);
            turn.run();
        } else {
            requeue.accept(run.command);
        }
    }

    private void writePieces(SnapshotRun run, StagedWrite staged) {
        while (staged.hasPieces() && run.piecesUnderWay < settings.stagedPiecesMax()) {
            StagedWrite.Piece piece = staged.takePiece();
            run.piecesUnderWay++;
            own(
                    "STAGE",
                    run.command,
                    transaction -> staged.write(piece, transaction) ? Reply.OK : STALE,
                    outcome -> owner.execute(() -> pieceEnded(run, staged, outcome)));
        }
    }

    private void pieceEnded(SnapshotRun run, StagedWrite staged, Outcome outcome) {
        run.piecesUnderWay--;
        if (outcome instanceof Outcome.Done(Reply reply)) {
            run.stale |= reply == STALE;
            if (reply instanceof Reply.Error && reply != STALE) {
                run.failure = outcome;
            }
        } else if (run.failure == null) {
            run.failure = new Outcome.NotLeader(Optional.empty()); // nothing refers to the piece, whatever became of it
        }
        boolean goesOn = run.failure == null && !run.stale;
        if (goesOn && staged.hasPieces()) {
            writePieces(run, staged);
            turn.run();
        } else if (run.piecesUnderWay == 0) {
            end(run, goesOn);
        }
    }

    private void end(SnapshotRun run, boolean complete) {
        Outcome failure = run.failure;
        if (complete) {
            requeue.accept(run.command);
        } else if (failure instanceof Outcome.Done) {
            finish(run.command, failure);
        } else if (failure != null) {
            refuse(run.command, failure);
        } else if (restart(run.command)) {
            requeue.accept(run.command);
        } else {
            goOnBehind(run.command);
        }
    }

    /**
     * What {@code command} read has changed: it runs anew, unless that has happened too often; then it is answered.
     *
     * @return whether it is to run anew
     */
    boolean restart(PendingCommand command) {
        forget(command);
        if (++command.restarts <= RESTARTS_MAX) {
            return true;
        }
        ends.finish(command, new Outcome.Done(CHANGED));
        return false;
    }

    /** What {@code command} leaves is in its batch: others may write its keys, over that. */
    void committed(PendingCommand command) {
        line.putFirst(holds.release(command, command.held));
    }

    /** {@code command} is over, one way or another. */
    private void over(PendingCommand command) {
        forget(command);
        line.putFirst(holds.release(command, command.held));
        turn.run();
    }

    private void forget(PendingCommand command) {
        SnapshotRun run = command.run;
        command.run = null;
        if (run == null) {
            return;
        }
        live.remove(run.left);
        if (run.placed) {
            run.placed = false;
            budget.giveBack();
        }
    }

    private void finish(PendingCommand command, Outcome outcome) {
        ends.finish(command, outcome);
        goOnBehind(command);
    }

    private void refuse(PendingCommand command, Outcome outcome) {
        ends.refuse(command, outcome);
        goOnBehind(command);
    }

    /** What was held back behind {@code command}, which has its answer, goes on. */
    private void goOnBehind(PendingCommand command) {
        line.putFirst(releaseBehind.apply(command));
        turn.run();
    }

    /** Discards some of what no command of this leader stages, if there is any and none is being discarded. */
    void discardOrphans() {
        if (discarding || state.staged().isEmpty()) {
            return;
        }
        List<byte[]> orphans = state.staged().stream()
                .filter(detail -> !isLive(detail))
                .limit(ORPHANS_MAX)
                .toList();
        if (orphans.isEmpty()) {
            return;
        }
        discarding = true;
        own(
                "DISCARD",
                null,
                transaction -> discard(transaction, orphans),
                outcome -> owner.execute(() -> {
                    discarding = false;
                    turn.run();
                }));
    }

    private boolean isLive(byte[] detail) {
        return live.contains(SnapshotRun.firstGeneration(RangeState.stagedGeneration(detail)));
    }

    private Reply discard(LeaderTransaction transaction, List<byte[]> orphans) {
        for (byte[] detail : orphans) {
            if (state.staged().contains(detail) && !isLive(detail)) {
                byte[] prefix = RangeState.stagedPrefix(detail);
                transaction.deleteRange(prefix, KeyLayout.after(prefix));
                transaction.forgetStaged(detail);
            }
        }
        return Reply.OK;
    }

    /** Gives the range a command of its own, on behalf of {@code command} if that is not null. */
    private void own(
            String name,
            @Nullable PendingCommand command,
            Function<LeaderTransaction, Reply> code,
            Consumer<Outcome> whenDone) {
        long number = ++ownCommands;
        int[] hashes = command == null || command.hashes.length == 0 ? NO_KEY : Arrays.copyOf(command.hashes, 1);
        PendingCommand own = new PendingCommand(
                new Request(name, 1, 0, number, 0, Optional.empty(), 0, new byte[0][]),
                new OwnInvocation(code, command != null),
                hashes,
                new StreamPlace(OWN_GATEWAY, number),
                whenDone);
        own.epochVersion = state.descriptor().epoch().version();
        own.onBehalfOf = command;
        ends.admitOwn(own);
        line.offer(own);
    }
}
