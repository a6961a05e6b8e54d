package io.kvasir.gateway.command.database;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/** {@code DBSIZE}: the sum of what the ranges count, each exactly but not all at one moment (rule K33). */
public record DbSize(int database) implements RangeCommand {

    public static final CommandSpec SPEC = CommandSpec.of("DBSIZE", 1, "1.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.KEYSPACE);

    private static final Command.Data PART = new Command.Data(SPEC, arguments -> new Count(arguments.database()));

    /** Returns the row. */
    public static Command row() {
        return new Command.RangeByRange(SPEC, arguments -> new DbSize(arguments.database()), PART);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply run(Ranges ranges) throws CommandError {
        long sum = 0;
        for (Reply count : EachRange.callAll(ranges, PART, database)) {
            sum += EachRange.number(count);
        }
        return Reply.of(sum);
    }

    /** The number of keys in one range, those included that are expired and not yet removed. */
    record Count(int database) implements DataCommand {

        @Override
        public CommandSpec spec() {
            return SPEC;
        }

        @Override
        public List<byte[]> userKeys() {
            return List.of();
        }

        @Override
        public Reply execute(Transaction transaction) {
            return Reply.of(transaction.keys(transaction.instance(database)));
        }
    }
}
