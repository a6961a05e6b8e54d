package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code SUBSTR key start end}: the bytes from start to end, both inclusive, negative ones counted from the end; the
 * old name of GETRANGE.
 */
public record SubStr(int database, byte[] key, long start, long end) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SUBSTR", 4, "1.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ);

    public static SubStr parse(Arguments arguments) throws CommandError {
        return new SubStr(arguments.database(), arguments.nextKey(), arguments.nextLong(), arguments.nextLong());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return Reply.bulk(Keyspace.of(transaction, database).string(key).slice(start, end));
    }
}
