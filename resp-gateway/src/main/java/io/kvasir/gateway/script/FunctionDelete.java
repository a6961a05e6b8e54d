package io.kvasir.gateway.script;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;

/** {@code FUNCTION DELETE library}: removes a library. */
record FunctionDelete(FunctionStore store, String library) implements FunctionCommand {

    static final CommandSpec SPEC = FunctionCommand.row("DELETE", 3, CommandFlag.NOSCRIPT, CommandFlag.WRITE);

    private static final CommandError NOT_FOUND = new CommandError("ERR Library not found");

    static FunctionDelete parse(FunctionStore store, Arguments arguments) throws CommandError {
        return new FunctionDelete(store, new String(arguments.next(), StandardCharsets.ISO_8859_1));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Functions before = store.read(transaction);
        if (before.library(library) == null) {
            throw NOT_FOUND;
        }
        store.write(transaction, before, before.without(library));
        return Reply.OK;
    }
}
