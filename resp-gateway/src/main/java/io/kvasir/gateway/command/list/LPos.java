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
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code LPOS key element [RANK rank] [COUNT count] [MAXLEN length]}: where the element stands, the rank-th time from
 * the start, or from the end if the rank is negative; with a count up to as many positions, all if it is 0.
 *
 * @param count -1 if one position is asked for by itself
 * @param compared how many elements are looked at, 0 for all
 */
public record LPos(int database, byte[] key, byte[] element, long rank, long count, long compared)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("LPOS", -3, "6.0.6")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.LIST)
            .key(KeySpec.Access.READ);

    private static final CommandError RANK_ZERO = new CommandError("ERR RANK can't be zero: use 1 to start from the"
            + " first match, 2 from the second ... or use negative to start from the end of the list");
    private static final CommandError COUNT_NEGATIVE = new CommandError("ERR COUNT can't be negative");
    private static final CommandError LENGTH_NEGATIVE = new CommandError("ERR MAXLEN can't be negative");

    public static LPos parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        byte[] element = arguments.next();
        long rank = 1;
        long count = -1;
        long compared = 0;
        while (arguments.hasNext()) {
            boolean valued = arguments.remaining() > 1;
            if (valued && arguments.accept("RANK")) {
                rank = arguments.nextLong(-Long.MAX_VALUE, Long.MAX_VALUE, ListNumber.OUT_OF_LONG);
                if (rank == 0) {
                    throw RANK_ZERO;
                }
            } else if (valued && arguments.accept("COUNT")) {
                count = ListNumber.parse(arguments.next(), 0, COUNT_NEGATIVE);
            } else if (valued && arguments.accept("MAXLEN")) {
                compared = ListNumber.parse(arguments.next(), 0, LENGTH_NEGATIVE);
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return new LPos(arguments.database(), key, element, rank, count, compared);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        ListValue list = ListValue.open(Keyspace.of(transaction, database), key);
        long wanted = count < 0 ? 1 : count == 0 ? Long.MAX_VALUE : count;
        long[] toPass = {Math.abs(rank) - 1};
        List<Reply> found = new ArrayList<>();
        list.find(element, rank > 0, compared == 0 ? Long.MAX_VALUE : compared, position -> {
            if (toPass[0] > 0) {
                toPass[0]--;
                return true;
            }
            found.add(Reply.of(position));
            return found.size() < wanted;
        });
        if (count >= 0) {
            return Reply.array(found);
        }
        return found.isEmpty() ? Reply.NULL : found.getFirst();
    }
}
