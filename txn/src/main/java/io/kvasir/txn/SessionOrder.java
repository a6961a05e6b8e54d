package io.kvasir.txn;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The commands of one client connection, over all its streams. Commands are issued by the connection's one thread,
 * ended by any.
 */
final class SessionOrder {

    private final AtomicInteger underWay = new AtomicInteger();
    private volatile long issued;

    /** Counts a command in and returns its number in the session, from 1. Called by the connection's thread alone. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    long issue() {
        underWay.incrementAndGet();
        return ++issued;
    }

    void ended() {
        underWay.decrementAndGet();
    }

    boolean isIdle() {
        return underWay.get() == 0;
    }

    /** Returns whether no command was issued after the one numbered {@code number}. */
    boolean isNewest(long number) {
        return issued == number;
    }
}
