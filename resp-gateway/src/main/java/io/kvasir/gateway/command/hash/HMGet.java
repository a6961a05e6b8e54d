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
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/** {@code HMGET key field …}: the values in the order of the fields, null for those that are not there. */
public record HMGet(int database, byte[] key, byte[][] fields) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("HMGET", -3, "2.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ);

    public static HMGet parse(Arguments arguments) throws CommandError {
        return new HMGet(arguments.database(), arguments.nextKey(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        HashValue hash = HashValue.open(Keyspace.of(transaction, database), key);
        List<Reply> values = new ArrayList<>(fields.length);
        for (byte[] field : fields) {
            byte[] value = hash.get(field);
            values.add(value == null ? Reply.NULL : Reply.bulk(value));
        }
        return Reply.array(values);
    }
}
