package io.kvasir.gateway.script;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.database.Databases;
import java.util.List;

/** A command over the libraries: it runs where their key is. */
interface FunctionCommand extends DataCommand {

    @Override
    default int database() {
        return Databases.SYSTEM;
    }

    @Override
    default List<byte[]> userKeys() {
        return List.of(FunctionStore.KEY);
    }

    /** Returns the row of {@code FUNCTION name}. */
    static CommandSpec row(String name, int arity, CommandFlag... flags) {
        return CommandSpec.of("FUNCTION " + name, arity, "7.0.0").flags(flags).categories(AclCategory.SCRIPTING);
    }

    /** Returns the error of a number of words that the row allows and the command does not. */
    static CommandError wrongWords(String name) {
        return new CommandError(
                "ERR unknown subcommand or wrong number of arguments for '" + name + "'. Try FUNCTION HELP.");
    }
}
