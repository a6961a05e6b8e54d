package io.kvasir.gateway.command;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The row of a command: what can be said of it without running it. Immutable.
 *
 * @param name full name in upper case; of a subcommand with its container's, as in "OBJECT ENCODING"
 * @param arity number of words, name included; negative if that is the least number
 * @param flags as Redis' command table has them
 * @param categories the ACL categories named there; {@link #aclCategories()} adds those that follow from the flags
 * @param keys where its keys stand; empty if it has none
 * @param since the version of Redis that brought it
 */
public record CommandSpec(
        String name, int arity, Set<CommandFlag> flags, Set<AclCategory> categories, List<KeySpec> keys, String since) {

    public CommandSpec {
        if (arity == 0 || name.isEmpty() || !name.equals(name.toUpperCase(Locale.ROOT))) {
            throw new IllegalArgumentException("bad row " + name);
        }
        flags = Collections.unmodifiableSet(
                flags.isEmpty() ? EnumSet.noneOf(CommandFlag.class) : EnumSet.copyOf(flags));
        categories = Collections.unmodifiableSet(
                categories.isEmpty() ? EnumSet.noneOf(AclCategory.class) : EnumSet.copyOf(categories));
        keys = List.copyOf(keys);
    }

    /** Returns a row without flags, categories and keys, to be refined by the methods that follow. */
    public static CommandSpec of(String name, int arity, String since) {
        return new CommandSpec(name, arity, Set.of(), Set.of(), List.of(), since);
    }

    /** Returns this row with {@code flags}. */
    public CommandSpec flags(CommandFlag... flags) {
        return new CommandSpec(name, arity, Set.of(flags), categories, keys, since);
    }

    /** Returns this row with {@code categories}. */
    public CommandSpec categories(AclCategory... categories) {
        return new CommandSpec(name, arity, flags, Set.of(categories), keys, since);
    }

    /** Returns this row with {@code keys} added. */
    public CommandSpec keys(KeySpec... keys) {
        List<KeySpec> all = new ArrayList<>(this.keys);
        all.addAll(List.of(keys));
        return new CommandSpec(name, arity, flags, categories, all, since);
    }

    /**
     * Returns this row with keys at {@code first} to {@code last} (negative: from the end), every {@code step}-th word.
     */
    public CommandSpec keys(int first, int last, int step, KeySpec.Access access) {
        return keys(new KeySpec.Range(first, last, step, access));
    }

    /** Returns this row with its one key at word 1. */
    public CommandSpec key(KeySpec.Access access) {
        return keys(1, 1, 1, access);
    }

    /** Returns whether a command of {@code words} words, name included, has the right number of them. */
    public boolean accepts(int words) {
        return arity < 0 ? words >= -arity : words == arity;
    }

    public boolean is(CommandFlag flag) {
        return flags.contains(flag);
    }

    /** Returns the number of words in the name: 2 for a subcommand. */
    public int nameWords() {
        return isSubcommand() ? 2 : 1;
    }

    public boolean isSubcommand() {
        return name.indexOf(' ') >= 0;
    }

    /** Returns the container's name of a subcommand, the name itself of any other command. */
    public String container() {
        int space = name.indexOf(' ');
        return space < 0 ? name : name.substring(0, space);
    }

    /** Returns the name as Redis' replies spell it: "get", "object|encoding". */
    public String replyName() {
        return name.toLowerCase(Locale.ROOT).replace(' ', '|');
    }

    /** Returns all ACL categories, also those that follow from the flags (redis server.c, setImplicitACLCategories). */
    public Set<AclCategory> aclCategories() {
        EnumSet<AclCategory> all = EnumSet.noneOf(AclCategory.class);
        all.addAll(categories);
        if (is(CommandFlag.WRITE)) {
            all.add(AclCategory.WRITE);
        }
        if (is(CommandFlag.READONLY) && !all.contains(AclCategory.SCRIPTING)) {
            all.add(AclCategory.READ);
        }
        if (is(CommandFlag.ADMIN)) {
            all.add(AclCategory.ADMIN);
            all.add(AclCategory.DANGEROUS);
        }
        if (is(CommandFlag.PUBSUB)) {
            all.add(AclCategory.PUBSUB);
        }
        if (is(CommandFlag.BLOCKING)) {
            all.add(AclCategory.BLOCKING);
        }
        all.add(is(CommandFlag.FAST) ? AclCategory.FAST : AclCategory.SLOW);
        return Collections.unmodifiableSet(all);
    }

    /** Returns the keys among {@code words}, name included, in the order of the key specifications. */
    public List<byte[]> keysIn(byte[][] words) {
        List<byte[]> found = new ArrayList<>();
        for (KeySpec spec : keys) {
            spec.collect(words, found);
        }
        return found;
    }
}
