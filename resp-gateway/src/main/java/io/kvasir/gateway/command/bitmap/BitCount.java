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

/** {@code BITCOUNT key [start end [BYTE | BIT]]}: the number of ones. */
public record BitCount(int database, byte[] key, BitRange range) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("BITCOUNT", -2, "2.6.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.BITMAP)
            .key(KeySpec.Access.READ);

    public static BitCount parse(Arguments arguments) throws CommandError {
        return new BitCount(arguments.database(), arguments.nextKey(), BitRange.parse(arguments, true));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Bits bits = new Bits(Keyspace.of(transaction, database).string(key));
        long first = range.firstBit(bits.length());
        long last = range.lastBit(bits.length());
        return range.isReversed() || first > last ? Reply.ZERO : Reply.of(bits.count(first, last));
    }
}
