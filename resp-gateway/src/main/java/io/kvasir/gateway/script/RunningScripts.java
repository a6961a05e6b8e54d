package io.kvasir.gateway.script;

import io.kvasir.region.time.Ticker;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The scripts and functions that have run for long in this process, so that they can be ended. Safe for any thread. */
final class RunningScripts {

    private final Ticker ticker;
    private final long stepsMax;
    private final Set<Running> running = ConcurrentHashMap.newKeySet();

    /** @param stepsMax calls and turns of loops that one run may take */
    RunningScripts(Ticker ticker, long stepsMax) {
        this.ticker = ticker;
        this.stepsMax = stepsMax;
    }

    long stepsMax() {
        return stepsMax;
    }

    /** What runs. */
    enum Kind {
        SCRIPT,
        FUNCTION
    }

    /** One run. */
    static final class Running {

        final Kind kind;
        final String name;
        final byte[][] command;
        private final long sinceNanos;
        private volatile boolean killed;

        private Running(Kind kind, String name, byte[][] command, long sinceNanos) {
            this.kind = kind;
            this.name = name;
            this.command = command;
            this.sinceNanos = sinceNanos;
        }

        /** Returns whether somebody asked for its end. */
        boolean isKilled() {
            return killed;
        }
    }

    /** Returns the reading of the monotonic clock. */
    long nanoTime() {
        return ticker.nanoTime();
    }

    /** Notes a run, to be given to {@link #end}. */
    Running begin(Kind kind, String name, byte[][] command, long sinceNanos) {
        Running one = new Running(kind, name, command, sinceNanos);
        running.add(one);
        return one;
    }

    void end(Running one) {
        running.remove(one);
    }

    /** Ends all runs of {@code kind}; returns how many. */
    int kill(Kind kind) {
        int killed = 0;
        for (Running one : running) {
            if (one.kind == kind && !one.killed) {
                one.killed = true;
                killed++;
            }
        }
        return killed;
    }

    /** Returns what has run longest. */
    Optional<Running> oldest() {
        long now = ticker.nanoTime();
        return running.stream().max(Comparator.comparingLong(one -> now - one.sinceNanos));
    }

    /** Returns for how long {@code one} has run. */
    long millis(Running one) {
        return TimeUnit.NANOSECONDS.toMillis(ticker.nanoTime() - one.sinceNanos);
    }
}
