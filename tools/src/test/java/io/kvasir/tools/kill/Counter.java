package io.kvasir.tools.kill;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What may stand in a key that all clients increment. Guarded by this. */
final class Counter {

    private long issued;
    private long acknowledged;
    private long undetermined;
    private long floor;
    private final Set<Long> replies = new HashSet<>();

    /** Counts an increment in; returns what its reply must exceed, for {@link #answered}. */
    synchronized long issue() {
        issued++;
        return floor;
    }

    /** Returns what is wrong with the answer to an increment that was issued at {@code floorBefore}. */
    synchronized Optional<String> answered(Answer answer, long floorBefore) {
        switch (answer) {
            case Answer.Done done -> {
                acknowledged++;
                long value = done.number();
                if (!replies.add(value)) {
                    return Optional.of("two increments answered " + value);
                }
                if (value <= floorBefore) {
                    return Optional.of("an increment answered " + value + " after " + floorBefore + " was answered");
                }
                floor = Math.max(floor, value);
            }
            case Answer.Undetermined ignored -> undetermined++;
            case Answer.NoEffect ignored -> issued--;
            case Answer.Wrong ignored -> undetermined++;
        }
        return floor > issued ? Optional.of("counts " + floor + " of " + issued + " increments") : Optional.empty();
    }

    /** Returns what is wrong with {@code value} when nothing is under way. */
    synchronized Optional<String> check(long value) {
        return acknowledged <= value && floor <= value && value <= acknowledged + undetermined
                ? Optional.empty()
                : Optional.of("is " + value + " after " + acknowledged + " acknowledged and " + undetermined
                        + " undetermined increments, the largest reply was " + floor);
    }
}
