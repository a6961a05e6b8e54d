package io.kvasir.tools.kill;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What may stand in a place that one client writes with the numbers 1, 2, 3 … on one connection after another, and
 * anybody reads. Guarded by this.
 *
 * <p>A write takes effect once, between its issue and its answer; one of unknown outcome does so at any time or never,
 * but not after an acknowledged write that followed it on its own connection. A read sees at least what was
 * acknowledged or read before it was issued.
 */
final class Register {

    private long issued;
    private long floor;

    /** Writes whose outcome is unknown, or not known yet, by the number of their connection. */
    private final Map<Long, Integer> open = new HashMap<>();

    private final Set<Long> refused = new HashSet<>();

    /** Returns the number to write next, on connection {@code connection} of its writer. */
    synchronized long issue(int connection) {
        open.put(++issued, connection);
        return issued;
    }

    /** Takes the answer to the write of {@code number}. */
    synchronized void answered(long number, Answer answer) {
        switch (answer) {
            case Answer.Done done -> {
                Integer connection = open.remove(number);
                if (connection != null) { // else somebody has read it, or what followed it, already
                    settle(number, connection);
                }
            }
            case Answer.NoEffect ignored -> {
                open.remove(number);
                refused.add(number);
            }
            case Answer.Undetermined ignored -> {}
            case Answer.Wrong ignored -> {}
        }
    }

    /** What came before {@code number} on its connection has happened by now or never will. */
    private void settle(long number, int connection) {
        open.entrySet().removeIf(each -> each.getKey() < number && each.getValue() == connection);
        floor = Math.max(floor, number);
    }

    /** Returns what a read issued now may not fall below, for {@link #check}. */
    synchronized long floor() {
        return floor;
    }

    /** Returns what is wrong with a read of {@code number}, 0 for absent, that was issued at {@code floorBefore}. */
    synchronized Optional<String> check(long number, long floorBefore) {
        Integer connection = open.get(number);
        if (refused.contains(number)) {
            return Optional.of("reads " + number + ", which was said to have no effect");
        }
        if (number > issued) {
            return Optional.of("reads " + number + ", which nobody wrote");
        }
        if (number < floorBefore && connection == null) {
            return Optional.of("reads " + number + ", although " + floorBefore
                    + " was acknowledged or read before; outcomes unknown: " + open.keySet());
        }
        if (number > floor && connection != null) {
            settle(number, connection);
        }
        return Optional.empty();
    }
}
