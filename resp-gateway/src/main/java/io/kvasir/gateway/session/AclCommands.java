package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.acl.AclReply;
import io.kvasir.gateway.acl.Denial;
import io.kvasir.gateway.acl.User;
import io.kvasir.gateway.acl.UserDirectory;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.proto.reply.Reply;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** ACL and its subcommands (redis acl.c). What changes users is stored before it is answered, on all nodes. */
final class AclCommands {

    private static final int PASSWORD_BITS = 256;
    private static final int PASSWORD_BITS_MAX = 4096;
    private static final int LOG_ENTRIES = 10;
    private static final CommandError BAD_NAME =
            new CommandError("ERR Usernames can't contain spaces or null characters");
    private static final CommandError BAD_BITS = new CommandError(
            "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to "
                    + PASSWORD_BITS_MAX);
    private static final CommandError NEEDS_DEFAULT = new CommandError("ERR The 'default' user cannot be removed");

    private final Users users;
    private final UserDirectory directory;
    private final Supplier<CommandTable> table;
    private final SecureRandom random = new SecureRandom();

    AclCommands(Users users, UserDirectory directory, Supplier<CommandTable> table) {
        this.users = users;
        this.directory = directory;
        this.table = table;
    }

    List<Command> all() {
        return List.of(
                Rows.container("ACL", "6.0.0", SENTINEL),
                Rows.immediate(open("CAT", -2), this::categories),
                new SessionCommand.Deferred(admin("DELUSER", -3, "6.0.0"), this::delete),
                Rows.immediate(admin("DRYRUN", -4, "7.0.0"), this::dryRun),
                Rows.immediate(open("GENPASS", -2), this::password),
                Rows.immediate(admin("GETUSER", 3, "6.0.0"), this::get),
                Rows.immediate(Rows.row("ACL HELP", 2, "6.0.0", LOADING, SENTINEL, STALE), (_, _) -> help()),
                Rows.immediate(admin("LIST", 2, "6.0.0"), (_, _) -> AclReply.list(users.all())),
                new SessionCommand.Deferred(
                        admin("LOAD", 2, "6.0.0"), (_, _, whenDone) -> directory.read(() -> whenDone.accept(Reply.OK))),
                Rows.immediate(admin("LOG", -2, "6.0.0"), this::log),
                // Every user is stored before its SETUSER is answered, so there is nothing left to save.
                Rows.immediate(admin("SAVE", 2, "6.0.0"), (_, _) -> Reply.OK),
                new SessionCommand.Deferred(admin("SETUSER", -3, "6.0.0"), this::set),
                Rows.immediate(
                        admin("USERS", 2, "6.0.0"),
                        (_, _) -> Reply.array(users.all().stream()
                                .map(user -> Rows.bulk(user.name()))
                                .toList())),
                Rows.immediate(open("WHOAMI", 2), (session, _) -> Rows.bulk(session.userName())));
    }

    private static CommandSpec open(String name, int arity) {
        return Rows.row("ACL " + name, arity, "6.0.0", LOADING, NOSCRIPT, SENTINEL, STALE);
    }

    private static CommandSpec admin(String name, int arity, String since) {
        return Rows.row("ACL " + name, arity, since, ADMIN, LOADING, NOSCRIPT, SENTINEL, STALE);
    }

    private void set(Session session, Arguments arguments, Consumer<Reply> whenDone) throws CommandError {
        byte[] name = arguments.next();
        for (byte letter : name) {
            if (letter == ' ' || letter >= '\t' && letter <= '\r' || letter == 0) {
                throw BAD_NAME;
            }
        }
        directory.set(name, arguments.rest(), whenDone);
    }

    private void delete(Session session, Arguments arguments, Consumer<Reply> whenDone) throws CommandError {
        byte[][] names = arguments.rest();
        if (Arrays.stream(names).anyMatch(name -> Rows.text(name).equals(User.DEFAULT))) {
            throw NEEDS_DEFAULT;
        }
        directory.delete(names, whenDone);
    }

    private Reply get(Session session, Arguments arguments) throws CommandError {
        User user = users.find(Rows.text(arguments.next()));
        return user == null ? Reply.NULL : AclReply.user(user);
    }

    private Reply dryRun(Session session, Arguments arguments) throws CommandError {
        String name = Rows.text(arguments.next());
        User user = users.find(name);
        if (user == null) {
            throw new CommandError("ERR User '" + name + "' not found");
        }
        byte[][] words = arguments.rest();
        Command command = table.get().find(words[0]);
        if (command instanceof Command.Container container && words.length > 1) {
            command = table.get().find(container, words[1]);
        }
        if (command == null) {
            throw new CommandError("ERR Command '" + CommandError.quote(words[0], Integer.MAX_VALUE) + "' not found");
        }
        if (!command.spec().accepts(words.length)) {
            throw CommandError.wrongArity(command.spec().replyName());
        }
        Denial denial = user.check(command, words);
        return denial == null ? Reply.OK : Rows.bulk(denial.describe(name));
    }

    private Reply categories(Session session, Arguments arguments) throws CommandError {
        if (!arguments.hasNext()) {
            return Reply.array(Arrays.stream(AclCategory.values())
                    .map(category -> Reply.bulk(category.ruleName()))
                    .toList());
        }
        if (arguments.size() > 1) {
            throw Rows.wrongWords("ACL", "CAT");
        }
        String name = Rows.text(arguments.next());
        AclCategory category = Arrays.stream(AclCategory.values())
                .filter(each -> each.ruleName().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new CommandError("ERR Unknown category '" + name + "'"));
        List<Reply> names = new ArrayList<>();
        for (Command command : table.get().all()) {
            CommandSpec spec = command.spec();
            if (spec.aclCategories().contains(category) && !spec.is(CommandFlag.ONLY_SENTINEL)) {
                names.add(Reply.bulk(spec.replyName()));
            }
        }
        return Reply.array(names);
    }

    private Reply password(Session session, Arguments arguments) throws CommandError {
        long bits = PASSWORD_BITS;
        if (arguments.size() > 1) {
            throw Rows.wrongWords("ACL", "GENPASS");
        }
        if (arguments.hasNext()) {
            byte[] number = arguments.next();
            bits = NumberText.parseLong(number);
            if (bits <= 0 || bits > PASSWORD_BITS_MAX) {
                throw BAD_BITS;
            }
        }
        int letters = (int) (bits + 3) / 4;
        byte[] bytes = new byte[(letters + 1) / 2];
        random.nextBytes(bytes);
        return Reply.bulk(HexFormat.of().formatHex(bytes).substring(0, letters));
    }

    private Reply log(Session session, Arguments arguments) throws CommandError {
        if (arguments.size() > 1) {
            throw Rows.wrongWords("ACL", "LOG");
        }
        long count = LOG_ENTRIES;
        if (arguments.hasNext()) {
            if (arguments.accept("RESET")) {
                users.log().clear();
                return Reply.OK;
            }
            count = Math.max(0, arguments.nextLong());
        }
        return users.log().newest(count);
    }

    private static Reply help() {
        return Rows.help(
                "ACL",
                "CAT [<category>]",
                "    List all commands that belong to <category>, or all command categories",
                "    when no category is specified.",
                "DELUSER <username> [<username> ...]",
                "    Delete a list of users.",
                "DRYRUN <username> <command> [<arg> ...]",
                "    Returns whether the user can execute the given command without executing the command.",
                "GETUSER <username>",
                "    Get the user's details.",
                "GENPASS [<bits>]",
                "    Generate a secure 256-bit user password. The optional `bits` argument can",
                "    be used to specify a different size.",
                "LIST",
                "    Show users details in config file format.",
                "LOAD",
                "    Reload users from the ACL file.",
                "LOG [<count> | RESET]",
                "    Show the ACL log entries.",
                "SAVE",
                "    Save the current config to the ACL file.",
                "SETUSER <username> <attribute> [<attribute> ...]",
                "    Create or modify a user with the specified attributes.",
                "USERS",
                "    List all the registered usernames.",
                "WHOAMI",
                "    Return the current connection username.");
    }
}
