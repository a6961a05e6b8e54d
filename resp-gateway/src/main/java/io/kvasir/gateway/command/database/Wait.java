package io.kvasir.gateway.command.database;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.proto.reply.Reply;
import java.util.List;

/**
 * {@code WAIT replicas timeout} and {@code WAITAOF local replicas timeout}: on how many replicas, beside the leader,
 * the writes of this connection surely are. A write is acknowledged when a majority of its range's voters has it on
 * disk, and the commands before this one are answered when it runs, so that it need not wait: the answer is a majority
 * less one, of the range with the fewest voters, whatever was asked for.
 *
 * @param local whether to tell of this node's own disk too
 */
public record Wait(CommandSpec spec, boolean local) implements RangeCommand {

    public static final CommandSpec WAIT = CommandSpec.of("WAIT", 3, "3.0.0").categories(AclCategory.CONNECTION);

    public static final CommandSpec WAITAOF =
            CommandSpec.of("WAITAOF", 4, "7.2.0").flags(CommandFlag.NOSCRIPT).categories(AclCategory.CONNECTION);

    private static final CommandError BAD_TIMEOUT = new CommandError("ERR timeout is not an integer or out of range");
    private static final CommandError NEGATIVE = new CommandError("ERR timeout is negative");

    /** Returns the rows of both. */
    public static List<Command> rows() {
        return List.of(row(WAIT, false), row(WAITAOF, true));
    }

    private static Command row(CommandSpec spec, boolean local) {
        return new Command.RangeByRange(spec, arguments -> parse(spec, local, arguments), null);
    }

    private static Wait parse(CommandSpec spec, boolean local, Arguments arguments) throws CommandError {
        if (local) {
            long unused = arguments.nextLong(0, 1, CommandError.OUT_OF_RANGE);
        }
        long unused = arguments.nextLong();
        long timeout;
        try {
            timeout = arguments.nextLong();
        } catch (CommandError notInteger) {
            throw BAD_TIMEOUT;
        }
        if (timeout < 0) {
            throw NEGATIVE;
        }
        return new Wait(spec, local);
    }

    @Override
    public Reply run(Ranges ranges) {
        int replicas = ranges.all().stream()
                .mapToInt(region -> region.voters().size() / 2)
                .min()
                .orElse(0);
        return local ? Reply.array(List.of(Reply.ONE, Reply.of(replicas))) : Reply.of(replicas);
    }
}
