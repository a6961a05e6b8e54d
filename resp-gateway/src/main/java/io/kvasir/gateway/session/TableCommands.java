package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.acl.Intercepts;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.glob.Glob;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The COMMAND commands: what the table says of itself. */
final class TableCommands {

    private static final CommandError NO_SUCH = new CommandError("ERR Invalid command specified");
    private static final CommandError NO_KEYS = new CommandError("ERR The command has no key arguments");

    private final Supplier<CommandTable> table;
    private final Users users;

    /**
     * @param table the table these commands are part of, which therefore does not exist yet
     * @param users what is said depends on by what names a user knows commands
     */
    TableCommands(Supplier<CommandTable> table, Users users) {
        this.table = table;
        this.users = users;
    }

    List<Command> all() {
        return List.of(
                new Command.Container(row("COMMAND", -1, "2.8.13")),
                Rows.immediate(
                        row("COMMAND COUNT", 2, "2.8.13"),
                        (session, _) -> Reply.of(top(session).size())),
                Rows.immediate(row("COMMAND LIST", -2, "7.0.0"), this::list),
                Rows.immediate(row("COMMAND INFO", -2, "2.8.13"), this::info),
                Rows.immediate(row("COMMAND DOCS", -2, "7.0.0"), this::docs),
                Rows.immediate(
                        row("COMMAND GETKEYS", -3, "2.8.13"), (session, arguments) -> keys(session, arguments, false)),
                Rows.immediate(
                        row("COMMAND GETKEYSANDFLAGS", -3, "7.0.0"),
                        (session, arguments) -> keys(session, arguments, true)),
                Rows.immediate(row("COMMAND HELP", 2, "5.0.0"), (_, _) -> help()));
    }

    /** Returns what COMMAND without a subcommand answers. */
    Reply whole(Session session) {
        return Reply.array(top(session).stream()
                .map(command -> CommandReply.info(command, table.get()))
                .toList());
    }

    private static CommandSpec row(String name, int arity, String since) {
        return Rows.connection(name, arity, since, LOADING, SENTINEL, STALE);
    }

    /** Returns the commands that are no subcommands. */
    private List<Command> top(Session session) {
        return all(session).filter(command -> !command.spec().isSubcommand()).toList();
    }

    private Stream<Command> all(Session session) {
        Stream<Command> all = table.get().all().stream();
        Intercepts intercepts = users.intercepts();
        return intercepts.isEmpty()
                ? all
                : all.filter(command -> !intercepts.hides(session.userName(), command.spec()));
    }

    private Reply list(Session session, Arguments arguments) throws CommandError {
        Predicate<Command> wanted = _ -> true;
        if (arguments.hasNext()) {
            if (arguments.size() != 3 || !arguments.accept("FILTERBY")) {
                throw CommandError.SYNTAX;
            }
            wanted = filter(arguments);
        }
        return Reply.array(all(session)
                .filter(wanted)
                .map(command -> Reply.bulk(command.spec().replyName()))
                .toList());
    }

    private static Predicate<Command> filter(Arguments arguments) throws CommandError {
        if (arguments.accept("MODULE")) {
            return _ -> false;
        }
        if (arguments.accept("ACLCAT")) {
            String name = Rows.text(arguments.next()).toLowerCase(Locale.ROOT);
            List<AclCategory> named = Arrays.stream(AclCategory.values())
                    .filter(category -> category.ruleName().equals(name))
                    .toList();
            return command -> !named.isEmpty() && command.spec().aclCategories().containsAll(named);
        }
        if (arguments.accept("PATTERN")) {
            String pattern = Rows.text(arguments.next()).toLowerCase(Locale.ROOT);
            Glob glob = new Glob(pattern.getBytes(StandardCharsets.ISO_8859_1));
            return command -> glob.matches(command.spec().replyName().getBytes(StandardCharsets.ISO_8859_1));
        }
        throw CommandError.SYNTAX;
    }

    private Reply info(Session session, Arguments arguments) throws CommandError {
        if (!arguments.hasNext()) {
            return whole(session);
        }
        List<Reply> found = new ArrayList<>();
        while (arguments.hasNext()) {
            Command command = find(session, arguments.next());
            found.add(command == null ? Reply.NULL : CommandReply.info(command, table.get()));
        }
        return Reply.array(found);
    }

    private Reply docs(Session session, Arguments arguments) throws CommandError {
        List<Reply> found = new ArrayList<>();
        if (!arguments.hasNext()) {
            top(session).forEach(command -> addDocs(command, found));
        }
        while (arguments.hasNext()) {
            Command command = find(session, arguments.next());
            if (command != null) {
                addDocs(command, found);
            }
        }
        return new Reply.MapOf(found);
    }

    private void addDocs(Command command, List<Reply> found) {
        found.add(Reply.bulk(command.spec().replyName()));
        found.add(CommandReply.docs(command, table.get()));
    }

    /** Returns the command named as in replies, "config|get"; null if there is none. */
    private @Nullable Command find(Session session, byte[] name) {
        String text = Rows.text(name);
        int bar = text.indexOf('|');
        if (bar < 0) {
            return findNamed(session, name);
        }
        Command container = findNamed(session, Arrays.copyOf(name, bar));
        return container instanceof Command.Container outer
                ? table.get().find(outer, Arrays.copyOfRange(name, bar + 1, name.length))
                : null;
    }

    private @Nullable Command findNamed(Session session, byte[] name) {
        byte[][] own = users.intercepts().named(session.userName(), new byte[][] {name});
        return own == null ? null : table.get().find(own[0]);
    }

    private Reply keys(Session session, Arguments arguments, boolean withFlags) throws CommandError {
        byte[][] words = new byte[arguments.remaining()][];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments.next();
        }
        Command command = findNamed(session, words[0]);
        if (command instanceof Command.Container container && words.length > 1) {
            command = table.get().find(container, words[1]);
        }
        if (command == null) {
            throw NO_SUCH;
        }
        if (command.spec().keys().isEmpty()) {
            throw NO_KEYS;
        }
        if (!command.spec().accepts(words.length)) {
            throw new CommandError("ERR Invalid number of arguments specified for command");
        }
        List<Reply> found = new ArrayList<>();
        for (KeySpec spec : command.spec().keys()) {
            List<byte[]> keys = new ArrayList<>();
            spec.collect(words, keys);
            for (byte[] key : keys) {
                Reply reply = new Reply.Bulk(key);
                found.add(withFlags ? Reply.array(List.of(reply, CommandReply.accessFlags(spec.access()))) : reply);
            }
        }
        if (found.isEmpty()) {
            throw new CommandError("ERR Invalid arguments specified for command");
        }
        return Reply.array(found);
    }

    private static Reply help() {
        return Rows.help(
                "COMMAND",
                "(no subcommand)",
                "    Return details about all commands.",
                "COUNT",
                "    Return the number of commands of this server.",
                "LIST [FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <pattern>)]",
                "    Return the names of the commands of this server.",
                "INFO [<command-name> ...]",
                "    Return details about the commands named, or about all.",
                "DOCS [<command-name> ...]",
                "    Return documentation about the commands named, or about all.",
                "GETKEYS <full-command>",
                "    Return the keys in a full command.",
                "GETKEYSANDFLAGS <full-command>",
                "    Return the keys in a full command with what it does to them.");
    }
}
