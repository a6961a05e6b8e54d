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
     * Returns whether this may be sent again although its answer was lost: a read may, unless a later command of its
     * session was issued, whose effect it would then see.
     */
    boolean mayRepeatUnanswered() {
        return invocation.readOnly() && session.isNewest(numberInSession);
    }

    /** Returns whether it is to be run as a transaction over ranges, should its keys not all be in one. */
    boolean mayLeaveRange() {
        return elsewhere != null;
    }

    /** Runs it as a transaction over ranges: it had no effect in its range, which lacks some of its keys. */
    void leaveRange() {
        Objects.requireNonNull(elsewhere).run(invocation, this::finish);
    }

    void finish(Reply reply) {
        session.ended();
        whenDone.accept(reply);
    }
}
