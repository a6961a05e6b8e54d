package io.kvasir.region.range;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Platform threads that read from disk for a whole store. Safe for any thread. */
public final class BoundedReadPool implements ReadPool, AutoCloseable {

    /** Reads that may wait for a thread; beyond it the asker copes by itself. */
    public static final int QUEUE_MAX = 16_384;

    private static final int CLOSE_SECONDS_MAX = 10;

    private static final Logger LOG = LoggerFactory.getLogger(BoundedReadPool.class);

    private final ThreadPoolExecutor threads;

    /** Makes a pool of {@code count} threads, started as needed. */
    public BoundedReadPool(int count) {
        threads = new ThreadPoolExecutor(
                count,
                count,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE_MAX),
                Thread.ofPlatform()
                        .daemon(true)
                        .name("kvasir-read-", 0)
                        .stackSize(OwnerThread.STACK_BYTES)
                        .factory());
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public boolean run(Runnable read, Runnable whenDone) {
        try {
            threads.execute(() -> {
                try {
                    read.run();
                } catch (RuntimeException abandoned) {
                    LOG.trace("read ahead abandoned", abandoned);
                } finally {
                    whenDone.run();
                }
            });
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    /** Ends the threads and waits for what they read now, so that the engine may be closed afterwards. */
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("reads of the disk do not end");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
