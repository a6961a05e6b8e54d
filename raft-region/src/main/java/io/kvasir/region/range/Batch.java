package io.kvasir.region.range;

import io.kvasir.proto.reply.Reply;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Commands that share one timestamp and one raft entry, with their replies kept until the entry's fate is known (rules
 * K13, K22). Built by the owner thread; {@link #dependents} and {@link #fate} are guarded by this, because the applying
 * thread ends the batch.
 */
final class Batch {

    /** What became of a batch. */
    enum Fate {
        /** Its entry is applied: the replies hold. */
        APPLIED,
        /** Its entry surely never will be. */
        LOST,
        /** Nobody here will learn it. */
        UNDETERMINED
    }

    /** A command with its computed reply. */
    record Answered(PendingCommand command, Reply reply) {}

    /** A write of this batch in an overlay, to be forgotten when the batch ends. */
    record Written(Overlay overlay, byte[] key, Overlay.Pending pending) {

        void forget() {
            overlay.forget(key, pending);
        }
    }

    final List<PendingCommand> commands;
    final List<Answered> answered = new ArrayList<>();
    final List<CommandEffects> effects = new ArrayList<>();
    final List<Written> written = new ArrayList<>();

    /** Told of its fate, by whichever thread knows it, after the replies have left. */
    final List<Consumer<Fate>> followers = new ArrayList<>();

    long timestamp;
    ChainLink link = ChainLink.NONE;

    /** The first link of the chain it is evaluated in. */
    ChainLink chain = ChainLink.NONE;

    long bytes;
    long gatheredNanos;
    long proposedNanos;

    /** The ordinal that the next command gets; those of abandoned ones are not used again. */
    int nextOrdinal;

    /** How many commands left it to be evaluated elsewhere. */
    int left;

    /**
     * Whether a command of it changes the map of databases to instances, or splits the range: it is the last one, and
     * nothing is evaluated until it is applied.
     */
    boolean mapsInstance;

    private final List<Batch> dependents = new ArrayList<>();
    private Optional<Fate> fate = Optional.empty();

    Batch(List<PendingCommand> commands) {
        this.commands = commands;
    }

    /** Makes {@code reads}, evaluated over this batch's effects, share its fate; returns it if it is known already. */
    synchronized Optional<Fate> addDependent(Batch reads) {
        if (fate.isEmpty()) {
            dependents.add(reads);
        }
        return fate;
    }

    /** Returns whether its entry is applied. */
    synchronized boolean isApplied() {
        return fate.equals(Optional.of(Fate.APPLIED));
    }

    /** Ends this batch and returns those that share its fate. */
    synchronized List<Batch> end(Fate known) {
        assert fate.isEmpty();
        fate = Optional.of(known);
        return dependents;
    }
}
