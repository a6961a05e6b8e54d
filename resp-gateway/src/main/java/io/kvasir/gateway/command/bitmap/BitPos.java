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

/**
 * {@code BITPOS key 0 | 1 [start [end [BYTE | BIT]]]}: the first such bit, -1 if there is none; where no end is given,
 * zeros follow the string.
 */
public record BitPos(int database, byte[] key, int bit, BitRange range) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("BITPOS", -3, "2.8.7")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.BITMAP)
            .key(KeySpec.Access.READ);

    private static final CommandError NO_BIT = new CommandError("ERR The bit argument must be 1 or 0.");

    public static BitPos parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        int bit = (int) arguments.nextLong(0, 1, NO_BIT);
        return new BitPos(arguments.database(), key, bit, BitRange.parse(arguments, false));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Bits bits = new Bits(Keyspace.of(transaction, database).string(key));
        if (!bits.string().exists()) {
            return Reply.of(bit == 1 ? -1 : 0);
        }
        long first = range.firstBit(bits.length());
        long last = range.lastBit(bits.length());
        if (first > last) {
            return Reply.of(-1);
        }
        long found = bits.find(bit, first, last);
        boolean behind = found < 0 && bit == 0 && !range.endGiven();
        return Reply.of(behind ? bits.length() : found);
    }
}
