package io.kvasir.gateway.command.bitmap;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Bits;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code GETBIT key offset}: the bit, 0 beyond the end. */
public record GetBit(int database, byte[] key, long offset) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("GETBIT", 3, "2.2.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.BITMAP)
            .key(KeySpec.Access.READ);

    public static GetBit parse(Arguments arguments) throws CommandError {
        return new GetBit(arguments.database(), arguments.nextKey(), BitArguments.offset(arguments));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Bits bits = new Bits(Keyspace.of(transaction, database).string(key));
        return Reply.of(bits.get(offset));
    }
}
