package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ALLOW_BUSY;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.script.Scripts;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** SCRIPT and its subcommands: the scripts that this node knows by their SHA-1. */
final class ScriptCommands {

    private static final CommandError NOT_RUNNING = new CommandError("NOTBUSY No scripts in execution right now.");
    private static final CommandError BAD_FLUSH = new CommandError("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
    private static final CommandError NO_DEBUGGER = new CommandError("ERR SCRIPT DEBUG is not supported");

    private final Scripts scripts;

    ScriptCommands(Scripts scripts) {
        this.scripts = scripts;
    }

    List<Command> all() {
        return List.of(
                Rows.container("SCRIPT", "2.6.0"),
                Rows.immediate(row("SCRIPT LOAD", 3, "2.6.0", NOSCRIPT, STALE), this::load),
                Rows.immediate(row("SCRIPT EXISTS", -3, "2.6.0", NOSCRIPT), this::exist),
                Rows.immediate(row("SCRIPT FLUSH", -2, "2.6.0", NOSCRIPT), this::flush),
                Rows.immediate(row("SCRIPT KILL", 2, "2.6.0", ALLOW_BUSY, NOSCRIPT), (_, _) -> {
                    throw NOT_RUNNING;
                }),
                Rows.immediate(row("SCRIPT DEBUG", 3, "3.2.0", NOSCRIPT), (_, _) -> {
                    throw NO_DEBUGGER;
                }),
                Rows.immediate(row("SCRIPT HELP", 2, "5.0.0", LOADING, STALE), (_, _) -> help()));
    }

    private static CommandSpec row(String name, int arity, String since, CommandFlag... flags) {
        return Rows.row(name, arity, since, flags).categories(AclCategory.SCRIPTING);
    }

    private Reply load(Session session, Arguments arguments) throws CommandError {
        return Reply.bulk(scripts.load(arguments.next()).sha());
    }

    private Reply exist(Session session, Arguments arguments) throws CommandError {
        List<Reply> found = new ArrayList<>();
        while (arguments.hasNext()) {
            found.add(Reply.of(scripts.find(arguments.next()) == null ? 0 : 1));
        }
        return Reply.array(found);
    }

    private Reply flush(Session session, Arguments arguments) throws CommandError {
        if (arguments.hasNext() && !arguments.accept("SYNC") && !arguments.accept("ASYNC") || arguments.hasNext()) {
            throw BAD_FLUSH;
        }
        scripts.clear();
        return Reply.OK;
    }

    private static Reply help() {
        return Rows.help(
                "SCRIPT",
                "DEBUG (YES|SYNC|NO)",
                "    Set the debug mode for subsequent scripts executed.",
                "EXISTS <sha1> [<sha1> ...]",
                "    Return information about the existence of the scripts in the script cache.",
                "FLUSH [ASYNC|SYNC]",
                "    Flush the Lua scripts cache. Very dangerous on replicas.",
                "    When called without the optional mode argument, the behavior is determined",
                "    by the lazyfree-lazy-user-flush configuration directive. Valid modes are:",
                "    * ASYNC: Asynchronously flush the scripts cache.",
                "    * SYNC: Synchronously flush the scripts cache.",
                "KILL",
                "    Kill the currently executing Lua script.",
                "LOAD <script>",
                "    Load a script into the scripts cache without executing it.");
    }
}
