package io.kvasir.txn;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The commands of one client connection, over all its streams. A command that spans ranges begins when all before it
 * have ended, and those after it begin when it has (rule K29); so does a read that waits for the disk beside its range.
 * All others are left to their streams. Commands are issued by the connection's one thread, ended by any.
 */
final class SessionOrder {

    private record Waiting(boolean alone, Runnable start) {}

    private final AtomicInteger underWay = new AtomicInteger();
    private volatile long issued;

    /** Whether commands wait in {@link #waiting}, or one runs alone: then all later ones wait there. */
    private volatile boolean gated;

    /** Guarded by this, as all that follows. */
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    private boolean aloneRuns;
    private boolean pumping;

    /** Counts a command in and returns its number in the session, from 1. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread at a time: the connection's, or who pumps
    long issue() {
        underWay.incrementAndGet();
        return ++issued;
    }

    /** Counts out a command that {@link #issue} counted in. */
    void ended() {
        if (underWay.decrementAndGet() == 0 && gated) {
            pump();
        }
    }

    /** Runs {@code start}, which issues a command, after what waits already. */
    void inOrder(Runnable start) {
        if (!gated) {
            start.run();
            return;
        }
        synchronized (this) {
            waiting.add(new Waiting(false, start));
        }
        pump();
    }

    /** Runs {@code start} when no command is under way; it counts as one until {@link #aloneEnded}. */
    void alone(Runnable start) {
        gated = true;
        synchronized (this) {
            waiting.add(new Waiting(true, start));
        }
        pump();
    }

    /** Runs {@code start} as {@link #inOrder} or {@link #alone} would, but before all that waits; nothing may begin. */
    synchronized void putFirst(boolean alone, Runnable start) {
        gated = true;
        waiting.addFirst(new Waiting(alone, start));
    }

    /** The command that runs alone has ended. */
    void aloneEnded() {
        synchronized (this) {
            aloneRuns = false;
        }
        pump();
    }

    /** As above; what waits is started by {@code starter}, unless it comes this very moment. */
    void aloneEnded(Executor starter) {
        boolean waits;
        synchronized (this) {
            waits = !waiting.isEmpty();
        }
        if (waits) {
            starter.execute(this::aloneEnded);
        } else {
            aloneEnded();
        }
    }

    /** Starts what may start, in order, one thread at a time. */
    private void pump() {
        while (true) {
            Waiting next;
            synchronized (this) {
                next = pumping || aloneRuns ? null : waiting.peek();
                if (next == null) {
                    gated = pumping || aloneRuns;
                    return;
                }
                if (next.alone && underWay.get() != 0) {
                    return;
                }
                waiting.remove();
                aloneRuns = next.alone;
                pumping = true;
            }
            next.start.run();
            synchronized (this) {
                pumping = false;
            }
        }
    }

    boolean isIdle() {
        return underWay.get() == 0 && !gated;
    }

    /** Returns whether no command was issued after the one numbered {@code number}. */
    boolean isNewest(long number) {
        return issued == number;
    }
}
