package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code ZCARD key}: the number of members. */
public record ZCard(int database, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("ZCARD", 2, "1.2.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.SORTEDSET)
            .key(KeySpec.Access.READ);

    public static ZCard parse(Arguments arguments) throws CommandError {
        return new ZCard(arguments.database(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return Reply.of(
                SortedSetValue.open(Keyspace.of(transaction, database), key).size());
    }
}
