package io.kvasir.tools.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What became of all writes. Safe for any thread: guarded by this. */
final class Ledger {

    private static final int ERRORS_KEPT_MAX = 10;

    private final Map<Name, Integer> pushes = new HashMap<>();
    private final Map<Name, Integer> increments = new HashMap<>();
    private final List<String> errors = new ArrayList<>();
    private long acknowledged;
    private long refused;
    private long lost;
    private long wrong;
    private long abandoned;
    private long longestNanos;
    private long silenceNanos;
    private long newestNanos;

    /** Begins at {@code nanos} of the clock that all times are of. */
    Ledger(long nanos) {
        newestNanos = nanos;
    }

    /** A write first sent at {@code sentNanos} was acknowledged at {@code nanos}. */
    synchronized void acknowledged(long sentNanos, long nanos) {
        acknowledged++;
        longestNanos = Math.max(longestNanos, nanos - sentNanos);
        silenceNanos = Math.max(silenceNanos, nanos - newestNanos);
        newestNanos = Math.max(newestNanos, nanos);
    }

    /** The server said that a write had no effect: it is sent again. */
    synchronized void refused() {
        refused++;
    }

    /** The outcome of a write is not known. */
    synchronized void undetermined(Mutation write) {
        lost++;
        switch (write.kind()) {
            case REPEATABLE, DEADLINE -> {} // it is sent again until it is acknowledged
            case PUSH -> pushes.merge(write.key(), 1, Integer::sum);
            case INCREMENT -> increments.merge(write.key(), 1, Integer::sum);
        }
    }

    /** The server answered a write with an error that no fault of a node explains. */
    synchronized void wrong(Mutation write, String error) {
        wrong++;
        if (errors.size() < ERRORS_KEPT_MAX) {
            errors.add(write.key() + ": " + error);
        }
    }

    /** A write that was never acknowledged although it was sent again for long. */
    synchronized void abandoned(Mutation write) {
        abandoned++;
        if (errors.size() < ERRORS_KEPT_MAX) {
            errors.add(write.key() + ": not acknowledged in time");
        }
    }

    /** Returns whether the key may lack the whole of a value that Redis has. */
    synchronized boolean mayBeAbsent(Name key) {
        return pushes.containsKey(key);
    }

    /** Returns how much less than in Redis the counter may be. */
    synchronized int mayLack(Name key) {
        return increments.getOrDefault(key, 0);
    }

    /**
     * All counts at one moment.
     *
     * @param refused how often a write was answered that it had no effect
     * @param lost how often the outcome of a write was not known, of which the most were sent again
     * @param open writes whose outcome stays unknown, because they must not be repeated
     * @param wrong errors that no fault explains
     * @param abandoned writes given up
     */
    record Counts(
            long acknowledged,
            long refused,
            long lost,
            long open,
            long wrong,
            long abandoned,
            long longestNanos,
            long silenceNanos,
            List<String> errors) {}

    synchronized Counts counts() {
        long open = pushes.values().stream().mapToLong(Integer::longValue).sum()
                + increments.values().stream().mapToLong(Integer::longValue).sum();
        return new Counts(
                acknowledged, refused, lost, open, wrong, abandoned, longestNanos, silenceNanos, List.copyOf(errors));
    }
}
