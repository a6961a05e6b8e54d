package io.kvasir.gateway.acl;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One rule about calls that are intercepted. Immutable.
 *
 * @param user whose calls, {@link #EVERYBODY} for those of users that no rule of their own decides
 * @param what a command as replies spell it, "flushall" or "config|set", or a category, "@dangerous"
 * @param action what becomes of such a call
 */
public record Intercept(String user, String what, Action action) {

    /** Stands for all users. */
    public static final String EVERYBODY = "*";

    /** The commands by which rules are made; they cannot be intercepted, so that there is a way back. */
    public static final String CONTAINER = "INTERCEPT";

    static final int SECONDS_MAX = 3_600;
    static final int NAME_BYTES_MAX = 128;

    private static final CommandError BAD_USER = new CommandError("ERR a user's name has no spaces or null characters");
    private static final CommandError BAD_NAME = new CommandError("ERR the other name of a command has at most "
            + NAME_BYTES_MAX + " bytes, all of them visible ASCII characters other than '|'");
    private static final CommandError BAD_SECONDS =
            new CommandError("ERR the time to confirm is 1 to " + SECONDS_MAX + " seconds");
    private static final CommandError NEVER =
            new CommandError("ERR this command cannot be intercepted, nobody could log in or undo it");

    /** What becomes of a call. */
    public sealed interface Action {

        /** Returns the action as it is given and stored. */
        String describe();
    }

    /** It is run, whatever less exact rules say. */
    public record Allow() implements Action {

        @Override
        public String describe() {
            return "allow";
        }
    }

    /** It is refused. */
    public record Deny() implements Action {

        @Override
        public String describe() {
            return "deny";
        }
    }

    /**
     * The command has another name, and is unknown by its own.
     *
     * @param name empty: it has none
     */
    public record Rename(String name) implements Action {

        @Override
        public String describe() {
            return "rename " + name;
        }
    }

    /**
     * It must be confirmed.
     *
     * @param seconds for how long it can be, by the oracle's time
     */
    public record Confirm(int seconds) implements Action {

        @Override
        public String describe() {
            return "confirm " + seconds;
        }
    }

    /**
     * Reads {@code user what action…}.
     *
     * @throws CommandError if it is no rule
     */
    static Intercept parse(Arguments arguments, CommandTable table) throws CommandError {
        String user = parseUser(arguments.next());
        String what = parseWhat(arguments.next(), table);
        Action action;
        if (arguments.accept("ALLOW")) {
            action = new Allow();
        } else if (arguments.accept("DENY")) {
            action = new Deny();
        } else if (arguments.accept("RENAME") && arguments.hasNext()) {
            action = rename(what, text(arguments.next()), table);
        } else if (arguments.accept("CONFIRM") && arguments.hasNext()) {
            long seconds = arguments.nextLong();
            if (seconds < 1 || seconds > SECONDS_MAX) {
                throw BAD_SECONDS;
            }
            action = new Confirm((int) seconds);
        } else {
            throw CommandError.SYNTAX;
        }
        if (arguments.hasNext()) {
            throw CommandError.SYNTAX;
        }
        return new Intercept(user, what, action);
    }

    /** Returns the rule whose action {@link Action#describe} told of, null if this version does not know it. */
    static @Nullable Intercept parse(String user, String what, String action) {
        String[] words = action.split(" ", 2);
        return switch (words[0]) {
            case "allow" -> new Intercept(user, what, new Allow());
            case "deny" -> new Intercept(user, what, new Deny());
            case "rename" -> new Intercept(user, what, new Rename(words[1]));
            case "confirm" -> new Intercept(user, what, new Confirm(Integer.parseInt(words[1])));
            default -> null;
        };
    }

    static String parseUser(byte[] word) throws CommandError {
        for (byte letter : word) {
            if (letter == ' ' || letter >= '\t' && letter <= '\r' || letter == 0) {
                throw BAD_USER;
            }
        }
        return text(word);
    }

    /** Returns the command or category that {@code word} names, as it is stored. */
    static String parseWhat(byte[] word, CommandTable table) throws CommandError {
        String name = text(word).toLowerCase(Locale.ROOT);
        if (name.startsWith("@")) {
            if (Arrays.stream(AclCategory.values()).noneMatch(category -> name.equals("@" + category.ruleName()))) {
                throw new CommandError("ERR Unknown category '" + name.substring(1) + "'");
            }
            return name;
        }
        for (Command command : table.all()) {
            if (command.spec().replyName().equals(name)) {
                if (!isPossible(command.spec())) {
                    throw NEVER;
                }
                return name;
            }
        }
        throw new CommandError("ERR Unknown command '" + CommandError.quote(word, NAME_BYTES_MAX) + "'");
    }

    private static Action rename(String what, String name, CommandTable table) throws CommandError {
        if (what.startsWith("@") || what.indexOf('|') >= 0) {
            throw new CommandError("ERR only a whole command can be renamed");
        }
        if (name.length() > NAME_BYTES_MAX || !name.chars().allMatch(each -> each > ' ' && each < 127 && each != '|')) {
            throw BAD_NAME;
        }
        if (table.find(name.getBytes(StandardCharsets.ISO_8859_1)) != null) {
            throw taken(name);
        }
        return new Rename(name);
    }

    /** Fails if another command has been given the name that this rule gives, by one of {@code others}. */
    void requireFree(List<Intercept> others) throws CommandError {
        if (!(action instanceof Rename(String name)) || name.isEmpty()) {
            return;
        }
        for (Intercept other : others) {
            if (other.action instanceof Rename(String given)
                    && given.equalsIgnoreCase(name)
                    && !other.what.equals(what)) {
                throw taken(name);
            }
        }
    }

    private static CommandError taken(String name) {
        return new CommandError("ERR Target command name already exists: '" + name + "'");
    }

    /** Returns whether a command may be intercepted. */
    static boolean isPossible(CommandSpec spec) {
        return !spec.is(CommandFlag.NO_AUTH) && !spec.container().equals(CONTAINER);
    }

    private static String text(byte[] word) {
        return new String(word, StandardCharsets.ISO_8859_1);
    }
}
