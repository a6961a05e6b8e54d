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
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code SETBIT key offset 0 | 1}: writes a bit, growing the string if need be; returns the old one. */
public record SetBit(int database, byte[] key, long offset, int bit) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SETBIT", 4, "2.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.BITMAP)
            .key(KeySpec.Access.READ_WRITE);

    public static SetBit parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        long offset = BitArguments.offset(arguments);
        return new SetBit(arguments.database(), key, offset, BitArguments.bit(arguments));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Bits bits = new Bits(Keyspace.of(transaction, database).string(key));
        int old = bits.get(offset);
        if (old != bit || bits.length() <= offset) {
            bits.setField(offset, 1, bit);
            bits.string().entry().event(KeyspaceEvent.SETBIT);
        }
        return Reply.of(old);
    }
}
