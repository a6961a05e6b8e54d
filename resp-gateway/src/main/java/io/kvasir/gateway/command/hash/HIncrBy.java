package io.kvasir.gateway.command.hash;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code HINCRBY key field increment}: the new value of the field, which counts as 0 if it is not there. */
public record HIncrBy(int database, Thresholds thresholds, byte[] key, byte[] field, long increment)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("HINCRBY", 4, "2.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ_WRITE);

    private static final CommandError NOT_AN_INTEGER = new CommandError("ERR hash value is not an integer");
    private static final CommandError OVERFLOW = new CommandError("ERR increment or decrement would overflow");

    public static HIncrBy parse(Arguments arguments) throws CommandError {
        return new HIncrBy(
                arguments.database(),
                arguments.thresholds(),
                arguments.nextKey(),
                arguments.next(),
                arguments.nextLong());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        HashValue hash = HashValue.open(Keyspace.of(transaction, database, thresholds), key);
        byte[] old = hash.get(field);
        if (old != null && !NumberText.isLong(old)) {
            throw NOT_AN_INTEGER;
        }
        long current = old == null ? 0 : NumberText.toLong(old);
        long sum = current + increment;
        if (((current ^ sum) & (increment ^ sum)) < 0) {
            throw OVERFLOW;
        }
        byte[] value = NumberText.bytes(sum);
        hash.claim(new byte[][] {field}, new byte[][] {value});
        hash.put(field, value);
        hash.store();
        hash.entry().event(KeyspaceEvent.HINCRBY);
        return Reply.of(sum);
    }
}
