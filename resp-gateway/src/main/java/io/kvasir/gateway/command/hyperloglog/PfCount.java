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
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code PFCOUNT key …}: the estimated number of elements of a HyperLogLog, or of the union of several. That of a
 * single one is written to its header, so the command runs as a writing one then, though its row says it reads: GET
 * must answer the bytes that Redis would.
 */
public record PfCount(int database, byte[][] keys) implements DataCommand.OfKeys {

    public static final CommandSpec SPEC = CommandSpec.of("PFCOUNT", -2, "2.8.9")
            .flags(CommandFlag.READONLY, CommandFlag.MAY_REPLICATE)
            .categories(AclCategory.HYPERLOGLOG)
            .keys(1, -1, 1, KeySpec.Access.READ);

    public static PfCount parse(Arguments arguments) throws CommandError {
        return new PfCount(arguments.database(), arguments.nextKeys(arguments.remaining()));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public boolean readOnly() {
        return keys.length > 1;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        try {
            return Reply.of(keys.length == 1 ? single(keyspace) : union(keyspace));
        } catch (HyperLogLog.Corrupt corrupt) {
            throw HyperLogLogValue.CORRUPT;
        }
    }

    private long single(Keyspace keyspace) throws CommandError, HyperLogLog.Corrupt {
        HyperLogLogValue stored = HyperLogLogValue.open(keyspace, keys[0]);
        if (!stored.exists()) {
            return 0;
        }
        HyperLogLog value = stored.value();
        if (value.isCounted()) {
            return value.count();
        }
        long count = value.count();
        stored.store();
        return count;
    }

    private long union(Keyspace keyspace) throws CommandError, HyperLogLog.Corrupt {
        byte[] registers = HyperLogLog.noRegisters();
        for (byte[] key : keys) {
            HyperLogLogValue stored = HyperLogLogValue.open(keyspace, key);
            if (stored.exists()) {
                stored.value().raiseInto(registers);
            }
        }
        return HyperLogLog.count(registers);
    }
}
