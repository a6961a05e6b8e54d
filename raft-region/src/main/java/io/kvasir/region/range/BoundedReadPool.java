package io.kvasir.region.range;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Platform threads that read from disk for a whole store. Safe for any thread.
 *
 * <p>What is read is unpacked and checked by the thread that reads it, and that takes several times the CPU time of an
 * answer from memory. So the pool is small for the machine: a storm of reads then waits for the pool and leaves cores
 * to those who need no disk (decision 0008). Reads that take long have threads of their own, or the others would wait
 * behind them. Event loops hand reads over, so the queue has no lock that a reader could hold when it loses its core.
 */
public final class BoundedReadPool implements ReadPool, AutoCloseable {

    /** Reads that may wait for a thread; beyond it the asker copes by itself. */
    public static final int QUEUE_MAX = 16_384;

    private static final int IDLE_SECONDS_MAX = 10;
    private static final int CLOSE_SECONDS_MAX = 10;

    private static final Logger LOG = LoggerFactory.getLogger(BoundedReadPool.class);

    private final AtomicInteger waiting = new AtomicInteger();
    private final ExecutorService threads;
    private final ExecutorService longThreads;

    /**
     * Makes a pool, whose threads are started as needed.
     *
     * @param count threads for reads that are short
     * @param longCount threads for reads that take long
     */
    public BoundedReadPool(int count, int longCount) {
        threads = threads("kvasir-read-", count);
        longThreads = threads("kvasir-scan-", longCount);
    }

    private static ExecutorService threads(String name, int count) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                count,
                count,
                IDLE_SECONDS_MAX,
                TimeUnit.SECONDS,
                new LinkedTransferQueue<>(),
                Thread.ofPlatform()
                        .daemon(true)
                        .name(name, 0)
                        .stackSize(OwnerThread.STACK_BYTES)
                        .factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public boolean run(Runnable read, Runnable whenDone) {
        return run(threads, read, whenDone);
    }

    @Override
    public boolean runLong(Runnable read, Runnable whenDone) {
        return run(longThreads, read, whenDone);
    }

    private boolean run(ExecutorService by, Runnable read, Runnable whenDone) {
        if (waiting.incrementAndGet() > QUEUE_MAX) {
            waiting.decrementAndGet();
            return false;
        }
        try {
            by.execute(() -> {
                waiting.decrementAndGet();
                try {
                    read.run();
                } catch (RuntimeException abandoned) {
                    LOG.trace("read ahead abandoned", abandoned);
                } finally {
                    whenDone.run();
                }
            });
            return true;
        } catch (RejectedExecutionException closed) {
            waiting.decrementAndGet();
            return false;
        }
    }

    /** Ends the threads and waits for what they read now, so that the engine may be closed afterwards. */
    @Override
    public void close() {
        threads.shutdownNow();
        longThreads.shutdownNow();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
                    || !longThreads.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("reads of the disk do not end");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
