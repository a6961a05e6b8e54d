package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.NO_ASYNC_LOADING;
import static io.kvasir.gateway.command.CommandFlag.PROTECTED;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.reply.Reply;
import java.util.List;

/** The MODULE commands: there are no modules, and none can be loaded. Stateless. */
final class ModuleCommands {

    private static final CommandError NONE = new CommandError("ERR this database has no modules and loads none");

    private ModuleCommands() {}

    static List<Command> all() {
        return List.of(
                Rows.container("MODULE", "4.0.0"),
                Rows.immediate(Rows.row("MODULE LIST", 2, "4.0.0", ADMIN, NOSCRIPT), (_, _) -> Reply.EMPTY_ARRAY),
                refused("LOAD", -3, "4.0.0"),
                refused("LOADEX", -3, "7.0.0"),
                refused("UNLOAD", 3, "4.0.0"),
                Rows.immediate(
                        Rows.row("MODULE HELP", 2, "5.0.0", LOADING, STALE),
                        (_, _) -> Rows.help("MODULE", "LIST", "    Return the modules, of which there are none.")));
    }

    private static Command refused(String name, int arity, String since) {
        return Rows.immediate(
                Rows.row("MODULE " + name, arity, since, ADMIN, NOSCRIPT, NO_ASYNC_LOADING, PROTECTED), (_, _) -> {
                    throw NONE;
                });
    }
}
