package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code ZSCORE key member}: its score. */
public record ZScore(int database, byte[] key, byte[] member) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("ZSCORE", 3, "1.2.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.SORTEDSET)
            .key(KeySpec.Access.READ);

    public static ZScore parse(Arguments arguments) throws CommandError {
        return new ZScore(arguments.database(), arguments.nextKey(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return reply(
                SortedSetValue.open(Keyspace.of(transaction, database), key).score(member));
    }

    /** Returns a score as a reply, null for NaN, which stands for none. */
    static Reply reply(double score) {
        return Double.isNaN(score) ? Reply.NULL : new Reply.Real(score);
    }
}
