package io.kvasir.region.range;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * A platform thread that runs the tasks of its ranges in the order given. Tasks are few and short: a range has at most
 * a handful queued, whatever the number of its commands, which are bounded by its own inbox.
 *
 * <p>Any throwable out of a task is a bug or a fault of the disk and goes to the fault handler, which stops the
 * process.
 */
public final class OwnerThread implements Owner, AutoCloseable {

    /**
     * Stack of a thread that runs procedures: a script may call itself thousands of levels deep. Taken as it is used.
     */
    public static final long STACK_BYTES = 16L << 20;

    private static final int QUEUE_CHUNK = 1024;

    private final MpscUnboundedArrayQueue<Runnable> queue = new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
    private final Consumer<Throwable> onFault;
    private final Thread thread;
    private volatile boolean asleep;
    private volatile boolean closed;

    /** Starts the thread. */
    public OwnerThread(String name, Consumer<Throwable> onFault) {
        this.onFault = onFault;
        thread = Thread.ofPlatform()
                .name(name)
                .daemon(true)
                .stackSize(STACK_BYTES)
                .start(this::run);
    }

    @Override
    public void execute(Runnable task) {
        queue.offer(task);
        if (asleep) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    private void run() {
        try {
            while (true) {
                Runnable task = queue.relaxedPoll();
                if (task != null) {
                    task.run();
                } else if (closed) {
                    return;
                } else {
                    awaitTask();
                }
            }
        } catch (Throwable fault) {
            onFault.accept(fault);
        }
    }

    private void awaitTask() {
        asleep = true;
        if (queue.isEmpty() && !closed) {
            LockSupport.park(this);
        }
        asleep = false;
    }

    /** Runs what is queued, then ends the thread; waits for it unless called by it. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        if (!isCurrent()) {
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException ignored) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
