package io.kvasir.region.range;

/**
 * The one thread that may touch the state of the ranges it owns. Two implementations: {@link OwnerThread}, and the
 * event queue of a simulation. Safe for any thread.
 */
public interface Owner {

    /** Runs {@code task} on the owner's thread, after all tasks given before; never waits. */
    void execute(Runnable task);

    /** Returns whether the caller is the owner's thread. */
    boolean isCurrent();
}
