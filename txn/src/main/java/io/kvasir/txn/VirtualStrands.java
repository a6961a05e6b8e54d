package io.kvasir.txn;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

/** Strands on virtual threads. Safe for any thread. */
public final class VirtualStrands implements Strands {

    private final ExecutorService virtualThreads;

    /** @param virtualThreads runs each task on a virtual thread of its own; not closed here */
    public VirtualStrands(ExecutorService virtualThreads) {
        this.virtualThreads = virtualThreads;
    }

    @Override
    public void start(Runnable strand) {
        virtualThreads.execute(strand);
    }

    @Override
    public <T> T await(CompletableFuture<T> future) {
        return future.join();
    }
}
