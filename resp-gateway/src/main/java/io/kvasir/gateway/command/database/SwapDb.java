package io.kvasir.gateway.command.database;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;
import java.util.Optional;

/** {@code SWAPDB index index}: two databases change places, in all ranges at one moment. No key is touched. */
public record SwapDb(int first, int second) implements RangeCommand {

    public static final CommandSpec SPEC = CommandSpec.of("SWAPDB", 3, "4.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.KEYSPACE, AclCategory.DANGEROUS);

    private static final Command.Data PART = new Command.Data(SPEC, SwapInstances::parse);

    private static final CommandError BAD_FIRST = new CommandError("ERR invalid first DB index");
    private static final CommandError BAD_SECOND = new CommandError("ERR invalid second DB index");
    private static final CommandError NO_SUCH_DATABASE = new CommandError("ERR DB index is out of range");

    /** Returns the row. */
    public static Command row() {
        return new Command.RangeByRange(SPEC, SwapDb::parse, PART);
    }

    private static SwapDb parse(Arguments arguments) throws CommandError {
        long first = number(arguments, BAD_FIRST);
        long second = number(arguments, BAD_SECOND);
        arguments.end();
        if (first < 0 || first >= Databases.COUNT || second < 0 || second >= Databases.COUNT) {
            throw NO_SUCH_DATABASE;
        }
        return new SwapDb((int) first, (int) second);
    }

    private static long number(Arguments arguments, CommandError otherwise) throws CommandError {
        byte[] word = arguments.next();
        if (!NumberText.isLong(word) || NumberText.toLong(word) != (int) NumberText.toLong(word)) {
            throw otherwise;
        }
        return NumberText.toLong(word);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Optional<byte[][]> inEachRange() {
        return Optional.of(new byte[][] {NumberText.bytes(first), NumberText.bytes(second)});
    }

    /** Over one range; over several it is a transaction, because where a range were asked twice it would swap twice. */
    @Override
    public Reply run(Ranges ranges) throws CommandError {
        List<RegionDescriptor> all = ranges.all();
        if (all.size() != 1) {
            throw new CommandError("ERR SWAPDB over several ranges is a transaction of its own");
        }
        return EachRange.call(ranges, all.getFirst(), PART, 0, NumberText.bytes(first), NumberText.bytes(second));
    }

    /** Swaps what two databases map to, in one range. */
    record SwapInstances(int database, int first, int second) implements DataCommand {

        static SwapInstances parse(Arguments arguments) throws CommandError {
            int first = Databases.parse(arguments.next());
            int second = Databases.parse(arguments.next());
            arguments.end();
            return new SwapInstances(arguments.database(), first, second);
        }

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
            int ofFirst = transaction.instance(first);
            int ofSecond = transaction.instance(second);
            if (ofFirst != ofSecond) {
                transaction.mapInstance(first, ofSecond);
                transaction.mapInstance(second, ofFirst);
            }
            return Reply.OK;
        }
    }
}
