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
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;
import java.util.Optional;

/**
 * {@code FLUSHDB} and {@code FLUSHALL [ASYNC | SYNC]}: gives the session's database, or all of them, fresh instances,
 * in all ranges at one moment (rule K19). What was in the old instances is out of reach at once and reclaimed later,
 * whichever word is given.
 *
 * <p>A copy of it that arrives when the database was flushed again changes nothing, because numbers only grow: the
 * older flush is then taken to have come right before the newer.
 */
public record Flush(CommandSpec spec, int database, InstanceSource instances) implements RangeCommand {

    public static final CommandSpec FLUSHDB = CommandSpec.of("FLUSHDB", -1, "1.0.0")
            .flags(CommandFlag.WRITE)
            .categories(AclCategory.KEYSPACE, AclCategory.DANGEROUS);

    public static final CommandSpec FLUSHALL = CommandSpec.of("FLUSHALL", -1, "1.0.0")
            .flags(CommandFlag.WRITE)
            .categories(AclCategory.KEYSPACE, AclCategory.DANGEROUS);

    /** Returns the rows of both, with numbers from {@code instances}. */
    public static List<Command> rows(InstanceSource instances) {
        return List.of(row(FLUSHDB, instances), row(FLUSHALL, instances));
    }

    private static Command row(CommandSpec spec, InstanceSource instances) {
        return new Command.RangeByRange(spec, arguments -> parse(spec, instances, arguments), part(spec));
    }

    private static Command.Data part(CommandSpec spec) {
        return new Command.Data(spec, arguments -> MapInstances.parse(spec, arguments));
    }

    private static Flush parse(CommandSpec spec, InstanceSource instances, Arguments arguments) throws CommandError {
        if (arguments.hasNext() && !arguments.accept("ASYNC") && !arguments.accept("SYNC")) {
            throw CommandError.SYNTAX;
        }
        arguments.end();
        return new Flush(spec, arguments.database(), instances);
    }

    @Override
    public Reply run(Ranges ranges) throws CommandError {
        EachRange.callAll(ranges, part(spec), database, arguments());
        return Reply.OK;
    }

    @Override
    public Optional<byte[][]> inEachRange() throws CommandError {
        return Optional.of(arguments());
    }

    /** Returns the arguments of {@link MapInstances}, with instances that nobody has. */
    private byte[][] arguments() throws CommandError {
        boolean all = spec.equals(FLUSHALL);
        int first = all ? 0 : database;
        int count = all ? Databases.COUNT : 1;
        return new byte[][] {
            NumberText.bytes(first), NumberText.bytes(count), NumberText.bytes(instances.allocate(count))
        };
    }

    /** Maps databases from {@code first} on to instances from {@code instance} on, in one range. */
    record MapInstances(CommandSpec spec, int database, int first, int count, int instance) implements DataCommand {

        static MapInstances parse(CommandSpec spec, Arguments arguments) throws CommandError {
            int first = (int) arguments.nextLong(0, Databases.COUNT - 1, CommandError.OUT_OF_RANGE);
            int count = (int) arguments.nextLong(1, Databases.COUNT - first, CommandError.OUT_OF_RANGE);
            int instance = (int) arguments.nextLong(Integer.MIN_VALUE, Integer.MAX_VALUE, CommandError.OUT_OF_RANGE);
            arguments.end();
            return new MapInstances(spec, arguments.database(), first, count, instance);
        }

        @Override
        public List<byte[]> userKeys() {
            return List.of();
        }

        @Override
        public Reply execute(Transaction transaction) {
            for (int i = 0; i < count; i++) {
                if (Integer.compareUnsigned(transaction.instance(first + i), instance + i) < 0) {
                    transaction.mapInstance(first + i, instance + i);
                }
            }
            return Reply.OK;
        }
    }
}
