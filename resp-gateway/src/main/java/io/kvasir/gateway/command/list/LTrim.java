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

/** {@code LTRIM key start stop}: keeps only the elements between, both included, counted from the end if negative. */
public record LTrim(int database, Thresholds thresholds, byte[] key, long start, long stop)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("LTRIM", 4, "1.0.0")
            .flags(CommandFlag.WRITE)
            .categories(AclCategory.LIST)
            .key(KeySpec.Access.READ_WRITE);

    public static LTrim parse(Arguments arguments) throws CommandError {
        return new LTrim(
                arguments.database(),
                arguments.thresholds(),
                arguments.nextKey(),
                arguments.nextLong(),
                arguments.nextLong());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        ListValue list = ListValue.open(Keyspace.of(transaction, database, thresholds), key);
        if (list.size() > 0) {
            list.trim(ListReply.from(start, list.size()), ListReply.to(stop, list.size()));
            ListReply.store(list, KeyspaceEvent.LTRIM);
        }
        return Reply.OK;
    }
}
