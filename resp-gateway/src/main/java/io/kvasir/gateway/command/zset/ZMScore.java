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
import java.util.ArrayList;
import java.util.List;

/** {@code ZMSCORE key member …}: the score of each. */
public record ZMScore(int database, byte[] key, byte[][] members) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("ZMSCORE", -3, "6.2.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.SORTEDSET)
            .key(KeySpec.Access.READ);

    public static ZMScore parse(Arguments arguments) throws CommandError {
        return new ZMScore(arguments.database(), arguments.nextKey(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        List<Reply> scores = new ArrayList<>(members.length);
        for (byte[] member : members) {
            scores.add(ZScore.reply(zset.score(member)));
        }
        return Reply.array(scores);
    }
}
