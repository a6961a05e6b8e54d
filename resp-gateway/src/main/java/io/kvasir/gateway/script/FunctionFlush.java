package io.kvasir.gateway.script;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code FUNCTION FLUSH [ASYNC | SYNC]}: removes all libraries, at once whichever word is given. */
record FunctionFlush(FunctionStore store) implements FunctionCommand {

    static final CommandSpec SPEC = FunctionCommand.row("FLUSH", -2, CommandFlag.NOSCRIPT, CommandFlag.WRITE);

    private static final CommandError BAD_MODE = new CommandError("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");

    static FunctionFlush parse(FunctionStore store, Arguments arguments) throws CommandError {
        if (arguments.size() > 1) {
            throw FunctionCommand.wrongWords("FLUSH");
        }
        if (arguments.hasNext() && !arguments.accept("SYNC") && !arguments.accept("ASYNC")) {
            throw BAD_MODE;
        }
        return new FunctionFlush(store);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        store.write(transaction, store.read(transaction), Functions.NONE);
        return Reply.OK;
    }
}
