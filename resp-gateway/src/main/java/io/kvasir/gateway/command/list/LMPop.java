package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/**
 * {@code LMPOP numkeys key … LEFT | RIGHT [COUNT count]}: pops up to as many elements from the first of the lists that
 * is there, and answers its key and them; null if none is.
 */
public record LMPop(int database, Thresholds thresholds, byte[][] keys, ListEnd end, long count)
        implements DataCommand.OfKeys {

    public static final CommandSpec SPEC = CommandSpec.of("LMPOP", -4, "7.0.0")
            .flags(CommandFlag.WRITE)
            .categories(AclCategory.LIST)
            .keys(new KeySpec.Counted(1, 2, KeySpec.Access.READ_WRITE));

    private static final CommandError NO_KEYS = new CommandError("ERR numkeys should be greater than 0");
    private static final CommandError NO_COUNT = new CommandError("ERR count should be greater than 0");

    public static LMPop parse(Arguments arguments) throws CommandError {
        long keys = ListNumber.parse(arguments.next(), 1, NO_KEYS);
        if (keys >= arguments.remaining()) {
            throw CommandError.SYNTAX;
        }
        byte[][] named = arguments.nextKeys((int) keys);
        ListEnd end = ListEnd.parse(arguments);
        long count = 1;
        if (arguments.hasNext()) {
            if (arguments.remaining() == 1 || !arguments.accept("COUNT")) {
                throw CommandError.SYNTAX;
            }
            count = ListNumber.parse(arguments.next(), 1, NO_COUNT);
            arguments.end();
        }
        return new LMPop(arguments.database(), arguments.thresholds(), named, end, count);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database, thresholds);
        for (byte[] key : keys) {
            ListValue list = ListValue.open(keyspace, key);
            if (list.size() > 0) {
                Reply elements = ListReply.reply(ListReply.pop(list, end, count));
                return Reply.array(List.of(Reply.bulk(key), elements));
            }
        }
        return Reply.NULL_ARRAY;
    }
}
