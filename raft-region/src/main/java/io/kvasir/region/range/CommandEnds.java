package io.kvasir.region.range;

import io.kvasir.proto.request.Outcome;
import io.kvasir.region.range.Batch.Answered;
import io.kvasir.region.range.Batch.Fate;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Admission of commands to a range, and their ends: every command admitted ends here exactly once, which gives back its
 * place in the queue and its marks on busy keys. Safe for any thread.
 */
final class CommandEnds {

    private final RangeSettings settings;
    private final BusyKeys busy = new BusyKeys();
    private final StreamGate gate = new StreamGate();
    private final AtomicInteger commands = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    CommandEnds(RangeSettings settings) {
        this.settings = settings;
    }

    /** Admits {@code command} and marks its keys, or refuses it, and with it the rest of its stream's generation. */
    boolean admit(PendingCommand command) {
        if (gate.isRefused(command.place)) {
            return false;
        }
        int queued = commands.incrementAndGet();
        long held = bytes.addAndGet(command.bytes);
        if (queued > settings.inboxCommandsMax() || held > settings.inboxBytesMax() && queued > 1) {
            commands.decrementAndGet();
            bytes.addAndGet(-command.bytes);
            gate.refuse(command.place);
            return false;
        }
        if (command.writes()) {
            busy.mark(command.hashes);
        }
        return true;
    }

    /** Admits {@code command}, which the range gave itself, and marks its keys. */
    void admitOwn(PendingCommand command) {
        commands.incrementAndGet();
        bytes.addAndGet(command.bytes);
        if (command.writes()) {
            busy.mark(command.hashes);
        }
    }

    /**
     * {@code command} waits for data: it gives back its place in the queue, and its marks on the keys that others write
     * before it may go on. Keys that it alone would write stay marked, because no timestamp may be fetched between a
     * mark and a write (rule K1).
     */
    void park(PendingCommand command) {
        int[] kept = keptMarks(command);
        if (kept.length != 0) {
            busy.mark(kept);
        }
        if (command.writes()) {
            busy.unmark(command.hashes);
        }
        commands.decrementAndGet();
        bytes.addAndGet(-command.bytes);
    }

    /** {@code command} waits no more: it is as it was when it was admitted. */
    void resume(PendingCommand command) {
        admitOwn(command);
        unmarkKept(command);
    }

    /** Ends {@code command}, which waits, without effect. */
    void finishParked(PendingCommand command, Outcome outcome) {
        unmarkKept(command);
        command.finish(outcome);
    }

    private void unmarkKept(PendingCommand command) {
        int[] kept = keptMarks(command);
        if (kept.length != 0) {
            busy.unmark(kept);
        }
    }

    private static int[] keptMarks(PendingCommand command) {
        Wait wait = command.wait;
        return wait == null || !command.writes() ? new int[0] : wait.keptHashes();
    }

    /** Closes a stream's generation without a command of it having been admitted. */
    void refuseGeneration(StreamPlace place) {
        gate.refuse(place);
    }

    boolean isRefused(PendingCommand command) {
        return gate.isRefused(command.place);
    }

    boolean isBusy(int[] hashes) {
        return busy.isBusy(hashes);
    }

    int queued() {
        return commands.get();
    }

    /**
     * Ends a command without effect that its gateway may send again, and all later ones of its generation (rule K28).
     */
    void refuse(PendingCommand command, Outcome outcome) {
        gate.refuse(command.place);
        finish(command, outcome);
    }

    void finish(PendingCommand command, Outcome outcome) {
        if (command.writes()) {
            busy.unmark(command.hashes);
        }
        commands.decrementAndGet();
        bytes.addAndGet(-command.bytes);
        command.finish(outcome);
    }

    /** Ends all commands of {@code batch} that have a reply, and tells the followers. */
    void end(Batch batch, Fate fate) {
        for (Answered answered : batch.answered) {
            switch (fate) {
                case APPLIED -> finish(answered.command(), new Outcome.Done(answered.reply()));
                case LOST -> refuse(answered.command(), new Outcome.NotLeader(Optional.empty()));
                case UNDETERMINED ->
                    finish(
                            answered.command(),
                            answered.command().writes()
                                    ? new Outcome.Undetermined()
                                    : new Outcome.NotLeader(Optional.empty()));
            }
        }
        batch.followers.forEach(follower -> follower.accept(fate));
    }
}
