package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.LongDouble;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code INCRBYFLOAT key increment}: adds to a decimal number, 0 if absent; returns the sum. Redis looks at the key's
 * type before it reads the increment (t_string.c).
 */
public record IncrByFloat(int database, byte[] key, byte[] increment) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("INCRBYFLOAT", 3, "2.6.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ_WRITE);

    public static IncrByFloat parse(Arguments arguments) throws CommandError {
        return new IncrByFloat(arguments.database(), arguments.nextKey(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StringValue string = Keyspace.of(transaction, database).string(key);
        LongDouble old = string.exists() ? LongDouble.parse(string.bytes()) : LongDouble.ZERO;
        byte[] sum = old.add(LongDouble.parse(increment)).text();
        string.replace(sum);
        string.entry().event(KeyspaceEvent.INCRBYFLOAT);
        return Reply.bulk(sum);
    }
}
