package io.kvasir.txn;

import java.util.concurrent.CompletableFuture;

/**
 * Where straight-line code that waits is run. Two implementations: virtual threads, and those of a simulation, of which
 * one runs at a time. Safe for any thread.
 */
public interface Strands {

    /** Runs {@code strand}, which may wait, and returns at once. */
    void start(Runnable strand);

    /** Returns the value of {@code future} once it is there; called by a strand. */
    <T> T await(CompletableFuture<T> future);
}
