package io.kvasir.jepsen.register;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Looks for an order of a register's operations that agrees with real time and explains every value returned: the
 * search of Wing and Gong with the memory of Lowe ("Testing for Linearizability", 2017). Invocations and completions
 * are a list; an operation that can be next is lifted out of it; where a completion is met before its operation was
 * lifted, the last choice is taken back. A set of what was lifted and the value then there is never tried twice.
 *
 * <p>The time is exponential in the operations that are open at once; those whose outcome is not known are open for
 * ever. Hence the bound. Confined to one thread.
 */
public final class RegisterSearch {

    /** What was found. */
    public enum Verdict {
        LINEARIZABLE,
        NOT_LINEARIZABLE,
        TOO_LARGE
    }

    private static final int NONE = -1;

    private final RegisterHistory history;
    private final int[] event; // 2 * operation for its invocation, 2 * operation + 1 for its completion
    private final int[] next; // in the list of events; the last place is its head
    private final int[] previous;
    private final int[] place; // of an event in the list, NONE of a completion that never comes
    private final long[] lifted;
    private int stuckAt = NONE;
    private Verdict verdict = Verdict.LINEARIZABLE;

    private record Choice(int operation, int valueBefore) {}

    private record Tried(long[] lifted, int value) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Tried tried && tried.value == value && Arrays.equals(tried.lifted, lifted);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(lifted) + value;
        }
    }

    /**
     * Searches {@code history}.
     *
     * @param triedMax how many sets of operations it may try before it gives up
     */
    public RegisterSearch(RegisterHistory history, int triedMax) {
        this.history = history;
        int operations = history.size();
        event = events(history);
        next = new int[event.length + 1];
        previous = new int[event.length + 1];
        place = new int[2 * operations];
        Arrays.fill(place, NONE);
        lifted = new long[(operations + 63) / 64];
        for (int i = 0; i <= event.length; i++) {
            next[i] = i == event.length ? 0 : i + 1;
            previous[i] = i == 0 ? event.length : i - 1;
            if (i < event.length) {
                place[event[i]] = i;
            }
        }
        run(triedMax);
    }

    public Verdict verdict() {
        return verdict;
    }

    /** Returns the operation whose completion no order reaches, if there is no order. */
    public int stuckAt() {
        if (verdict != Verdict.NOT_LINEARIZABLE) {
            throw new IllegalStateException("nothing is stuck: " + verdict);
        }
        return event[stuckAt] / 2;
    }

    private static int[] events(RegisterHistory history) {
        long[] keyed = new long[2 * history.size()];
        int size = 0;
        for (int i = 0; i < history.size(); i++) {
            keyed[size++] = (long) history.invoked(i) << 32 | 2L * i;
            if (history.completed(i) != RegisterHistory.NEVER) {
                keyed[size++] = (long) history.completed(i) << 32 | 2L * i + 1;
            }
        }
        Arrays.sort(keyed, 0, size);
        int[] events = new int[size];
        for (int i = 0; i < size; i++) {
            events[i] = (int) (keyed[i] & 0xffff_ffffL);
        }
        return events;
    }

    private void run(int triedMax) {
        int head = event.length;
        int completions = event.length - history.size();
        int value = 0;
        Set<Tried> tried = new HashSet<>();
        Deque<Choice> choices = new ArrayDeque<>();
        int at = next[head];
        while (completions > 0) {
            int operation = event[at] / 2;
            boolean isInvocation = event[at] % 2 == 0;
            int after = isInvocation ? history.step(value, operation) : NONE;
            if (after != NONE && tried.add(triedWith(operation, after))) {
                if (tried.size() > triedMax) {
                    verdict = Verdict.TOO_LARGE;
                    return;
                }
                choices.push(new Choice(operation, value));
                completions -= lift(operation);
                value = after;
                at = next[head];
            } else if (isInvocation) {
                at = next[at]; // a completion follows, as one is left
            } else {
                stuckAt = Math.max(stuckAt, at);
                if (choices.isEmpty()) {
                    verdict = Verdict.NOT_LINEARIZABLE;
                    return;
                }
                Choice last = choices.pop();
                completions += putBack(last.operation());
                value = last.valueBefore();
                at = next[place[2 * last.operation()]];
            }
        }
    }

    private Tried triedWith(int operation, int value) {
        long[] set = lifted.clone();
        set[operation / 64] |= 1L << operation;
        return new Tried(set, value);
    }

    /** Takes an operation out of the list; returns how many completions that were, 0 or 1. */
    private int lift(int operation) {
        lifted[operation / 64] |= 1L << operation;
        unlink(place[2 * operation]);
        int completion = place[2 * operation + 1];
        if (completion == NONE) {
            return 0;
        }
        unlink(completion);
        return 1;
    }

    private int putBack(int operation) {
        lifted[operation / 64] &= ~(1L << operation);
        int completion = place[2 * operation + 1];
        if (completion != NONE) {
            link(completion);
        }
        link(place[2 * operation]);
        return completion == NONE ? 0 : 1;
    }

    private void unlink(int at) {
        next[previous[at]] = next[at];
        previous[next[at]] = previous[at];
    }

    private void link(int at) {
        next[previous[at]] = at;
        previous[next[at]] = at;
    }
}
