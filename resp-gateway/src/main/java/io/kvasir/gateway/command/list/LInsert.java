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
 * {@code LINSERT key BEFORE | AFTER pivot element}: the new length; -1 if the pivot is not there, 0 if there is no
 * list.
 */
public record LInsert(int database, Thresholds thresholds, byte[] key, boolean before, byte[] pivot, byte[] element)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("LINSERT", 5, "2.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.LIST)
            .key(KeySpec.Access.READ_WRITE);

    public static LInsert parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        boolean before = arguments.accept("BEFORE");
        if (!before && !arguments.accept("AFTER")) {
            throw CommandError.SYNTAX;
        }
        return new LInsert(
                arguments.database(), arguments.thresholds(), key, before, arguments.next(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        ListValue list = ListValue.open(Keyspace.of(transaction, database, thresholds), key);
        if (list.size() == 0) {
            return Reply.ZERO;
        }
        if (!list.insert(pivot, before, element)) {
            return Reply.of(-1);
        }
        list.claim();
        list.store();
        list.entry().event(KeyspaceEvent.LINSERT);
        return Reply.of(list.size());
    }
}
