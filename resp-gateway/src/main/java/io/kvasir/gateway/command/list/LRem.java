package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code LREM key count element}: the number of elements removed, at most the count from the start, from the end if it
 * is negative; all if it is 0.
 */
public record LRem(int database, Thresholds thresholds, byte[] key, long count, byte[] element)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("LREM", 4, "1.0.0")
            .flags(CommandFlag.WRITE)
            .categories(AclCategory.LIST)
            .key(KeySpec.Access.READ_WRITE);

    public static LRem parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        long count = arguments.nextLong(-Long.MAX_VALUE, Long.MAX_VALUE, ListNumber.OUT_OF_LONG);
        return new LRem(arguments.database(), arguments.thresholds(), key, count, arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        ListValue list = ListValue.open(Keyspace.of(transaction, database, thresholds), key);
        long removed = list.remove(element, count >= 0, count == 0 ? Long.MAX_VALUE : Math.abs(count));
        if (removed > 0) {
            ListReply.store(list, KeyspaceEvent.LREM);
        }
        return Reply.of(removed);
    }
}
