package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code XLEN key}: the number of entries. */
public record XLen(int database, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("XLEN", 2, "5.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.STREAM)
            .key(KeySpec.Access.READ);

    public static XLen parse(Arguments arguments) throws CommandError {
        return new XLen(arguments.database(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return Reply.of(
                StreamValue.open(Keyspace.of(transaction, database), key).size());
    }
}
