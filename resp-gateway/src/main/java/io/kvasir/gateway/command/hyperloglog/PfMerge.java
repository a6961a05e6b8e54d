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

/** {@code PFMERGE destination [source …]}: makes the destination the union of itself and the sources. */
public record PfMerge(int database, Thresholds thresholds, byte[][] keys) implements DataCommand.OfKeys {

    public static final CommandSpec SPEC = CommandSpec.of("PFMERGE", -2, "2.8.9")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.HYPERLOGLOG)
            .key(KeySpec.Access.READ_WRITE)
            .keys(2, -1, 1, KeySpec.Access.READ);

    public static PfMerge parse(Arguments arguments) throws CommandError {
        return new PfMerge(arguments.database(), arguments.thresholds(), arguments.nextKeys(arguments.remaining()));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database, thresholds);
        try {
            HyperLogLogValue destination = HyperLogLogValue.open(keyspace, keys[0]);
            merge(keyspace, destination);
            destination.store();
            destination.entry().event(KeyspaceEvent.PFADD);
            return Reply.OK;
        } catch (HyperLogLog.Corrupt corrupt) {
            throw HyperLogLogValue.CORRUPT;
        }
    }

    private void merge(Keyspace keyspace, HyperLogLogValue destination) throws CommandError, HyperLogLog.Corrupt {
        byte[] registers = HyperLogLog.noRegisters();
        boolean dense = false;
        for (byte[] key : keys) {
            HyperLogLogValue stored = HyperLogLogValue.open(keyspace, key);
            if (stored.exists()) {
                dense |= !stored.value().isSparse();
                stored.value().raiseInto(registers);
            }
        }
        HyperLogLog merged = destination.value();
        if (dense) {
            merged.makeDense();
        }
        merged.raiseFrom(registers);
        merged.outdate();
    }
}
