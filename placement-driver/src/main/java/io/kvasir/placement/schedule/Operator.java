package io.kvasir.placement.schedule;

import org.jspecify.annotations.Nullable;

/** A task under way, or what became of it. One step, taken by the leader of the range. Changed by its book alone. */
public final class Operator {

    /** How far an operator has come. */
    public enum State {
        /** The leader's store has not been told yet. */
        WAITING,
        /** The leader's store has been told. */
        RUNNING,
        FINISHED,
        /** The leader gave it up, or lost leadership to a third. */
        FAILED,
        /** It took longer than it may. */
        TIMED_OUT,
        /** Taken back by a person, or because its target is not up any more. */
        CANCELLED;

        public boolean isOver() {
            return this != WAITING && this != RUNNING;
        }
    }

    private final long id;
    private final Task task;
    private final long sinceNanos;
    private State state = State.WAITING;
    private String outcome = "";
    private long endedNanos;

    Operator(long id, Task task, long sinceNanos) {
        this.id = id;
        this.task = task;
        this.sinceNanos = sinceNanos;
    }

    /** Returns its number, new in each term of the placement driver. */
    public long id() {
        return id;
    }

    public Task task() {
        return task;
    }

    public State state() {
        return state;
    }

    /** Returns why it ended as it did; empty while it is under way or if there is nothing to say. */
    public String outcome() {
        return outcome;
    }

    /** Returns how long it has taken, until now or its end, in ms. */
    public long millis(long nowNanos) {
        return ((state.isOver() ? endedNanos : nowNanos) - sinceNanos) / 1_000_000;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    long endedNanos() {
        return endedNanos;
    }

    void run() {
        state = State.RUNNING;
    }

    void end(State ending, @Nullable String why, long nowNanos) {
        state = ending;
        outcome = why == null ? "" : why;
        endedNanos = nowNanos;
    }
}
