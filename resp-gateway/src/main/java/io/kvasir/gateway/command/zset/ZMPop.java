package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/** {@code ZMPOP numkeys key … MIN|MAX [COUNT count]}: pops from the first of the sorted sets that is not empty. */
public record ZMPop(int database, byte[][] keys, ZPop.Form form, long count) implements DataCommand.OfKeys {

    public static final CommandSpec SPEC = CommandSpec.of("ZMPOP", -4, "7.0.0")
            .flags(CommandFlag.WRITE)
            .categories(AclCategory.SORTEDSET)
            .keys(new KeySpec.Counted(1, 2, KeySpec.Access.READ_WRITE));

    private static final CommandError NO_KEYS = new CommandError("ERR numkeys should be greater than 0");
    private static final CommandError NO_COUNT = new CommandError("ERR count should be greater than 0");

    public static ZMPop parse(Arguments arguments) throws CommandError {
        long numkeys = positive(arguments.next(), NO_KEYS);
        if (numkeys >= arguments.remaining()) {
            throw CommandError.SYNTAX;
        }
        byte[][] keys = arguments.nextKeys((int) numkeys);
        ZPop.Form form;
        if (arguments.accept("MIN")) {
            form = ZPop.Form.ZPOPMIN;
        } else if (arguments.accept("MAX")) {
            form = ZPop.Form.ZPOPMAX;
        } else {
            throw CommandError.SYNTAX;
        }
        long count = 1;
        if (arguments.remaining() > 1 && arguments.accept("COUNT")) {
            count = positive(arguments.next(), NO_COUNT);
        }
        arguments.end();
        return new ZMPop(arguments.database(), keys, form, count);
    }

    private static long positive(byte[] text, CommandError error) throws CommandError {
        long number = NumberText.isLong(text) ? NumberText.toLong(text) : 0;
        if (number < 1) {
            throw error;
        }
        return number;
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        for (byte[] key : keys) {
            SortedSetValue zset = SortedSetValue.open(keyspace, key);
            if (zset.size() > 0) {
                return Reply.array(List.of(Reply.bulk(key), ScoredReply.pairs(form.pop(zset, count), true)));
            }
        }
        return Reply.NULL_ARRAY;
    }
}
