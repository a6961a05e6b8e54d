package io.kvasir.gateway.script;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code FUNCTION RESTORE payload [APPEND | REPLACE | FLUSH]}: adds what FUNCTION DUMP answered, or nothing of it. */
record FunctionRestore(FunctionStore store, byte[] payload, Policy policy) implements FunctionCommand {

    static final CommandSpec SPEC =
            FunctionCommand.row("RESTORE", -3, CommandFlag.DENYOOM, CommandFlag.NOSCRIPT, CommandFlag.WRITE);

    private static final CommandError BAD_POLICY =
            new CommandError("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");

    /** What becomes of libraries that are there. */
    enum Policy {
        APPEND,
        REPLACE,
        FLUSH
    }

    static FunctionRestore parse(FunctionStore store, Arguments arguments) throws CommandError {
        byte[] payload = arguments.next();
        if (arguments.remaining() > 1) {
            throw FunctionCommand.wrongWords("RESTORE");
        }
        for (Policy policy : Policy.values()) {
            if (!arguments.hasNext() || arguments.accept(policy.name())) {
                return new FunctionRestore(store, payload, policy);
            }
        }
        throw BAD_POLICY;
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Functions restored = Functions.NONE;
        for (byte[] code : FunctionPayload.decode(payload)) {
            FunctionLibrary.Header header = FunctionLibrary.Header.of(code);
            if (restored.library(header.name()) != null) {
                throw new CommandError("ERR Library '" + header.name() + "' already exists");
            }
            restored = restored.with(FunctionLibrary.load(header, code));
        }
        Functions before = store.read(transaction);
        store.write(transaction, before, policy == Policy.FLUSH ? restored : join(before, restored));
        return Reply.OK;
    }

    private Functions join(Functions before, Functions restored) throws CommandError {
        Functions joined = before;
        for (FunctionLibrary library : restored.libraries()) {
            if (before.library(library.name()) != null) {
                if (policy == Policy.APPEND) {
                    throw new CommandError("ERR Library " + library.name() + " already exists");
                }
                joined = joined.without(library.name());
            }
        }
        for (FunctionLibrary library : restored.libraries()) {
            joined = joined.with(library);
        }
        return joined;
    }
}
