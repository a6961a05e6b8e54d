package io.kvasir.gateway.session;

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

/** SCRIPT and its subcommands, about the scripts that this node knows by their SHA-1, and the help of FUNCTION. */
final class ScriptCommands {

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
                Rows.immediate(row("SCRIPT DEBUG", 3, "3.2.0", NOSCRIPT), (_, _) -> {
                    throw NO_DEBUGGER;
                }),
                Rows.immediate(row("SCRIPT HELP", 2, "5.0.0", LOADING, STALE), (_, _) -> help()),
                Rows.container("FUNCTION", "7.0.0"),
                Rows.immediate(row("FUNCTION HELP", 2, "7.0.0", LOADING, STALE), (_, _) -> functionHelp()));
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

    private static Reply functionHelp() {
        return Rows.help(
                "FUNCTION",
                "LOAD [REPLACE] <FUNCTION CODE>",
                "    Create a new library with the given library name and code.",
                "DELETE <LIBRARY NAME>",
                "    Delete the given library.",
                "LIST [LIBRARYNAME PATTERN] [WITHCODE]",
                "    Return general information on all the libraries:",
                "    * Library name",
                "    * The engine used to run the Library",
                "    * Functions list",
                "    * Library code (if WITHCODE is given)",
                "    It also possible to get only function that matches a pattern using LIBRARYNAME argument.",
                "STATS",
                "    Return information about the current function running:",
                "    * Function name",
                "    * Command used to run the function",
                "    * Duration in MS that the function is running",
                "    If no function is running, return nil",
                "    In addition, returns a list of available engines.",
                "KILL",
                "    Kill the current running function.",
                "FLUSH [ASYNC|SYNC]",
                "    Delete all the libraries.",
                "    When called without the optional mode argument, the behavior is determined by the",
                "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
                "    * ASYNC: Asynchronously flush the libraries.",
                "    * SYNC: Synchronously flush the libraries.",
                "DUMP",
                "    Return a serialized payload representing the current libraries, can be restored using FUNCTION"
                        + " RESTORE command",
                "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
                "    Restore the libraries represented by the given payload, it is possible to give a restore policy"
                        + " to",
                "    control how to handle existing libraries (default APPEND):",
                "    * FLUSH: delete all existing libraries.",
                "    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.",
                "    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the"
                        + " old",
                "      libraries with the new libraries (notice that even on this option there is a chance of failure",
                "      in case of functions name collision with another library).");
    }
}
