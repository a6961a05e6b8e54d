package io.kvasir.region.time;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A {@link Timer} on one daemon thread. A task must not wait; one that throws ends the process's thread as any other
 * does, through its uncaught exception handler. Tasks due after {@link #close} are dropped.
 */
public final class ThreadTimer implements Timer, AutoCloseable {

    private final ScheduledThreadPoolExecutor executor;

    /** Starts a thread named {@code name}. */
    public ThreadTimer(String name) {
        executor = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().daemon().name(name).unstarted(task), (task, closed) -> {});
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void after(long delayMillis, Runnable task) {
        ScheduledFuture<?> unused = executor.schedule(() -> report(task), delayMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    /** Runs {@code task}; the executor would keep what it throws to itself. */
    private static void report(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error fault) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, fault);
        }
    }
}
