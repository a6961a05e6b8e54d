package io.kvasir.gateway.script;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;

/** {@code FUNCTION LOAD [REPLACE] code}: adds a library; answers its name. */
record FunctionLoad(FunctionStore store, boolean replace, byte[] code) implements FunctionCommand {

    static final CommandSpec SPEC =
            FunctionCommand.row("LOAD", -3, CommandFlag.DENYOOM, CommandFlag.NOSCRIPT, CommandFlag.WRITE);

    static FunctionLoad parse(FunctionStore store, Arguments arguments) throws CommandError {
        boolean replace = false;
        while (arguments.remaining() > 1) {
            if (!arguments.accept("REPLACE")) {
                throw new CommandError(
                        "ERR Unknown option given: " + CommandError.quote(arguments.next(), Integer.MAX_VALUE));
            }
            replace = true;
        }
        return new FunctionLoad(store, replace, arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        FunctionLibrary.Header header = FunctionLibrary.Header.of(code);
        Functions before = store.read(transaction);
        if (!replace && before.library(header.name()) != null) {
            throw new CommandError("ERR Library '" + header.name() + "' already exists");
        }
        store.write(transaction, before, before.with(FunctionLibrary.load(header, code)));
        return Reply.bulk(header.name().getBytes(StandardCharsets.US_ASCII));
    }
}
