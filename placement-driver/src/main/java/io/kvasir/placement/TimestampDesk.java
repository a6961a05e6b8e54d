package io.kvasir.placement;

import io.kvasir.placement.oracle.Oracle;
import io.kvasir.proto.control.Envelope;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.time.Ticker;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Gives out the oracle's timestamps. One that can be issued leaves on the thread that asked; others wait, on the
 * placement thread, until the window is extended.
 *
 * <p>A grant leaves only if the lease was held after it was made, or else a quorum has confirmed after it was made that
 * no newer term existed (rule K14): so whatever a newer leader issues is asked for later, and is larger.
 */
final class TimestampDesk {

    /** Requests that may wait; more are answered "unknown". */
    static final int WAITING_MAX = 4_096;

    /** A request that has waited so long is answered "unknown", in ms. */
    static final int WAIT_MILLIS_MAX = 800;

    private record Waiting(int count, long sinceNanos, Consumer<byte[]> respond) {}

    private final RaftGroup group;
    private final Oracle oracle;
    private final Ticker ticker;
    private final Executor thread;
    private final Runnable extendWindow;

    /** Confined to the placement thread. */
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    /** Makes a desk that runs {@code extendWindow}, on {@code thread}, when a request begins to wait. */
    TimestampDesk(RaftGroup group, Oracle oracle, Ticker ticker, Executor thread, Runnable extendWindow) {
        this.group = group;
        this.oracle = oracle;
        this.ticker = ticker;
        this.thread = thread;
        this.extendWindow = extendWindow;
    }

    /** Issues {@code count} timestamps and answers them; on any thread. */
    void issue(int count, Consumer<byte[]> respond) {
        switch (oracle.issue(count, ticker.nanoTime())) {
            case Oracle.Issued issued -> answer(issued, respond);
            case Oracle.Refused refused -> {
                if (refused == Oracle.Refused.NOT_LEADING && group.leaderTerm() == 0) {
                    respond.accept(notLeader(group));
                } else {
                    thread.execute(() -> await(count, respond));
                }
            }
        }
    }

    /** Tries again what waits; on the placement thread. */
    void serveWaiting(long nowNanos) {
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            switch (oracle.issue(next.count(), ticker.nanoTime())) {
                case Oracle.Issued issued -> answer(issued, next.respond());
                case Oracle.Refused refused -> {
                    if (nowNanos - next.sinceNanos() < WAIT_MILLIS_MAX * 1_000_000L) {
                        waiting.addFirst(next);
                        return;
                    }
                    next.respond().accept(Envelope.unknown());
                }
            }
        }
    }

    /** Returns whether a request waits; on the placement thread. */
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /** Leadership is lost: answers all that wait; on the placement thread. */
    void stop() {
        waiting.forEach(each -> each.respond().accept(notLeader(group)));
        waiting.clear();
    }

    static byte[] notLeader(RaftGroup group) {
        return group.leaderTerm() != 0 ? Envelope.unknown() : Envelope.notLeader(group.leader());
    }

    private void await(int count, Consumer<byte[]> respond) {
        if (waiting.size() >= WAITING_MAX) {
            respond.accept(Envelope.unknown());
            return;
        }
        long nowNanos = ticker.nanoTime();
        waiting.add(new Waiting(count, nowNanos, respond));
        serveWaiting(nowNanos);
        if (!waiting.isEmpty()) {
            extendWindow.run();
        }
    }

    private void answer(Oracle.Issued issued, Consumer<byte[]> respond) {
        byte[] bytes = Envelope.answered(issued.grant().encode());
        if (group.holdsLease(issued.term())) {
            respond.accept(bytes);
        } else {
            group.confirmLeadership(issued.term(), confirmed -> respond.accept(confirmed ? bytes : notLeader(group)));
        }
    }
}
