package io.kvasir.gateway.command.hash;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code HSETNX key field value}: 1 if the field was not there and now is. */
public record HSetNx(int database, Thresholds thresholds, byte[] key, byte[] field, byte[] value)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("HSETNX", 4, "2.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ_WRITE);

    public static HSetNx parse(Arguments arguments) throws CommandError {
        return new HSetNx(
                arguments.database(), arguments.thresholds(), arguments.nextKey(), arguments.next(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        HashValue hash = HashValue.open(Keyspace.of(transaction, database, thresholds), key);
        if (hash.get(field) != null) {
            return Reply.ZERO;
        }
        hash.claim(new byte[][] {field}, new byte[][] {value});
        hash.put(field, value);
        hash.store();
        hash.entry().event(KeyspaceEvent.HSET);
        return Reply.ONE;
    }
}
