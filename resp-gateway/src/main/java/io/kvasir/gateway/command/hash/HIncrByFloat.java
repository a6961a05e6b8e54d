package io.kvasir.gateway.command.hash;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.LongDouble;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import org.jspecify.annotations.Nullable;

/** {@code HINCRBYFLOAT key field increment}: the new value of the field, which counts as 0 if it is not there. */
public record HIncrByFloat(int database, Thresholds thresholds, byte[] key, byte[] field, LongDouble increment)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("HINCRBYFLOAT", 4, "2.6.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ_WRITE);

    private static final CommandError NOT_A_FLOAT = new CommandError("ERR hash value is not a float");
    private static final CommandError NOT_FINITE = new CommandError("ERR value is NaN or Infinity");

    public static HIncrByFloat parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        byte[] field = arguments.next();
        LongDouble increment = LongDouble.parse(arguments.next());
        if (!increment.isFinite()) {
            throw NOT_FINITE;
        }
        return new HIncrByFloat(arguments.database(), arguments.thresholds(), key, field, increment);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        HashValue hash = HashValue.open(Keyspace.of(transaction, database, thresholds), key);
        byte[] value = current(hash.get(field)).add(increment).text();
        hash.claim(new byte[][] {field}, new byte[][] {value});
        hash.put(field, value);
        hash.store();
        hash.entry().event(KeyspaceEvent.HINCRBYFLOAT);
        return Reply.bulk(value);
    }

    private static LongDouble current(byte @Nullable [] value) throws CommandError {
        if (value == null) {
            return LongDouble.ZERO;
        }
        try {
            return LongDouble.parse(value);
        } catch (CommandError notANumber) {
            throw NOT_A_FLOAT;
        }
    }
}
