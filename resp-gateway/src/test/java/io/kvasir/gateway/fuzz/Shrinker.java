package io.kvasir.gateway.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Makes a failing script small: first whole lines go, in chunks that halve (Zeller and Hildebrandt, "Simplifying and
 * Isolating Failure-Inducing Input"), then words, then bytes of long words, as long as the script still fails.
 */
public final class Shrinker {

    /** Runs after which the smallest script so far is good enough. */
    public static final int RUNS_MAX = 3_000;

    private static final int LONG_WORD_BYTES = 4;

    private final Predicate<Script> fails;
    private int runs;

    public Shrinker(Predicate<Script> fails) {
        this.fails = fails;
    }

    /** Returns a script that fails as {@code failing} does and is as small as was found. */
    public Script shrink(Script failing) {
        Script smallest = failing;
        for (boolean smaller = true; smaller && runs < RUNS_MAX; ) {
            Script next = fewerLines(smallest);
            next = shorterLines(next);
            smaller = !next.toString().equals(smallest.toString());
            smallest = next;
        }
        return smallest;
    }

    private Script fewerLines(Script script) {
        Script smallest = script;
        for (int chunk = Math.max(1, script.lines().size() / 2); chunk >= 1; chunk /= 2) {
            int from = smallest.lines().size() - chunk;
            while (from > -chunk && runs < RUNS_MAX) {
                List<Words> lines = new ArrayList<>(smallest.lines());
                lines.subList(Math.max(from, 0), from + chunk).clear();
                Script candidate = smallest.with(lines);
                if (stillFails(candidate)) {
                    smallest = candidate;
                }
                from = Math.min(from - chunk, smallest.lines().size() - chunk);
            }
        }
        return smallest;
    }

    private Script shorterLines(Script script) {
        Script smallest = script;
        for (int line = 0; line < smallest.lines().size(); line++) {
            for (int word = smallest.lines().get(line).size() - 1; word > 0; word--) {
                if (word < smallest.lines().get(line).size()) {
                    smallest = shorterWord(smallest, line, word);
                }
            }
        }
        return smallest;
    }

    private Script shorterWord(Script script, int line, int word) {
        Words words = script.lines().get(line);
        Script without = replace(script, line, words.without(word));
        if (stillFails(without)) {
            return without;
        }
        if (word > 1) {
            // Words often come in pairs, such as a field and its value.
            Script withoutPair = replace(script, line, words.without(word).without(word - 1));
            if (stillFails(withoutPair)) {
                return withoutPair;
            }
        }
        byte[] bytes = words.get(word);
        if (bytes.length > LONG_WORD_BYTES) {
            byte[] half = Words.bytes("v".repeat(bytes.length / 2));
            Script shorter = replace(script, line, words.with(word, half));
            if (stillFails(shorter)) {
                return shorterWord(shorter, line, word);
            }
        }
        return script;
    }

    private static Script replace(Script script, int line, Words words) {
        List<Words> lines = new ArrayList<>(script.lines());
        lines.set(line, words);
        return script.with(lines);
    }

    private boolean stillFails(Script candidate) {
        if (runs >= RUNS_MAX) {
            return false;
        }
        runs++;
        return fails.test(candidate);
    }
}
