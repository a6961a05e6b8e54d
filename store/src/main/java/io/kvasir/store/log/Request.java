package io.kvasir.store.log;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A change on its way to the disk, and whoever waits for it. */
final class Request {

    final Change change;
    final long bytes;
    /** Run by the writer when the change is durable; null if {@link #waiter} waits instead. */
    private final @Nullable Runnable whenDurable;

    private final @Nullable Thread waiter;

    // Confined to the writer until done.
    /** Records and bytes that the change takes in the frame; 0 if it changes nothing. */
    int records;

    long recordBytes;
    /** Offset in the segment of the first of its records. */
    int offset;

    @Nullable
    Object result;

    private @Nullable RuntimeException failure;

    /** Publishes {@link #result} and {@link #failure}. */
    private volatile boolean done;

    private Request(Change change, @Nullable Runnable whenDurable, @Nullable Thread waiter) {
        this.change = change;
        this.bytes = change.bytes();
        this.whenDurable = whenDurable;
        this.waiter = waiter;
    }

    /** Returns a request for whose end the calling thread will {@link #await}. */
    static Request waiting(Change change) {
        return new Request(change, null, Thread.currentThread());
    }

    static Request calling(Change change, Runnable whenDurable) {
        return new Request(change, whenDurable, null);
    }

    /** Returns whether nobody waits for this, so that nobody would learn of a failure. */
    boolean unattended() {
        return waiter == null;
    }

    void complete() {
        done = true;
        if (waiter != null) {
            LockSupport.unpark(waiter);
        }
        if (whenDurable != null) {
            whenDurable.run();
        }
    }

    /** Ends the wait with {@code because}, unless it has ended. */
    void fail(RuntimeException because) {
        if (done) {
            return;
        }
        failure = because;
        done = true;
        if (waiter != null) {
            LockSupport.unpark(waiter);
        }
    }

    /** Waits until the change is durable; an interrupt is kept for later, because the change cannot be taken back. */
    @Nullable
    Object await() {
        boolean interrupted = false;
        while (!done) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw rethrown(failure);
        }
        return result;
    }

    /** Returns {@code failure} as seen by the waiting thread, with its stack. */
    private static RuntimeException rethrown(RuntimeException failure) {
        return switch (failure) {
            case LogFault fault -> new LogFault(String.valueOf(fault.getMessage()), fault);
            case IllegalArgumentException broken -> new IllegalArgumentException(broken.getMessage(), broken);
            case IllegalStateException gone -> new IllegalStateException(gone.getMessage(), gone);
            default -> failure;
        };
    }
}
