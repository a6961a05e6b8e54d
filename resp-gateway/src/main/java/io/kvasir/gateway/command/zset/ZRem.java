package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code ZREM key member …}: the number of members removed. */
public record ZRem(int database, byte[] key, byte[][] members) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("ZREM", -3, "1.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.SORTEDSET)
            .key(KeySpec.Access.READ_WRITE);

    public static ZRem parse(Arguments arguments) throws CommandError {
        return new ZRem(arguments.database(), arguments.nextKey(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        if (zset.size() == 0) {
            return Reply.ZERO;
        }
        zset.claim(members);
        long removed = 0;
        for (byte[] member : members) {
            if (zset.size() > 0 && zset.remove(member)) {
                removed++;
            }
        }
        if (removed > 0) {
            zset.store();
            zset.entry().event(KeyspaceEvent.ZREM);
            if (zset.size() == 0) {
                zset.entry().event(KeyspaceEvent.DEL);
            }
        }
        return Reply.of(removed);
    }
}
