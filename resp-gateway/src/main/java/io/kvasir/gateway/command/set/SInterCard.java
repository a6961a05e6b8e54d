package io.kvasir.gateway.command.set;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SetOperation;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/**
 * {@code SINTERCARD numkeys key … [LIMIT limit]}: the number of members that are in each of the sets, counted no
 * further than to the limit.
 *
 * @param limit 0 for none
 */
public record SInterCard(int database, byte[][] keys, long limit) implements DataCommand.OfKeys {

    public static final CommandSpec SPEC = CommandSpec.of("SINTERCARD", -3, "7.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.SET)
            .keys(new KeySpec.Counted(1, 2, KeySpec.Access.READ));

    private static final CommandError NO_KEYS = new CommandError("ERR numkeys should be greater than 0");
    private static final CommandError TOO_FEW_WORDS =
            new CommandError("ERR Number of keys can't be greater than number of args");
    private static final CommandError NEGATIVE_LIMIT = new CommandError("ERR LIMIT can't be negative");

    public static SInterCard parse(Arguments arguments) throws CommandError {
        long count = atLeast(arguments.next(), 1, NO_KEYS);
        if (count > arguments.remaining()) {
            throw TOO_FEW_WORDS;
        }
        byte[][] keys = arguments.nextKeys((int) count);
        long limit = 0;
        while (arguments.hasNext()) {
            if (arguments.remaining() < 2 || !arguments.accept("LIMIT")) {
                throw CommandError.SYNTAX;
            }
            limit = atLeast(arguments.next(), 0, NEGATIVE_LIMIT);
        }
        return new SInterCard(arguments.database(), keys, limit);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        List<SetValue> sets = SCombine.open(Keyspace.of(transaction, database), keys);
        long[] found = {0};
        SetOperation.INTERSECTION.run(sets, member -> ++found[0] != limit);
        return Reply.of(found[0]);
    }

    private static long atLeast(byte[] word, long least, CommandError otherwise) throws CommandError {
        if (!NumberText.isLong(word) || NumberText.toLong(word) < least) {
            throw otherwise;
        }
        return NumberText.toLong(word);
    }
}
