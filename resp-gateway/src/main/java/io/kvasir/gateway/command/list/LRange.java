package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code LRANGE key start stop}: the elements between, both included, counted from the end if negative. */
public record LRange(int database, byte[] key, long start, long stop) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("LRANGE", 4, "1.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.LIST)
            .key(KeySpec.Access.READ);

    public static LRange parse(Arguments arguments) throws CommandError {
        return new LRange(arguments.database(), arguments.nextKey(), arguments.nextLong(), arguments.nextLong());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        ListValue list = ListValue.open(Keyspace.of(transaction, database), key);
        long from = ListReply.from(start, list.size());
        long to = ListReply.to(stop, list.size());
        return from >= to ? Reply.EMPTY_ARRAY : ListReply.reply(list.range(from, to));
    }
}
