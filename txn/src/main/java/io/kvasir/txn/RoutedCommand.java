package io.kvasir.txn;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A command in a stream, from its arrival to its reply. Its mutable part is guarded by its stream. */
final class RoutedCommand {

    final Request request;
    final Invocation invocation;
    final int[] hashes;
    final long giveUpNanos;

    private final SessionOrder session;
    private final long numberInSession;
    private final @Nullable Coordinator elsewhere;
    private final Consumer<Reply> whenDone;

    /** Place in the stream: what is sent again is sent in this order. */
    long sequence;

    /** Whether an answer was lost, so that a refusal from here on does not mean that it had no effect. */
    boolean unanswered;

    RoutedCommand(
            Request request,
            Invocation invocation,
            int[] hashes,
            long giveUpNanos,
            SessionOrder session,
            @Nullable Coordinator elsewhere,
            Consumer<Reply> whenDone) {
        this.elsewhere = elsewhere;
        this.request = request;
        this.invocation = invocation;
        this.hashes = hashes;
        this.giveUpNanos = giveUpNanos;
        this.session = session;
        this.numberInSession = session.issue();
        this.whenDone = whenDone;
    }

    /**
     * Returns whether this may be sent again although its answer was lost: a read may, and a write with a request id
     * (rule K21), unless a later command of its session was issued, whose effect it would then see, or undo.
     */
    boolean mayRepeatUnanswered() {
        return invocation.mayRepeat() && session.isNewest(numberInSession);
    }

    /** Returns whether it is to be run as a transaction over ranges, should its keys not all be in one. */
    boolean mayLeaveRange() {
        return elsewhere != null;
    }

    /** Runs it as a transaction over ranges: it had no effect in its range, which lacks some of its keys. */
    void leaveRange() {
        Objects.requireNonNull(elsewhere).run(invocation, this::finish);
    }

    /** Answers; a write of which an answer was lost is not said to have had no effect. */
    void finish(Reply reply) {
        session.ended();
        boolean misleads = unanswered && !invocation.readOnly() && isOfThisTry(reply);
        whenDone.accept(misleads ? RegionStream.UNDETERMINED : reply);
    }

    /** Returns whether {@code reply} says no more than that the last try had no effect. */
    private static boolean isOfThisTry(Reply reply) {
        return reply instanceof Reply.Error(String text)
                && (text.startsWith("TRYAGAIN") || text.startsWith("DISKFULL"));
    }
}
