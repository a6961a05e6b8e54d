package io.kvasir.txn;

/** Runs something later: a timer in production, the event queue in simulation. Safe for any thread. */
@FunctionalInterface
public interface Delay {

    /** Runs {@code task} once, {@code millis} from now or a little later, on a thread that must not be held up. */
    void after(int millis, Runnable task);
}
