package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * {@code ZRANDMEMBER key [count [WITHSCORES]]}: a random member; with a count from 0 as many different ones, or all;
 * with a negative one exactly as many, some perhaps several times. Each member is as likely as any other.
 *
 * @param count absent if one member is asked for by itself
 * @param nested whether a member and its score make an array of their own, as RESP3 has them
 */
public record ZRandMember(int database, byte[] key, OptionalLong count, boolean withScores, boolean nested)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("ZRANDMEMBER", -2, "6.2.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.SORTEDSET)
            .key(KeySpec.Access.READ);

    private static final CommandError OUT_OF_LONG = new CommandError(
            "ERR value is out of range, value must between " + -Long.MAX_VALUE + " and " + Long.MAX_VALUE);

    /** A set is read whole if one in this number of its members is wanted, or if it is small. */
    private static final int READ_WHOLE_PART = 16;

    private static final int READ_WHOLE_MAX = 256;

    public static ZRandMember parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        if (!arguments.hasNext()) {
            return new ZRandMember(arguments.database(), key, OptionalLong.empty(), false, false);
        }
        long count = arguments.nextLong(-Long.MAX_VALUE, Long.MAX_VALUE, OUT_OF_LONG);
        boolean withScores = arguments.accept("WITHSCORES");
        arguments.end();
        if (withScores && (count < -Long.MAX_VALUE / 2 || count > Long.MAX_VALUE / 2)) {
            throw CommandError.OUT_OF_RANGE;
        }
        return new ZRandMember(arguments.database(), key, OptionalLong.of(count), withScores, arguments.resp3());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        if (count.isEmpty()) {
            return zset.size() == 0
                    ? Reply.NULL
                    : Reply.bulk(members(zset, List.of(below(transaction, zset.size())))
                            .getFirst()
                            .member());
        }
        long wanted = count.getAsLong();
        if (zset.size() == 0 || wanted == 0) {
            return Reply.EMPTY_ARRAY;
        }
        List<ScoredMember> drawn = members(zset, numbers(transaction, zset.size(), wanted));
        return withScores ? ScoredReply.pairs(drawn, nested) : ScoredReply.members(drawn);
    }

    /** Draws numbers from 0 to below {@code size}. */
    private static List<Long> numbers(Transaction transaction, long size, long wanted) {
        List<Long> numbers = new ArrayList<>();
        if (wanted < 0) {
            for (long i = 0; i < -wanted; i++) {
                numbers.add(below(transaction, size));
            }
        } else if (wanted >= size) {
            for (long i = 0; i < size; i++) {
                numbers.add(i);
            }
        } else {
            // Floyd's draw of a subset: each step adds one number that is not among those before it.
            Set<Long> taken = new HashSet<>();
            for (long last = size - wanted; last < size; last++) {
                long number = below(transaction, last + 1);
                long fresh = taken.contains(number) ? last : number;
                taken.add(fresh);
                numbers.add(fresh);
            }
        }
        return numbers;
    }

    private static List<ScoredMember> members(SortedSetValue zset, List<Long> numbers) {
        boolean whole = zset.size() <= READ_WHOLE_MAX || numbers.size() > zset.size() / READ_WHOLE_PART;
        List<ScoredMember> all = whole ? zset.slice(0, zset.size(), false) : List.of();
        List<ScoredMember> members = new ArrayList<>(numbers.size());
        for (long number : numbers) {
            members.add(
                    whole ? all.get((int) number) : zset.slice(number, 1, false).getFirst());
        }
        return members;
    }

    private static long below(Transaction transaction, long bound) {
        return Math.unsignedMultiplyHigh(transaction.random(), bound);
    }
}
