package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.RootType;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code LLEN key}: the number of elements, 0 if there is no list. */
public record LLen(int database, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("LLEN", 2, "1.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.LIST)
            .key(KeySpec.Access.READ);

    public static LLen parse(Arguments arguments) throws CommandError {
        return new LLen(arguments.database(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Entry entry = Keyspace.of(transaction, database).open(key).require(RootType.LIST);
        return Reply.of(entry.exists() ? entry.root().count() : 0);
    }
}
