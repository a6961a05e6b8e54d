package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.gateway.command.database.EachRange;
import io.kvasir.proto.reply.Reply;
import java.util.List;

/**
 * {@code RANDOMKEY}: any key, null if there is none. Every range draws one by a random place, and one of these is taken
 * by the number of keys that each range has; the ranges' own random numbers decide.
 */
public record RandomKey(int database) implements RangeCommand {

    public static final CommandSpec SPEC = CommandSpec.of("RANDOMKEY", 1, "1.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.TOUCHES_ARBITRARY_KEYS)
            .categories(AclCategory.KEYSPACE);

    private static final Command.Data PART =
            new Command.Data(SPEC, arguments -> new RandomKeyOfRange(arguments.database()));

    /** Returns the row. */
    public static Command row() {
        return new Command.RangeByRange(SPEC, arguments -> new RandomKey(arguments.database()), PART);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply run(Ranges ranges) throws CommandError {
        Reply drawn = Reply.NULL;
        long seen = 0;
        for (Reply reply : EachRange.callAll(ranges, PART, database)) {
            List<Reply> parts = EachRange.elements(reply);
            Reply key = parts.get(0);
            long count = Math.max(1, EachRange.number(parts.get(1)));
            if (key instanceof Reply.Bulk) {
                seen += count;
                if (Long.remainderUnsigned(EachRange.number(parts.get(2)), seen) < count) {
                    drawn = key;
                }
            }
        }
        return drawn;
    }
}
