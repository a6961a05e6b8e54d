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

    /** Whether it is for one version of a region alone: it is not sent to what takes that one's place. */
    private final boolean pinned;

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
            boolean pinned,
            Consumer<Reply> whenDone) {
        this.pinned = pinned;
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

    boolean isPinned() {
        return pinned;
    }

    boolean isOf(SessionOrder order) {
        return session == order;
    }

    SessionOrder session() {
        return session;
    }

    /** Leaves its session: it is not under way until it is issued again. */
    void withdraw() {
        session.ended();
    }

    /** Returns it as issued to its session just now, having been withdrawn. */
    RoutedCommand issueAgain() {
        RoutedCommand again =
                new RoutedCommand(request, invocation, hashes, giveUpNanos, session, elsewhere, pinned, whenDone);
        again.unanswered = unanswered;
        return again;
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
        answer(reply);
    }

    /** As {@link #finish}, of one that its session does not count. */
    void answer(Reply reply) {
        whenDone.accept(misleads(reply) ? RegionStream.UNDETERMINED : reply);
    }

    private boolean misleads(Reply reply) {
        return unanswered && !invocation.readOnly() && isOfThisTry(reply);
    }

    /** Returns whether {@code reply} says no more than that the last try had no effect. */
    private static boolean isOfThisTry(Reply reply) {
        return reply instanceof Reply.Error(String text)
                && (text.startsWith("TRYAGAIN") || text.startsWith("DISKFULL"));
    }
}
