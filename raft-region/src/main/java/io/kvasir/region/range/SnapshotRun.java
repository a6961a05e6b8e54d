package io.kvasir.region.range;

import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.region.KeyLocked;
import io.kvasir.region.OutOfRange;
import io.kvasir.region.Withdrawn;
import io.kvasir.store.engine.Engine;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One evaluation of a command away from its owner. {@link #evaluate} belongs to one thread of the read pool; before and
 * after, everything is confined to the range's owner thread.
 */
final class SnapshotRun {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotRun.class);

    /** Parts of one command, each with a generation of its own; below, ordinals are those of ordinary commands. */
    static final int PARTS_MAX = 1 << 16;

    final PendingCommand command;

    /** Where it left its batch: the generation of what its first part stages, of no other command of the range. */
    final Version left;

    private final NavigableMap<byte[], Version> removals;

    private final boolean listened;
    private final long seed;

    /** Whether it has a place in the {@link LargeCommandBudget}; set by whoever starts it, before the pool has it. */
    volatile boolean placed;

    int piecesUnderWay;

    /** What ends the command without effect, known while pieces are under way. */
    @Nullable
    Outcome failure;

    /** Whether the command is to be evaluated anew, known while pieces are under way. */
    boolean stale;

    /** Whether it met a lock: it is to be evaluated anew, and will wait for the lock at the owner. */
    private boolean locked;

    private @Nullable StagedWrite staged;
    private Outcome outcome = new Outcome.Done(Reply.error("ERR internal error, see the log of the range's leader"));

    /** @param removals what {@link io.kvasir.region.Transaction#removedUpTo} answers of root keys that are held */
    SnapshotRun(
            PendingCommand command, Version left, NavigableMap<byte[], Version> removals, boolean listened, long seed) {
        this.removals = removals;
        this.command = command;
        this.left = left;
        this.listened = listened;
        this.seed = seed;
    }

    /** Returns the generation of the first part of the command whose part made {@code generation}. */
    static Version firstGeneration(Version generation) {
        return new Version(generation.timestamp(), generation.ordinal() & -PARTS_MAX);
    }

    /** Returns what the command wrote; null if it is through with {@link #outcome}. */
    @Nullable
    StagedWrite staged() {
        return staged;
    }

    boolean isLocked() {
        return locked;
    }

    Outcome outcome() {
        return outcome;
    }

    /** Runs the command over a snapshot of {@code engine}. Waits for the disk. */
    void evaluate(Engine engine, ReplicaState state, PinnedViews views, RangeSettings settings, long bytesMax) {
        try (Engine.Snapshot snapshot = engine.snapshot()) {
            SnapshotTransaction transaction = new SnapshotTransaction(
                    snapshot, state.descriptor(), views, left, removals, command.hashes, listened, seed, bytesMax);
            Reply reply = command.invocation.run(transaction);
            if (!command.writes() || !transaction.wrote()) {
                outcome = new Outcome.Done(reply);
            } else if (!transaction.isGuardable()) {
                outcome = new Outcome.Done(Reply.error("ERR the command looks at too many keys to write them at once"));
            } else {
                take(
                        new StagedWrite(
                                transaction, reply, settings.commandEffectBytesMax(), settings.stagedPieceBytes()),
                        settings.commandEffectBytesMax());
            }
        } catch (OverBudget tooLarge) {
            outcome = new Outcome.Done(Reply.error("ERR value too large: one command may read, or write, at most "
                    + bytesMax + " bytes in this node's memory (memory.total)"));
        } catch (Withdrawn withdrawn) {
            outcome = new Outcome.Done(withdrawn.reply());
        } catch (KeyLocked met) {
            locked = true;
        } catch (OutOfRange outOfRange) {
            outcome = new Outcome.OutOfRange();
        } catch (RuntimeException | StackOverflowError bug) {
            LOG.error("procedure {} failed", command.request.procedure(), bug);
        }
    }

    private void take(StagedWrite write, long entryBytesMax) {
        if (write.entryBytes() > entryBytesMax) {
            outcome = new Outcome.Done(Reply.error("ERR value too large: one element, or what one command changes of"
                    + " values that exist, may be at most " + entryBytesMax + " bytes"));
        } else {
            staged = write;
        }
    }
}
