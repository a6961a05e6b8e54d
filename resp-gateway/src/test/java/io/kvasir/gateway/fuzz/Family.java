package io.kvasir.gateway.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * A family of commands to compare.
 *
 * @param grammar what its commands look like
 * @param rules how its replies compare
 * @param audit commands that read all a script may have changed; they end every script
 */
public record Family(String name, Grammar grammar, Comparison.Rules rules, List<Words> audit) {

    public Family {
        audit = List.copyOf(audit);
    }

    @Override
    public String toString() {
        return name;
    }

    /** Returns the same family with every other command spoiled, so that errors are met as often as answers. */
    public Family spoiled() {
        return new Family(name + ", spoiled", grammar.spoiling(2), rules, audit);
    }

    /** Returns the script of {@code seed}: {@code commands} random ones and the audit. */
    public Script script(long seed, int commands) {
        Chance chance = new Chance(seed);
        List<Words> lines = new ArrayList<>();
        for (int i = 0; i < commands; i++) {
            lines.add(grammar.next(chance));
        }
        lines.addAll(audit);
        return new Script(chance.oneIn(2) ? 3 : 2, lines);
    }
}
