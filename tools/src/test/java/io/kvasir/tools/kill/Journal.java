package io.kvasir.tools.kill;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What may stand in a string to which one client appends entries {@code number;}: every acknowledged one once, every
 * one of unknown outcome once at most, those of one connection in order. Guarded by this.
 */
final class Journal {

    private enum Outcome {
        ACKNOWLEDGED,
        UNKNOWN,
        REFUSED
    }

    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<Integer> connections = new ArrayList<>();

    /** Returns the number to append next, from 0, on connection {@code connection} of its writer. */
    synchronized int issue(int connection) {
        outcomes.add(Outcome.UNKNOWN);
        connections.add(connection);
        return outcomes.size() - 1;
    }

    synchronized void answered(int number, Answer answer) {
        outcomes.set(
                number,
                switch (answer) {
                    case Answer.Done ignored -> Outcome.ACKNOWLEDGED;
                    case Answer.NoEffect ignored -> Outcome.REFUSED;
                    case Answer.Undetermined ignored -> Outcome.UNKNOWN;
                    case Answer.Wrong ignored -> Outcome.UNKNOWN;
                });
    }

    /** Returns what is wrong with {@code text} when nothing is under way. */
    synchronized Optional<String> check(String text) {
        Set<Integer> seen = new HashSet<>();
        Map<Integer, Integer> newestOf = new HashMap<>();
        for (String entry : text.isEmpty() ? new String[0] : text.split(";")) {
            int number = Integer.parseInt(entry);
            if (number >= outcomes.size() || outcomes.get(number) == Outcome.REFUSED) {
                return Optional.of("holds " + number + ", which had no effect");
            }
            if (!seen.add(number)) {
                return Optional.of("holds " + number + " twice");
            }
            Integer before = newestOf.put(connections.get(number), number);
            if (before != null && before > number) {
                return Optional.of("holds " + number + " after " + before + " of the same connection");
            }
        }
        for (int number = 0; number < outcomes.size(); number++) {
            if (outcomes.get(number) == Outcome.ACKNOWLEDGED && !seen.contains(number)) {
                return Optional.of("lacks " + number + ", which was acknowledged");
            }
        }
        return Optional.empty();
    }
}
