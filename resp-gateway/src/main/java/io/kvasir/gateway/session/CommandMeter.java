package io.kvasir.gateway.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** What one event loop counts of one command. One thread writes; any thread may read, a little late. */
public final class CommandMeter {

    private static final VarHandle CALLS;
    private static final VarHandle NANOS;
    private static final VarHandle REJECTED;
    private static final VarHandle FAILED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CALLS = lookup.findVarHandle(CommandMeter.class, "calls", long.class);
            NANOS = lookup.findVarHandle(CommandMeter.class, "nanos", long.class);
            REJECTED = lookup.findVarHandle(CommandMeter.class, "rejected", long.class);
            FAILED = lookup.findVarHandle(CommandMeter.class, "failed", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long calls;
    private long nanos;
    private long rejected;
    private long failed;
    private final LatencyCounts latencies = new LatencyCounts();
    private final boolean fast;

    CommandMeter(boolean fast) {
        this.fast = fast;
    }

    /** Returns whether the command is one that Redis calls fast. */
    public boolean fast() {
        return fast;
    }

    /** Counts a command that ran for {@code tookNanos} ns, and whether its reply was an error. */
    public void ran(long tookNanos, boolean error) {
        CALLS.setOpaque(this, calls + 1);
        NANOS.setOpaque(this, nanos + tookNanos);
        if (error) {
            FAILED.setOpaque(this, failed + 1);
        }
        latencies.add(tookNanos);
    }

    /** Counts a command that was refused before it ran. */
    public void refused() {
        REJECTED.setOpaque(this, rejected + 1);
    }

    long calls() {
        return (long) CALLS.getOpaque(this);
    }

    long nanos() {
        return (long) NANOS.getOpaque(this);
    }

    long rejected() {
        return (long) REJECTED.getOpaque(this);
    }

    long failed() {
        return (long) FAILED.getOpaque(this);
    }

    LatencyCounts latencies() {
        return latencies;
    }

    void clear() {
        CALLS.setOpaque(this, 0L);
        NANOS.setOpaque(this, 0L);
        REJECTED.setOpaque(this, 0L);
        FAILED.setOpaque(this, 0L);
        latencies.clear();
    }
}
