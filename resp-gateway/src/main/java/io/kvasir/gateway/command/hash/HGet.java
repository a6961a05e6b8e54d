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

/** {@code HGET key field}: the value, or null. */
public record HGet(int database, byte[] key, byte[] field) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("HGET", 3, "2.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ);

    public static HGet parse(Arguments arguments) throws CommandError {
        return new HGet(arguments.database(), arguments.nextKey(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        byte[] value = HashValue.open(Keyspace.of(transaction, database), key).get(field);
        return value == null ? Reply.NULL : Reply.bulk(value);
    }
}
