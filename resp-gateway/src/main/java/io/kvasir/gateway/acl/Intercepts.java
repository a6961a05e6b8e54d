package io.kvasir.gateway.acl;

import io.kvasir.gateway.acl.Intercept.Action;
import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All rules about calls that are intercepted. One rule decides a call: a user's own before one for everybody, then one
 * about the subcommand, the command, its categories; of several categories the strictest. What the rules make of each
 * command is worked out once, when they are learned. Immutable.
 */
public final class Intercepts {

    /** No call is intercepted. */
    static final Intercepts NONE = new Intercepts(List.of(), Map.of(), new OfUser(Map.of(), Map.of()));

    private static final Comparator<Intercept> ORDER =
            Comparator.comparing(Intercept::user).thenComparing(Intercept::what);

    private final List<Intercept> rules;

    /** Users with rules of their own. */
    private final Map<String, OfUser> byUser;

    private final OfUser others;

    /**
     * What the rules make of the commands for one user.
     *
     * @param actions those that are no permission, by the command's name in its row
     * @param names commands by the other name they have, in upper case
     */
    private record OfUser(Map<String, Action> actions, Map<String, String> names) {}

    private Intercepts(List<Intercept> rules, Map<String, OfUser> byUser, OfUser others) {
        this.rules = rules;
        this.byUser = byUser;
        this.others = others;
    }

    /** Returns {@code rules} over the commands of {@code table}. */
    static Intercepts of(List<Intercept> rules, CommandTable table) {
        if (rules.isEmpty()) {
            return NONE;
        }
        Map<String, Map<String, Action>> given = new HashMap<>();
        rules.forEach(
                rule -> given.computeIfAbsent(rule.user(), _ -> new HashMap<>()).put(rule.what(), rule.action()));
        Map<String, Action> forAll = given.getOrDefault(Intercept.EVERYBODY, Map.of());
        Map<String, OfUser> byUser = new HashMap<>();
        given.forEach((user, own) -> byUser.put(user, resolve(own, forAll, table)));
        return new Intercepts(rules.stream().sorted(ORDER).toList(), byUser, resolve(Map.of(), forAll, table));
    }

    private static OfUser resolve(Map<String, Action> own, Map<String, Action> forAll, CommandTable table) {
        Map<String, Action> actions = new HashMap<>();
        Map<String, String> names = new TreeMap<>();
        for (Command command : table.all()) {
            CommandSpec spec = command.spec();
            if (!Intercept.isPossible(spec)) {
                continue;
            }
            Action action = find(own, spec);
            action = action == null ? find(forAll, spec) : action;
            switch (action) {
                case Intercept.Rename(String name)
                when !spec.isSubcommand() -> {
                    actions.put(spec.name(), action);
                    if (!name.isEmpty()) {
                        names.put(name.toUpperCase(Locale.ROOT), spec.name());
                    }
                }
                case Intercept.Deny _, Intercept.Confirm _ -> actions.put(spec.name(), action);
                // Who knows the other name of a command may call what is under it.
                case Intercept.Rename _, Intercept.Allow _ -> {}
                case null -> {}
            }
        }
        return new OfUser(actions, names);
    }

    /** Returns the action of the most exact rule about a command, null if there is none. */
    private static @Nullable Action find(Map<String, Action> rules, CommandSpec spec) {
        if (rules.isEmpty()) {
            return null;
        }
        Action exact = rules.get(spec.replyName());
        if (exact == null) {
            exact = rules.get(spec.container().toLowerCase(Locale.ROOT));
        }
        if (exact != null) {
            return exact;
        }
        Action strictest = null;
        for (AclCategory category : spec.aclCategories()) {
            Action action = rules.get("@" + category.ruleName());
            if (action != null && (strictest == null || strictness(action) > strictness(strictest))) {
                strictest = action;
            }
        }
        return strictest;
    }

    private static int strictness(Action action) {
        return switch (action) {
            case Intercept.Allow _ -> 0;
            // Of two times the shorter one.
            case Intercept.Confirm(int seconds) -> 1 + Intercept.SECONDS_MAX - seconds;
            case Intercept.Rename _, Intercept.Deny _ -> 1 + Intercept.SECONDS_MAX;
        };
    }

    /** Returns whether there is no rule at all. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Returns the rules in the order of users and commands. */
    public List<Intercept> all() {
        return rules;
    }

    /** Returns whether any call of {@code user} is intercepted. */
    public boolean concern(String user) {
        return !of(user).actions.isEmpty();
    }

    /**
     * Returns {@code words} with the command's own name first.
     *
     * @return {@code words} themselves if that is what they have; null if {@code user} knows no command by that name
     */
    public byte @Nullable [][] named(String user, byte[][] words) {
        if (words[0].length > Intercept.NAME_BYTES_MAX) {
            return words;
        }
        OfUser rulesOfUser = of(user);
        String name = new String(words[0], StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT);
        String real = rulesOfUser.names.get(name);
        if (real != null) {
            byte[][] renamed = words.clone();
            renamed[0] = real.getBytes(StandardCharsets.ISO_8859_1);
            return renamed;
        }
        return rulesOfUser.actions.get(name) instanceof Intercept.Rename ? null : words;
    }

    /** Returns whether {@code user} cannot call a command by any name. */
    public boolean hides(String user, CommandSpec spec) {
        return of(user).actions.get(spec.container()) instanceof Intercept.Rename(String name) && name.isEmpty();
    }

    /** Returns what becomes of a call of {@code user}, to a command it has the name of; null if it is run. */
    public @Nullable Action action(String user, CommandSpec spec) {
        Action action = of(user).actions.get(spec.name());
        return action instanceof Intercept.Rename ? null : action;
    }

    /** Returns why {@code user} may not call a command where nobody can be asked, null if it may. */
    public @Nullable Denial denial(String user, CommandSpec spec) {
        return switch (action(user, spec)) {
            case Intercept.Deny _ -> new Denial(Denial.Reason.INTERCEPT, spec.replyName());
            case Intercept.Confirm _ -> new Denial(Denial.Reason.CONFIRM, spec.replyName());
            case Intercept.Allow _, Intercept.Rename _ -> null;
            case null -> null;
        };
    }

    private OfUser of(String user) {
        return byUser.getOrDefault(user, others);
    }
}
