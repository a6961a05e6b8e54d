package io.kvasir.gateway.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A family of commands to compare.
 *
 * @param grammar what its commands look like
 * @param rules how its replies compare
 * @param audit commands that read all a script may have changed; they end every script
 * @param arrangement how its commands are sent
 * @param ofWholeServer whether its commands reach beyond the database they are sent to
 */
public record Family(
        String name,
        Grammar grammar,
        Comparison.Rules rules,
        List<Words> audit,
        Arrangement arrangement,
        boolean ofWholeServer) {

    public Family {
        audit = List.copyOf(audit);
    }

    /** A family whose commands are sent one by one. */
    public Family(String name, Grammar grammar, Comparison.Rules rules, List<Words> audit) {
        this(name, grammar, rules, audit, new OneByOne(), false);
    }

    /** Returns the same family as one whose commands reach beyond the database they are sent to. */
    Family reachingAll() {
        return new Family(name, grammar, rules, audit, arrangement, true);
    }

    @Override
    public String toString() {
        return name;
    }

    /** Returns the same family with every other command spoiled, so that errors are met as often as answers. */
    public Family spoiled() {
        return new Family(name + ", spoiled", grammar.spoiling(2), rules, audit, arrangement, ofWholeServer);
    }

    /** Returns the same family, most of whose commands stand between MULTI and EXEC. */
    public Family inTransactions() {
        return new Family(name + ", in MULTI", grammar, rules, audit, new InTransactions(), ofWholeServer);
    }

    /** Returns the same family, most of whose commands are called by Lua scripts. */
    public Family inScripts() {
        return new Family(name + ", in EVAL", grammar, rules, audit, new InScripts(new KeyWords()), ofWholeServer);
    }

    /** Returns the same family under {@code otherName}, with {@code change} made to all its commands. */
    Family mapped(String otherName, UnaryOperator<Words> change) {
        return new Family(
                otherName,
                grammar.mapping(change),
                rules,
                audit.stream().map(change).toList(),
                arrangement,
                ofWholeServer);
    }

    /** Returns the script of {@code seed}: {@code commands} random ones and the audit. */
    public Script script(long seed, int commands) {
        Chance chance = new Chance(seed);
        List<Words> lines = new ArrayList<>(arrangement.lines(chance, commands, grammar::next));
        lines.addAll(audit);
        return new Script(chance.oneIn(2) ? 3 : 2, lines);
    }
}
