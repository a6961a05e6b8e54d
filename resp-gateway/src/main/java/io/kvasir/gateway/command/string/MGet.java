package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/** {@code MGET key...}: the values, null for a key that is absent or holds no string. */
public record MGet(int database, byte[][] keys) implements DataCommand.OfKeys {

    public static final CommandSpec SPEC = CommandSpec.of("MGET", -2, "1.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .keys(1, -1, 1, KeySpec.Access.READ);

    public static MGet parse(Arguments arguments) throws CommandError {
        return new MGet(arguments.database(), arguments.nextKeys(arguments.remaining()));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        List<Reply> values = new ArrayList<>(keys.length);
        for (byte[] key : keys) {
            Entry entry = keyspace.open(key);
            boolean string = entry.exists() && entry.root().type() == RootType.STRING;
            values.add(string ? Reply.bulk(StringValue.of(entry).bytes()) : Reply.NULL);
        }
        return Reply.array(values);
    }
}
