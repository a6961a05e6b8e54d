package io.kvasir.gateway.acl;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A user: whether it may log in, by which passwords, and what it may do then. Immutable.
 *
 * @param name one char a byte
 * @param on whether it may log in; who is in already stays
 * @param noPassword any password will do
 * @param passwords SHA-256 of each, in hexadecimal
 * @param sanitize whether RESTORE checks what it is given, which it does here in any case; kept as it was said
 * @param selectors the root selector first; what any of them allows is allowed
 */
public record User(
        String name,
        boolean on,
        boolean noPassword,
        List<String> passwords,
        boolean sanitize,
        List<Selector> selectors) {

    /** The user that a connection is of until it says otherwise. */
    public static final String DEFAULT = "default";

    private static final int HASH_LETTERS = 64;

    /** Returns a user that may do nothing. */
    static User fresh(String name) {
        return new User(name, false, false, List.of(), true, List.of(Selector.NOTHING));
    }

    /** Returns the user "default" where nobody has said otherwise: it may do everything. */
    static User initialDefault(@Nullable String passwordHash) {
        List<String> passwords = passwordHash == null ? List.of() : List.of(passwordHash);
        return new User(DEFAULT, true, passwordHash == null, passwords, true, List.of(Selector.EVERYTHING));
    }

    // ---- what it may do

    /** Returns whether nothing is forbidden to it. */
    public boolean isUnlimited() {
        return selectors.stream().anyMatch(Selector::isUnlimited);
    }

    /** Returns why it may not call {@code command} with {@code words}, name included; null if it may. */
    public @Nullable Denial check(Command command, byte[][] words) {
        if (command.spec().is(CommandFlag.NO_AUTH)) {
            return null;
        }
        Denial furthest = null;
        for (Selector selector : selectors) {
            Denial denial = selector.check(command, words);
            if (denial == null) {
                return null;
            }
            if (furthest == null || denial.reason().compareTo(furthest.reason()) > 0) {
                furthest = denial;
            }
        }
        return furthest;
    }

    /** Returns whether it may go on hearing a channel, or all channels of a pattern. */
    public boolean mayHear(byte[] channel, boolean pattern) {
        return selectors.stream().anyMatch(selector -> selector.mayHear(channel, pattern));
    }

    /** Returns whether {@code password} is one of its own, in a time that does not depend on where it differs. */
    boolean isPassword(byte[] password) {
        byte[] given = hash(password).getBytes(StandardCharsets.US_ASCII);
        boolean right = noPassword;
        for (String known : passwords) {
            right |= MessageDigest.isEqual(given, known.getBytes(StandardCharsets.US_ASCII));
        }
        return right;
    }

    /** Returns the SHA-256 of a password, in hexadecimal. */
    static String hash(byte[] password) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(password));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform has SHA-256", impossible);
        }
    }

    // ---- how it is said

    /** Returns its flags in the order in which Redis lists them. */
    List<String> flags() {
        List<String> flags = new ArrayList<>();
        flags.add(on ? "on" : "off");
        if (noPassword) {
            flags.add("nopass");
        }
        flags.add(sanitize ? "sanitize-payload" : "skip-sanitize-payload");
        return flags;
    }

    /** Returns the rules that make it of a fresh user: the line of ACL LIST after the name. */
    String describe() {
        List<String> parts = new ArrayList<>(flags());
        passwords.forEach(hash -> parts.add("#" + hash));
        parts.add(selectors.getFirst().describe());
        selectors.stream().skip(1).forEach(selector -> parts.add("(" + selector.describe() + ")"));
        return String.join(" ", parts);
    }

    /** Returns the user that {@link #describe} told of. */
    static User parse(String name, String description, CommandTable table) throws CommandError {
        return fresh(name).with(List.of(description.split(" ", -1)), table);
    }

    // ---- how it changes

    /**
     * Returns this with all {@code rules}, as ACL SETUSER takes them.
     *
     * @throws CommandError with Redis' text if one of them is no rule
     */
    User with(List<String> rules, CommandTable table) throws CommandError {
        User changed = this;
        for (String rule : joined(rules)) {
            try {
                changed = changed.with(rule, table);
            } catch (RuleError wrong) {
                throw new CommandError("ERR Error in ACL SETUSER modifier '" + rule + "': " + wrong.text());
            }
        }
        return changed;
    }

    /** Returns the rules with those of a selector in one. */
    private static List<String> joined(List<String> rules) throws CommandError {
        List<String> all = new ArrayList<>();
        StringBuilder open = null;
        for (String rule : rules) {
            if (open == null && rule.startsWith("(") && !rule.endsWith(")")) {
                open = new StringBuilder(rule);
            } else if (open == null) {
                all.add(rule);
            } else {
                open.append(' ').append(rule);
                if (rule.endsWith(")")) {
                    all.add(open.toString());
                    open = null;
                }
            }
        }
        if (open != null) {
            String first = open.toString();
            int end = first.indexOf(' ');
            throw new CommandError("ERR Unmatched parenthesis in acl selector starting at '"
                    + (end < 0 ? first : first.substring(0, end)) + "'.");
        }
        return all;
    }

    private User with(String rule, CommandTable table) throws RuleError {
        return switch (rule.toLowerCase(Locale.ROOT)) {
            case "on" -> new User(name, true, noPassword, passwords, sanitize, selectors);
            case "off" -> new User(name, false, noPassword, passwords, sanitize, selectors);
            case "nopass" -> new User(name, on, true, List.of(), sanitize, selectors);
            case "resetpass" -> new User(name, on, false, List.of(), sanitize, selectors);
            case "sanitize-payload" -> new User(name, on, noPassword, passwords, true, selectors);
            case "skip-sanitize-payload" -> new User(name, on, noPassword, passwords, false, selectors);
            case "clearselectors" -> new User(name, on, noPassword, passwords, sanitize, List.of(selectors.getFirst()));
            case "reset" -> fresh(name);
            case "" -> this;
            default -> withOther(rule, table);
        };
    }

    private User withOther(String rule, CommandTable table) throws RuleError {
        String rest = rule.substring(1);
        switch (rule.charAt(0)) {
            case '>':
                return withPassword(hash(rest.getBytes(StandardCharsets.ISO_8859_1)));
            case '#':
                requireHash(rest);
                return withPassword(rest);
            case '<':
                return withoutPassword(hash(rest.getBytes(StandardCharsets.ISO_8859_1)));
            case '!':
                requireHash(rest);
                return withoutPassword(rest);
            case '(':
                if (!rule.endsWith(")")) {
                    throw RuleError.SYNTAX;
                }
                Selector selector = Selector.NOTHING;
                for (String each : rule.substring(1, rule.length() - 1).split(" ")) {
                    if (!each.isEmpty()) {
                        selector = selector.with(each, table);
                    }
                }
                List<Selector> more = new ArrayList<>(selectors);
                more.add(selector);
                return new User(name, on, noPassword, passwords, sanitize, List.copyOf(more));
            default:
                List<Selector> changed = new ArrayList<>(selectors);
                changed.set(0, selectors.getFirst().with(rule, table));
                return new User(name, on, noPassword, passwords, sanitize, List.copyOf(changed));
        }
    }

    private static void requireHash(String hash) throws RuleError {
        boolean right = hash.length() == HASH_LETTERS
                && hash.chars().allMatch(letter -> letter >= '0' && letter <= '9' || letter >= 'a' && letter <= 'f');
        if (!right) {
            throw RuleError.BAD_HASH;
        }
    }

    private User withPassword(String hash) {
        List<String> more = passwords.contains(hash)
                ? passwords
                : java.util.stream.Stream.concat(passwords.stream(), java.util.stream.Stream.of(hash))
                        .toList();
        return new User(name, on, false, more, sanitize, selectors);
    }

    private User withoutPassword(String hash) throws RuleError {
        if (!passwords.contains(hash)) {
            throw RuleError.NO_SUCH_PASSWORD;
        }
        List<String> fewer =
                passwords.stream().filter(each -> !each.equals(hash)).collect(Collectors.toList());
        return new User(name, on, noPassword, List.copyOf(fewer), sanitize, selectors);
    }
}
