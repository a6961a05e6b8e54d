package io.kvasir.region.range;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Platform threads that read from disk for a whole store. Safe for any thread.
 *
 * <p>What is read is unpacked and checked by the thread that reads it, and that takes several times the CPU time of an
 * answer from memory. So the pool is small for the machine: a storm of reads then waits for the pool and leaves cores
 * to those who need no disk, and its threads rest between reads while these have too few ({@link ReaderPace}, decision
 * 0008). Reads that take long have threads of their own, or the others would wait behind them. Event loops hand reads
 * over, so the queue has no lock that a reader could hold when it loses its core.
 */
public final class BoundedReadPool implements ReadPool, AutoCloseable {

    /** Reads that may wait for a thread; beyond it the asker copes by itself. */
    public static final int QUEUE_MAX = 16_384;

    private static final int IDLE_SECONDS_MAX = 10;
    private static final int CLOSE_SECONDS_MAX = 10;

    /** Of each thread for reads that are short. */
    private static final ThreadLocal<ReaderPace> PACE = new ThreadLocal<>();

    private static final Logger LOG = LoggerFactory.getLogger(BoundedReadPool.class);

    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder shortReads = new LongAdder();
    private final ExecutorService threads;
    private final ExecutorService longThreads;

    /**
     * Makes a pool, whose threads are started as needed.
     *
     * @param count threads for reads that are short
     * @param restMax the longest rest of one of them after a read, in reads, while cores are short; 0 for none
     * @param longCount threads for reads that take long
     * @param answered reads that the store has answered so far, from memory and from disk
     */
    public BoundedReadPool(int count, int restMax, int longCount, LongSupplier answered) {
        threads = threads("kvasir-read-", count, worker -> () -> {
            try (ReaderPace own = new ReaderPace(restMax, () -> answered.getAsLong() - shortReads.sum())) {
                PACE.set(own);
                worker.run();
            }
        });
        longThreads = threads("kvasir-scan-", longCount, worker -> worker);
    }

    private static ExecutorService threads(String name, int count, UnaryOperator<Runnable> within) {
        ThreadFactory factory = Thread.ofPlatform()
                .daemon(true)
                .name(name, 0)
                .stackSize(OwnerThread.STACK_BYTES)
                .factory();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                count,
                count,
                IDLE_SECONDS_MAX,
                TimeUnit.SECONDS,
                new LinkedTransferQueue<>(),
                worker -> factory.newThread(within.apply(worker)));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public boolean run(Runnable read, Runnable whenDone) {
        return run(threads, read, () -> {
            shortReads.increment();
            whenDone.run();
            PACE.get().afterRead();
        });
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
