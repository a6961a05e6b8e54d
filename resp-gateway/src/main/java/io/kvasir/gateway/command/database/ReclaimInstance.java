package io.kvasir.gateway.command.database;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
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
 * {@code RECLAIM.INSTANCE cursor instance [instance …]}: deletes some records of database instances that no database is
 * mapped to any more, the first from {@code cursor} on, and forgets each that has none left. Answers {@code [number of
 * instances that are done, cursor to go on at in the one after those]}. A range runs it in the background; it may be
 * called any number of times, with any cursor that it gave out or 0.
 *
 * <p>Instances without keys are forgotten unseen. Of the others one is walked, until its end or the bounds of a call.
 *
 * <p>It deletes at once: an instance is not given to it before nobody can read it at a timestamp of the past any more
 * (rule K8).
 */
public record ReclaimInstance(KeyPosition from, List<Integer> instances) implements DataCommand {

    public static final CommandSpec SPEC =
            CommandSpec.of("RECLAIM.INSTANCE", -3, "7.0.0").flags(CommandFlag.WRITE);

    /** Records deleted by one call, but for the last key's. */
    public static final long RECORDS_MAX = 2_048;

    /**
     * Bytes of the stored keys of records deleted by one call, about, but for the last key's; within one raft entry.
     */
    public static final long KEY_BYTES_MAX = 1 << 20;

    private static final long STEPS_MAX = 4_096;

    private static final CommandError IN_USE = new CommandError("ERR the database instance is in use");

    /** Returns the procedure, which no client can call. */
    public static Command.Data procedure() {
        return new Command.Data(SPEC, ReclaimInstance::parse);
    }

    private static ReclaimInstance parse(Arguments arguments) throws CommandError {
        KeyPosition from = KeyPosition.of(arguments.nextLong());
        List<Integer> instances = new ArrayList<>();
        while (arguments.hasNext()) {
            instances.add((int) arguments.nextLong(Integer.MIN_VALUE, Integer.MAX_VALUE, CommandError.OUT_OF_RANGE));
        }
        return new ReclaimInstance(from, List.copyOf(instances));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public boolean boundsItself() {
        return true;
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
            if (instances.contains(transaction.instance(number))) {
                throw IN_USE;
            }
        }
        boolean walked = false;
        int done = 0;
        for (int instance : instances) {
            if (transaction.keys(instance) != 0) {
                if (walked) {
                    return answer(done, KeyPosition.START);
                }
                walked = true;
                KeyWalk.Stop stop = reclaim(transaction, instance, done == 0 ? from : KeyPosition.START);
                if (transaction.keys(instance) != 0) {
                    return answer(done, stop.rangeEnded() ? KeyPosition.START : stop.next());
                }
            }
            transaction.forgetInstance(instance);
            done++;
        }
        return answer(done, KeyPosition.START);
    }

    private static Reply answer(int done, KeyPosition next) {
        return Reply.array(List.of(Reply.of(done), Reply.of(next.cursor())));
    }

    private static KeyWalk.Stop reclaim(Transaction transaction, int instance, KeyPosition from) {
        Collector dead = new Collector();
        KeyWalk.Stop stop = KeyWalk.run(transaction, instance, from, STEPS_MAX, dead);
        Keyspace keyspace = Keyspace.ofInstance(transaction, instance);
        dead.userKeys.forEach(userKey -> keyspace.open(userKey).discard());
        dead.rootless.forEach(stem -> transaction.deleteRange(stem, KeyLayout.stemEnd(stem)));
        return stop;
    }

    /** What the walk finds; deleted when it is over, because a cursor is not to see its records go. */
    private static final class Collector implements KeyWalk.Visitor {

        private final List<byte[]> userKeys = new ArrayList<>();
        private final List<byte[]> rootless = new ArrayList<>();
        private long records;
        private long keyBytes;

        @Override
        public boolean visit(byte[] userKey, Root root) {
            userKeys.add(userKey);
            return goesOn(root.isInline() ? 1 : 1 + root.count(), userKey.length);
        }

        @Override
        public boolean visitRootless(byte[] stem) {
            rootless.add(stem);
            return goesOn(1, stem.length);
        }

        private boolean goesOn(long more, int bytesEach) {
            records += more;
            keyBytes += more * bytesEach;
            return records < RECORDS_MAX && keyBytes < KEY_BYTES_MAX;
        }
    }
}
