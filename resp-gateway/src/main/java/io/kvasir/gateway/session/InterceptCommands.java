package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.NO_AUTH;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.acl.Intercept;
import io.kvasir.gateway.acl.UserDirectory;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import java.util.List;

/**
 * INTERCEPT and its subcommands, which Redis does not have: what becomes of calls before they are run, by user. A rule
 * is stored before it is answered, on all nodes, as users are.
 */
final class InterceptCommands {

    private static final String SINCE = "7.2.0";

    private final Users users;
    private final UserDirectory directory;
    private final Confirmations confirmations;

    InterceptCommands(Users users, UserDirectory directory, Confirmations confirmations) {
        this.users = users;
        this.directory = directory;
        this.confirmations = confirmations;
    }

    List<Command> all() {
        return List.of(
                Rows.container(Intercept.CONTAINER, SINCE),
                // Whoever is asked can answer, whatever else it may do.
                new SessionCommand.Deferred(
                        row("CONFIRM", 3, LOADING, NOSCRIPT, NO_AUTH, STALE),
                        (session, arguments, whenDone) -> confirmations.confirm(session, arguments.next(), whenDone)),
                new SessionCommand.Deferred(
                        admin("DEL", 4), (_, arguments, whenDone) -> directory.release(arguments.rest(), whenDone)),
                Rows.immediate(row("HELP", 2, LOADING, STALE), (_, _) -> help()),
                Rows.immediate(admin("LIST", 2), (_, _) -> list()),
                new SessionCommand.Deferred(
                        admin("SET", -5), (_, arguments, whenDone) -> directory.intercept(arguments.rest(), whenDone)));
    }

    private static CommandSpec admin(String name, int arity) {
        return row(name, arity, ADMIN, LOADING, NOSCRIPT, STALE);
    }

    private static CommandSpec row(String name, int arity, CommandFlag... flags) {
        return Rows.row(Intercept.CONTAINER + " " + name, arity, SINCE, flags);
    }

    private Reply list() {
        return Reply.array(users.intercepts().all().stream()
                .map(rule -> Reply.array(List.of(
                        Rows.bulk(rule.user()),
                        Rows.bulk(rule.what()),
                        Rows.bulk(rule.action().describe()))))
                .toList());
    }

    private static Reply help() {
        return Rows.help(
                Intercept.CONTAINER,
                "CONFIRM <token>",
                "    Confirm the call that was answered with this token; call it again then.",
                "DEL <user>|* <command>|<command>|<subcommand>|@<category>",
                "    Take a rule back.",
                "LIST",
                "    List all rules: user, command, action.",
                "SET <user>|* <command>|<command>|<subcommand>|@<category> <action>",
                "    Say what becomes of calls before they run. <action> is:",
                "    DENY               they are refused.",
                "    RENAME <name>      the command answers to this name alone; \"\": to none.",
                "    CONFIRM <seconds>  they are run when they were confirmed within this time.",
                "    ALLOW              they are run, whatever less exact rules say.");
    }
}
