package io.kvasir.gateway.acl;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.glob.Glob;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One set of permissions: the commands, and the keys and channels they may touch. Immutable.
 *
 * <p>Rules are understood against a table of commands, and kept as text too, so that what they grant can be said again
 * in the words it was said in (redis 7.2, ACLUpdateCommandRules).
 */
final class Selector {

    /** Nothing is allowed. */
    static final Selector NOTHING =
            new Selector(false, false, Set.of(), Map.of(), List.of(), false, List.of(), false, List.of());

    /** Everything is allowed. */
    static final Selector EVERYTHING =
            new Selector(true, true, Set.of(), Map.of(), List.of(), true, List.of(), true, List.of());

    private final boolean future;
    private final boolean allCommands;

    /** Commands and subcommands by their names in replies. */
    private final Set<String> commands;

    /** First arguments, in lower case, with which commands that are not allowed otherwise may be run. */
    private final Map<String, Set<String>> firstArguments;

    private final List<String> rules;
    private final boolean allKeys;
    private final List<KeyPattern> keys;
    private final boolean allChannels;
    private final List<String> channels;
    private final List<Glob> channelGlobs;

    /** A pattern of keys and what may be done with them. */
    private record KeyPattern(String pattern, boolean reads, boolean writes, Glob glob) {

        KeyPattern(String pattern, boolean reads, boolean writes) {
            this(pattern, reads, writes, new Glob(bytes(pattern)));
        }

        String rule() {
            return reads && writes ? "~" + pattern : (reads ? "%R~" : "%W~") + pattern;
        }
    }

    private Selector(
            boolean future,
            boolean allCommands,
            Set<String> commands,
            Map<String, Set<String>> firstArguments,
            List<String> rules,
            boolean allKeys,
            List<KeyPattern> keys,
            boolean allChannels,
            List<String> channels) {
        this.future = future;
        this.allCommands = allCommands;
        this.commands = commands;
        this.firstArguments = firstArguments;
        this.rules = rules;
        this.allKeys = allKeys;
        this.keys = keys;
        this.allChannels = allChannels;
        this.channels = channels;
        this.channelGlobs =
                channels.stream().map(pattern -> new Glob(bytes(pattern))).toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    // ---- what is allowed

    /** Returns whether nothing at all is forbidden. */
    boolean isUnlimited() {
        return allCommands && allKeys && allChannels;
    }

    boolean allowsEveryChannel() {
        return allChannels;
    }

    /** Returns why a call is not allowed, null if it is. */
    @Nullable
    Denial check(Command command, byte[][] words) {
        if (!mayRun(command.spec(), words)) {
            return new Denial(Denial.Reason.COMMAND, command.spec().replyName());
        }
        if (!allKeys && !command.spec().is(CommandFlag.PUBSUB)) { // shard channels are routed as keys are, and are none
            List<KeySpec> specs = command.spec().keys();
            for (int i = 0; i < specs.size(); i++) {
                List<byte[]> found = new ArrayList<>();
                specs.get(i).collect(words, found);
                KeyRights needed = KeyRights.of(command.spec(), i, words);
                for (byte[] key : found) {
                    if (!mayTouch(key, needed)) {
                        return new Denial(Denial.Reason.KEY, text(key));
                    }
                }
            }
        }
        if (!readsEveryKey() && command.spec().name().startsWith("SORT")) {
            Denial pattern = checkSort(words);
            if (pattern != null) {
                return pattern;
            }
        }
        return allChannels ? null : checkChannels(command.spec(), words);
    }

    private boolean readsEveryKey() {
        return allKeys || keys.stream().anyMatch(pattern -> pattern.reads && pattern.glob.matchesAll());
    }

    /** Patterns of SORT name keys that are known only while it runs, so they need the right to read all. */
    private static @Nullable Denial checkSort(byte[][] words) {
        for (int i = 2; i + 1 < words.length; i++) {
            String option = text(words[i]).toUpperCase(Locale.ROOT);
            String pattern = text(words[i + 1]);
            if (option.equals("BY") && pattern.contains("*") || option.equals("GET") && !pattern.equals("#")) {
                return new Denial(Denial.Reason.KEY, pattern);
            }
        }
        return null;
    }

    private boolean mayRun(CommandSpec spec, byte[][] words) {
        if (allCommands || commands.contains(spec.replyName())) {
            return true;
        }
        Set<String> first = firstArguments.get(spec.replyName());
        return first != null
                && words.length > 1
                && first.contains(text(words[1]).toLowerCase(Locale.ROOT));
    }

    private boolean mayTouch(byte[] key, KeyRights needed) {
        for (KeyPattern pattern : keys) {
            if ((pattern.reads || !needed.reads())
                    && (pattern.writes || !needed.writes())
                    && pattern.glob.matches(key)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Denial checkChannels(CommandSpec spec, byte[][] words) {
        return switch (spec.name()) {
            case "PUBLISH", "SPUBLISH" -> checkChannels(words, 1, 2, false);
            case "SUBSCRIBE", "SSUBSCRIBE" -> checkChannels(words, 1, words.length, false);
            case "PSUBSCRIBE" -> checkChannels(words, 1, words.length, true);
            default -> null;
        };
    }

    private @Nullable Denial checkChannels(byte[][] words, int from, int to, boolean patterns) {
        for (int i = from; i < to; i++) {
            if (!mayHear(words[i], patterns)) {
                return new Denial(Denial.Reason.CHANNEL, text(words[i]));
            }
        }
        return null;
    }

    /** Returns whether a channel may be used; a pattern of channels only if it stands in the rules as it is. */
    boolean mayHear(byte[] channel, boolean pattern) {
        return allChannels
                || (pattern
                        ? channels.contains(text(channel))
                        : channelGlobs.stream().anyMatch(glob -> glob.matches(channel)));
    }

    // ---- how it is said

    /** Returns the rules for commands. */
    String commandRules() {
        String base = future ? "+@all" : "-@all";
        return rules.isEmpty() ? base : base + " " + String.join(" ", rules);
    }

    /** Returns the rules for keys. */
    String keyRules() {
        return allKeys ? "~*" : keys.stream().map(KeyPattern::rule).collect(Collectors.joining(" "));
    }

    /** Returns the patterns of channels, without what takes away others. */
    String channelRules() {
        return allChannels ? "&*" : channels.stream().map(each -> "&" + each).collect(Collectors.joining(" "));
    }

    /** Returns all rules, which make this of {@link #NOTHING} again. */
    String describe() {
        List<String> all = new ArrayList<>();
        if (!keyRules().isEmpty()) {
            all.add(keyRules());
        }
        if (!allChannels) {
            all.add("resetchannels");
        }
        if (!channelRules().isEmpty()) {
            all.add(channelRules());
        }
        all.add(commandRules());
        return String.join(" ", all);
    }

    // ---- how it changes

    /**
     * Returns this with one more rule.
     *
     * @throws RuleError if it is none
     */
    Selector with(String rule, CommandTable table) throws RuleError {
        String lower = rule.toLowerCase(Locale.ROOT);
        return switch (lower) {
            case "allcommands", "+@all" ->
                new Selector(true, true, Set.of(), Map.of(), List.of(), allKeys, keys, allChannels, channels);
            case "nocommands", "-@all" ->
                new Selector(false, false, Set.of(), Map.of(), List.of(), allKeys, keys, allChannels, channels);
            case "allkeys", "~*" -> withKeys(true, List.of());
            case "resetkeys" -> withKeys(false, List.of());
            case "allchannels", "&*" -> withChannels(true, List.of());
            case "resetchannels" -> withChannels(false, List.of());
            default -> withOther(rule, table);
        };
    }

    private Selector withOther(String rule, CommandTable table) throws RuleError {
        if (rule.isEmpty()) {
            throw RuleError.SYNTAX;
        }
        return switch (rule.charAt(0)) {
            case '~', '%' -> withKeyPattern(rule);
            case '&' -> withChannelPattern(rule.substring(1));
            case '+', '-' -> withCommands(rule, table);
            default -> throw RuleError.SYNTAX;
        };
    }

    private Selector withKeys(boolean all, List<KeyPattern> patterns) {
        return new Selector(future, allCommands, commands, firstArguments, rules, all, patterns, allChannels, channels);
    }

    private Selector withChannels(boolean all, List<String> patterns) {
        return new Selector(future, allCommands, commands, firstArguments, rules, allKeys, keys, all, patterns);
    }

    private Selector withKeyPattern(String rule) throws RuleError {
        if (allKeys) {
            throw RuleError.KEYS_AFTER_ALL;
        }
        boolean reads = rule.charAt(0) == '~';
        boolean writes = reads;
        int at = 1;
        if (rule.charAt(0) == '%') {
            while (at < rule.length() && rule.charAt(at) != '~') {
                char letter = Character.toUpperCase(rule.charAt(at++));
                if (letter == 'R' && !reads) {
                    reads = true;
                } else if (letter == 'W' && !writes) {
                    writes = true;
                } else {
                    throw RuleError.SYNTAX;
                }
            }
            if (at == rule.length() || !reads && !writes) {
                throw RuleError.SYNTAX;
            }
            at++;
        }
        String pattern = rule.substring(at);
        requireNoSpace(pattern);
        List<KeyPattern> more = new ArrayList<>(keys);
        for (int i = 0; i < more.size(); i++) {
            KeyPattern known = more.get(i);
            if (known.pattern.equals(pattern)) {
                more.set(i, new KeyPattern(pattern, known.reads || reads, known.writes || writes));
                return withKeys(false, List.copyOf(more));
            }
        }
        more.add(new KeyPattern(pattern, reads, writes));
        return withKeys(false, List.copyOf(more));
    }

    private Selector withChannelPattern(String pattern) throws RuleError {
        if (allChannels) {
            throw RuleError.CHANNELS_AFTER_ALL;
        }
        requireNoSpace(pattern);
        if (channels.contains(pattern)) {
            return this;
        }
        List<String> more = new ArrayList<>(channels);
        more.add(pattern);
        return withChannels(false, List.copyOf(more));
    }

    private static void requireNoSpace(String pattern) throws RuleError {
        for (int i = 0; i < pattern.length(); i++) {
            char letter = pattern.charAt(i);
            if (letter == ' ' || letter >= '\t' && letter <= '\r' || letter == 0) {
                throw RuleError.SYNTAX;
            }
        }
    }

    private Selector withCommands(String rule, CommandTable table) throws RuleError {
        boolean allow = rule.charAt(0) == '+';
        String name = rule.substring(1).toLowerCase(Locale.ROOT);
        Change change = new Change(this, table);
        int bar = name.lastIndexOf('|');
        if (name.startsWith("@")) {
            change.category(name.substring(1), allow);
        } else if (bar < 0 || !allow) {
            change.command(require(name, table), allow);
        } else {
            Command command = require(name.substring(0, bar), table);
            if (command.spec().isSubcommand()) {
                throw RuleError.FIRST_ARGUMENT_OF_SUBCOMMAND;
            }
            if (bar + 1 == name.length()) {
                throw RuleError.SYNTAX;
            }
            if (hasSubcommands(command, table)) {
                change.command(require(name, table), true);
            } else {
                change.firstArgument(command.spec().replyName(), name.substring(bar + 1));
            }
        }
        return change.done(name, allow);
    }

    private static Command require(String name, CommandTable table) throws RuleError {
        Command found = find(name, table);
        if (found == null) {
            throw RuleError.UNKNOWN_COMMAND;
        }
        return found;
    }

    /** Returns the command named as in replies, "config|get", null if there is none. */
    static @Nullable Command find(String name, CommandTable table) {
        int bar = name.indexOf('|');
        if (bar < 0) {
            return table.find(bytes(name));
        }
        return table.find(bytes(name.substring(0, bar))) instanceof Command.Container container
                ? table.find(container, bytes(name.substring(bar + 1)))
                : null;
    }

    private static boolean hasSubcommands(Command command, CommandTable table) {
        String prefix = command.spec().replyName() + "|";
        return table.all().stream().anyMatch(each -> each.spec().replyName().startsWith(prefix));
    }

    /** Permissions to run commands while one rule changes them. */
    private static final class Change {

        private final Selector before;
        private final CommandTable table;
        private final Set<String> commands;
        private final Map<String, Set<String>> firstArguments;
        private boolean taken;

        Change(Selector before, CommandTable table) {
            this.before = before;
            this.table = table;
            commands = before.allCommands
                    ? table.all().stream()
                            .map(each -> each.spec().replyName())
                            .collect(Collectors.toCollection(HashSet::new))
                    : new HashSet<>(before.commands);
            firstArguments = new HashMap<>(before.firstArguments);
        }

        /** Changes a command and all its subcommands. */
        void command(Command command, boolean allow) {
            String name = command.spec().replyName();
            for (Command each : table.all()) {
                String its = each.spec().replyName();
                if (its.equals(name) || its.startsWith(name + "|")) {
                    if (allow) {
                        commands.add(its);
                    } else {
                        commands.remove(its);
                        taken = true;
                    }
                    firstArguments.remove(its);
                }
            }
        }

        void category(String name, boolean allow) throws RuleError {
            AclCategory category = Arrays.stream(AclCategory.values())
                    .filter(each -> each.ruleName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> RuleError.UNKNOWN_COMMAND);
            for (Command each : table.all()) {
                if (each.spec().aclCategories().contains(category)) {
                    command(each, allow);
                }
            }
        }

        void firstArgument(String command, String argument) {
            Set<String> more = new TreeSet<>(firstArguments.getOrDefault(command, Set.of()));
            more.add(argument);
            firstArguments.put(command, Set.copyOf(more));
        }

        /** Returns what came of it; the rule takes the place of what it overrides. */
        Selector done(String name, boolean allow) {
            List<String> rules = before.rules.stream()
                    .filter(rule -> !rule.substring(1).equals(name)
                            && !rule.substring(1).startsWith(name + "|"))
                    .collect(Collectors.toCollection(ArrayList::new));
            rules.add((allow ? "+" : "-") + name);
            boolean all = before.allCommands && !taken;
            return new Selector(
                    before.future,
                    all,
                    all ? Set.of() : Set.copyOf(commands),
                    Map.copyOf(firstArguments),
                    List.copyOf(rules),
                    before.allKeys,
                    before.keys,
                    before.allChannels,
                    before.channels);
        }
    }
}
