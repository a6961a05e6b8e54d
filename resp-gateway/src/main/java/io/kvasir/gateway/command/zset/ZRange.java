package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
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
import java.util.List;

/**
 * {@code ZRANGE key min max …} and the commands that its options have replaced: {@code ZREVRANGE},
 * {@code ZRANGEBYSCORE}, {@code ZREVRANGEBYSCORE}, {@code ZRANGEBYLEX} and {@code ZREVRANGEBYLEX}.
 *
 * @param nested whether a member and its score make an array of their own, as RESP3 has them
 */
public record ZRange(Form form, int database, byte[] key, RangeQuery query, boolean nested)
        implements DataCommand.OfKey {

    /** The six commands. */
    public enum Form {
        ZRANGE("1.2.0", RangeQuery.By.ANY, RangeQuery.Direction.ANY),
        ZREVRANGE("1.2.0", RangeQuery.By.RANK, RangeQuery.Direction.REVERSE),
        ZRANGEBYSCORE("1.0.5", RangeQuery.By.SCORE, RangeQuery.Direction.FORWARD),
        ZREVRANGEBYSCORE("2.2.0", RangeQuery.By.SCORE, RangeQuery.Direction.REVERSE),
        ZRANGEBYLEX("2.8.9", RangeQuery.By.LEX, RangeQuery.Direction.FORWARD),
        ZREVRANGEBYLEX("2.8.9", RangeQuery.By.LEX, RangeQuery.Direction.REVERSE);

        private final CommandSpec spec;
        private final RangeQuery.By by;
        private final RangeQuery.Direction direction;

        Form(String since, RangeQuery.By by, RangeQuery.Direction direction) {
            this.by = by;
            this.direction = direction;
            spec = CommandSpec.of(name(), -4, since)
                    .flags(CommandFlag.READONLY)
                    .categories(AclCategory.SORTEDSET)
                    .key(KeySpec.Access.READ);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private ZRange parse(Arguments arguments) throws CommandError {
            byte[] key = arguments.nextKey();
            RangeQuery query = RangeQuery.parse(arguments, by, direction, true);
            return new ZRange(this, arguments.database(), key, query, arguments.resp3());
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        List<ScoredMember> members = query.of(zset);
        return query.withScores() ? ScoredReply.pairs(members, nested) : ScoredReply.members(members);
    }
}
