package io.kvasir.gateway.command.database;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import io.kvasir.region.retry.RequestRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code EXPIRE.SWEEP rootKey …}: removes those of the keys whose time has come by the operation's timestamp, with the
 * event "expired", and leaves the others alone; answers how many of them, from the first on, it has dealt with. A range
 * runs it in the background over what its expiry index says is due; any key may be given any number of times. Records
 * of request ids expire like keys, without an event.
 *
 * @param rootKeys stored keys of root records
 */
public record SweepExpired(List<byte[]> rootKeys) implements DataCommand {

    public static final CommandSpec SPEC =
            CommandSpec.of("EXPIRE.SWEEP", -2, "7.0.0").flags(CommandFlag.WRITE);

    /** Records deleted by one call, but for the last key's. */
    public static final long RECORDS_MAX = 2_048;

    /**
     * Bytes of the stored keys of records deleted by one call, but for the last key's; each goes into the entry twice,
     * for a root in the expiry index.
     */
    public static final long KEY_BYTES_MAX = 1 << 20;

    /** Returns the procedure, which no client can call. */
    public static Command.Data procedure() {
        return new Command.Data(SPEC, SweepExpired::parse);
    }

    private static SweepExpired parse(Arguments arguments) throws CommandError {
        List<byte[]> rootKeys = new ArrayList<>();
        while (arguments.hasNext()) {
            rootKeys.add(arguments.next());
        }
        return new SweepExpired(rootKeys);
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
        return rootKeys.stream().map(KeyLayout::userKeyOf).toList();
    }

    @Override
    public Reply execute(Transaction transaction) {
        long handled = 0;
        Entry.Deleted deleted = Entry.Deleted.NOTHING;
        for (byte[] rootKey : rootKeys) {
            if (deleted.records() >= RECORDS_MAX || deleted.keyBytes() >= KEY_BYTES_MAX) {
                break;
            }
            handled++;
            if (KeyLayout.instanceOf(rootKey) == RequestRecord.INSTANCE) {
                boolean gone = RequestRecord.sweep(transaction, rootKey);
                deleted = deleted.plus(gone ? new Entry.Deleted(1, rootKey.length) : Entry.Deleted.NOTHING);
                continue;
            }
            Keyspace keyspace = Keyspace.ofInstance(transaction, KeyLayout.instanceOf(rootKey));
            deleted = deleted.plus(keyspace.open(KeyLayout.userKeyOf(rootKey)).sweep());
        }
        return Reply.of(handled);
    }
}
