package io.kvasir.gateway.script;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code FUNCTION DUMP}: all libraries as bytes that Redis' FUNCTION RESTORE takes, too. */
record FunctionDump(FunctionStore store) implements FunctionCommand {

    static final CommandSpec SPEC = FunctionCommand.row("DUMP", 2, CommandFlag.NOSCRIPT);

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return Reply.bulk(FunctionPayload.encode(store.read(transaction)));
    }
}
