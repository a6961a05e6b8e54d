package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code LSET key index element}: puts the element there in place of another.
 *
 * @param index read only if there is a list, as in Redis
 */
public record LSet(int database, Thresholds thresholds, byte[] key, byte[] index, byte[] element)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("LSET", 4, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.LIST)
            .key(KeySpec.Access.READ_WRITE);

    private static final CommandError NO_SUCH_INDEX = new CommandError("ERR index out of range");

    public static LSet parse(Arguments arguments) throws CommandError {
        return new LSet(
                arguments.database(), arguments.thresholds(), arguments.nextKey(), arguments.next(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        ListValue list = ListValue.open(Keyspace.of(transaction, database, thresholds), key);
        if (list.size() == 0) {
            throw CommandError.NO_SUCH_KEY;
        }
        long wanted = NumberText.parseLong(index);
        long rank = wanted < 0 ? wanted + list.size() : wanted;
        if (rank < 0 || rank >= list.size()) {
            throw NO_SUCH_INDEX;
        }
        list.set(rank, element);
        list.claim();
        list.store();
        list.entry().event(KeyspaceEvent.LSET);
        return Reply.OK;
    }
}
