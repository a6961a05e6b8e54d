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
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/** {@code ZRANK} and {@code ZREVRANK key member [WITHSCORE]}: how many members stand before it, or behind. */
public record ZRank(Form form, int database, byte[] key, byte[] member, boolean withScore)
        implements DataCommand.OfKey {

    /** The two commands. */
    public enum Form {
        ZRANK,
        ZREVRANK;

        private final CommandSpec spec = CommandSpec.of(name(), -3, "2.0.0")
                .flags(CommandFlag.READONLY, CommandFlag.FAST)
                .categories(AclCategory.SORTEDSET)
                .key(KeySpec.Access.READ);

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private ZRank parse(Arguments arguments) throws CommandError {
            byte[] key = arguments.nextKey();
            byte[] member = arguments.next();
            if (arguments.remaining() > 1) {
                throw CommandError.wrongArity(spec.replyName());
            }
            boolean withScore = arguments.accept("WITHSCORE");
            arguments.end();
            return new ZRank(this, arguments.database(), key, member, withScore);
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        double score = zset.score(member);
        if (Double.isNaN(score)) {
            return withScore ? Reply.NULL_ARRAY : Reply.NULL;
        }
        long before = zset.rank(member, score);
        Reply rank = Reply.of(form == Form.ZRANK ? before : zset.size() - 1 - before);
        return withScore ? Reply.array(List.of(rank, new Reply.Real(score))) : rank;
    }
}
