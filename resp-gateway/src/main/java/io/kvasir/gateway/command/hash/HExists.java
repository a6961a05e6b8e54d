package io.kvasir.gateway.command.hash;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code HEXISTS key field}: 1 if the field is there. */
public record HExists(int database, byte[] key, byte[] field) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("HEXISTS", 3, "2.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ);

    public static HExists parse(Arguments arguments) throws CommandError {
        return new HExists(arguments.database(), arguments.nextKey(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        byte[] value = HashValue.open(Keyspace.of(transaction, database), key).get(field);
        return value == null ? Reply.ZERO : Reply.ONE;
    }
}
