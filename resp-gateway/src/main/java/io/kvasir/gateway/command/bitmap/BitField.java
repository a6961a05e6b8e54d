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
import java.util.ArrayList;
import java.util.List;

/**
 * {@code BITFIELD key [GET type offset | [OVERFLOW WRAP | SAT | FAIL] SET type offset value | INCRBY type offset
 * increment] ...}: integers of any width within a string.
 */
public record BitField(int database, byte[] key, List<FieldOperation> operations) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("BITFIELD", -2, "3.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.BITMAP)
            .key(KeySpec.Access.READ_WRITE);

    public static BitField parse(Arguments arguments) throws CommandError {
        return new BitField(arguments.database(), arguments.nextKey(), FieldOperation.parse(arguments));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Bits bits = new Bits(Keyspace.of(transaction, database).string(key));
        boolean grown = makeRoom(bits);
        boolean changed = false;
        List<Reply> replies = new ArrayList<>(operations.size());
        for (FieldOperation operation : operations) {
            long old = operation.read(bits);
            if (!operation.writes()) {
                replies.add(Reply.of(old));
                continue;
            }
            Long result = operation.result(old);
            if (result == null) {
                replies.add(Reply.NULL);
                continue;
            }
            if (result != old) {
                bits.setField(operation.offset(), operation.type().width(), result);
            }
            changed |= grown || result != old;
            replies.add(operation.reply(old, result));
        }
        if (changed) {
            bits.string().entry().event(KeyspaceEvent.SETBIT);
        }
        return Reply.array(replies);
    }

    /**
     * Makes the string long enough for all that will be written, before anything is; returns whether it was shorter.
     */
    private boolean makeRoom(Bits bits) throws CommandError {
        long lastBit = -1;
        for (FieldOperation operation : operations) {
            if (operation.writes()) {
                bits.claimField(operation.offset(), operation.type().width());
                lastBit = Math.max(lastBit, operation.lastBit());
            }
        }
        return lastBit >= 0 && bits.growTo(lastBit);
    }
}
