package io.kvasir.region.range;

/**
 * Threads that may wait for the disk so that owners and event loops never do (rule K32). Two implementations: a bounded
 * pool, and the event queue of a simulation.
 */
@FunctionalInterface
public interface ReadPool {

    /**
     * Runs {@code read} on a thread that may wait, then {@code whenDone}, whatever came of it.
     *
     * @return false, and neither runs, if the queue is full
     */
    boolean run(Runnable read, Runnable whenDone);

    /** As {@link #run}, for a read that may take seconds: others do not wait behind it. */
    default boolean runLong(Runnable read, Runnable whenDone) {
        return run(read, whenDone);
    }
}
