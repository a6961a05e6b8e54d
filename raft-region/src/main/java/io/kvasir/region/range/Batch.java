package io.kvasir.region.range;

import io.kvasir.proto.reply.Reply;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Commands that share one timestamp and one raft entry, with their replies kept until the entry's fate is known (rules K13,
 * K22). Built by the owner thread; {@link #dependents} is guarded by this, because the applying thread ends the batch.
 */
final class Batch {

    /** A command with its computed reply. */
    record Answered(PendingCommand command, Reply reply) {}

    /** A write of this batch in the overlay, to be forgotten when the batch ends. */
    record Written(byte[] key, Overlay.Pending pending) {}

    final List<PendingCommand> commands;
    final List<Answered> answered = new ArrayList<>();
    final List<CommandEffects> effects = new ArrayList<>();
    final List<Written> written = new ArrayList<>();

    long timestamp;
    ChainLink link = ChainLink.NONE;
    long bytes;
    long proposedNanos;

    private final List<Batch> dependents = new ArrayList<>();
    private boolean ended;

    Batch(List<PendingCommand> commands) {
        this.commands = commands;
    }

    /**
     * Makes {@code reads}, evaluated over this batch's effects, wait for its end.
     *
     * @return false if it has ended already
     */
    synchronized boolean addDependent(Batch reads) {
        if (!ended) {
            dependents.add(reads);
        }
        return !ended;
    }

    /** Ends this batch and returns those that wait for it. */
    synchronized List<Batch> end() {
        assert !ended;
        ended = true;
        return dependents;
    }

    @Nullable Answered last() {
        return answered.isEmpty() ? null : answered.getLast();
    }
}
