package io.kvasir.gateway.command.hyperloglog;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.hyperloglog.HyperLogLog;
import io.kvasir.gateway.type.HyperLogLogValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code PFADD key [element …]}: creates or changes a HyperLogLog; 1 if its number of elements may have changed. */
public record PfAdd(int database, Thresholds thresholds, byte[] key, byte[][] elements) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("PFADD", -2, "2.8.9")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.HYPERLOGLOG)
            .key(KeySpec.Access.READ_WRITE);

    public static PfAdd parse(Arguments arguments) throws CommandError {
        return new PfAdd(arguments.database(), arguments.thresholds(), arguments.nextKey(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        HyperLogLogValue stored = HyperLogLogValue.open(Keyspace.of(transaction, database, thresholds), key);
        boolean changed = !stored.exists();
        HyperLogLog value = stored.value();
        try {
            for (byte[] element : elements) {
                changed |= value.add(element);
            }
        } catch (HyperLogLog.Corrupt corrupt) {
            if (changed) {
                stored.store(); // What was added before the fault was found stays, as in Redis.
            }
            throw HyperLogLogValue.CORRUPT;
        }
        if (changed) {
            value.outdate();
            stored.store();
            stored.entry().event(KeyspaceEvent.PFADD);
        }
        return changed ? Reply.ONE : Reply.ZERO;
    }
}
