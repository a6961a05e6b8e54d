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
import io.kvasir.gateway.type.ListValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code LINDEX key index}: the element there, from the end if the index is negative; null if there is none.
 *
 * @param index read only if there is a list, as in Redis
 */
public record LIndex(int database, byte[] key, byte[] index) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("LINDEX", 3, "1.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.LIST)
            .key(KeySpec.Access.READ);

    public static LIndex parse(Arguments arguments) throws CommandError {
        return new LIndex(arguments.database(), arguments.nextKey(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        ListValue list = ListValue.open(Keyspace.of(transaction, database), key);
        if (list.size() == 0) {
            return Reply.NULL;
        }
        byte[] element = list.get(NumberText.parseLong(index));
        return element == null ? Reply.NULL : Reply.bulk(element);
    }
}
