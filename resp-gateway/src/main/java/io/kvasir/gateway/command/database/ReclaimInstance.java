package io.kvasir.gateway.command.database;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.KeyPosition;
import io.kvasir.gateway.type.KeyWalk;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.Root;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code RECLAIM.INSTANCE instance cursor}: deletes some records of a database instance that no database is mapped to
 * any more, from {@code cursor} on, and answers {@code [cursor to go on at, 1 if the range is done else 0]}. A range
 * runs it in the background, once the flush is older than the safe point (rule K8).
 */
public record ReclaimInstance(int instance, KeyPosition from) implements DataCommand {

    public static final CommandSpec SPEC =
            CommandSpec.of("RECLAIM.INSTANCE", 3, "7.0.0").flags(CommandFlag.WRITE);

    /** Records deleted by one call, but for the last key's. */
    public static final long RECORDS_MAX = 2_048;

    private static final long STEPS_MAX = 4_096;

    private static final CommandError IN_USE = new CommandError("ERR the database instance is in use");

    /** Returns the procedure, which no client can call. */
    public static Command.Data procedure() {
        return new Command.Data(SPEC, ReclaimInstance::parse);
    }

    /** Returns the arguments of a call. */
    public static byte[][] arguments(int instance, long cursor) {
        return new byte[][] {NumberText.bytes(instance), NumberText.bytes(cursor)};
    }

    private static ReclaimInstance parse(Arguments arguments) throws CommandError {
        int instance = (int) arguments.nextLong(Integer.MIN_VALUE, Integer.MAX_VALUE, CommandError.OUT_OF_RANGE);
        KeyPosition from = KeyPosition.of(arguments.nextLong());
        arguments.end();
        return new ReclaimInstance(instance, from);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public int database() {
        return 0;
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of();
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        for (int number = 0; number < Databases.COUNT; number++) {
            if (transaction.instance(number) == instance) {
                throw IN_USE;
            }
        }
        Collector dead = new Collector();
        KeyWalk.Stop stop = KeyWalk.run(transaction, instance, from, STEPS_MAX, dead);
        Keyspace keyspace = Keyspace.ofInstance(transaction, instance);
        dead.userKeys.forEach(userKey -> keyspace.open(userKey).discard());
        dead.rootless.forEach(stem -> transaction.deleteRange(stem, KeyLayout.stemEnd(stem)));
        return Reply.array(List.of(
                Reply.bulk(NumberText.bytes(stop.next().cursor())), stop.rangeEnded() ? Reply.ONE : Reply.ZERO));
    }

    /** What the walk finds; deleted when it is over, because a cursor is not to see its records go. */
    private static final class Collector implements KeyWalk.Visitor {

        private final List<byte[]> userKeys = new ArrayList<>();
        private final List<byte[]> rootless = new ArrayList<>();
        private long records;

        @Override
        public boolean visit(byte[] userKey, Root root) {
            userKeys.add(userKey);
            records += root.isInline() ? 1 : 1 + root.count();
            return records < RECORDS_MAX;
        }

        @Override
        public boolean visitRootless(byte[] stem) {
            rootless.add(stem);
            return ++records < RECORDS_MAX;
        }
    }
}
