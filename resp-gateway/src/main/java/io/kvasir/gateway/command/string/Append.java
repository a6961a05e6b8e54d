package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code APPEND key value}: adds to the end; returns the new length. */
public record Append(int database, byte[] key, byte[] value) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("APPEND", 3, "2.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ_WRITE);

    public static Append parse(Arguments arguments) throws CommandError {
        return new Append(arguments.database(), arguments.nextKey(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StringValue string = Keyspace.of(transaction, database).string(key);
        if (string.exists()) {
            string.write(string.length(), value);
        } else {
            string.replace(value);
        }
        string.entry().event(KeyspaceEvent.APPEND);
        return Reply.of(string.length());
    }
}
