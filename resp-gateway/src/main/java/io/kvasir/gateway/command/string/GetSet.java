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

/** {@code GETSET key value}: sets the value and returns the old one; the expiry goes. */
public record GetSet(int database, byte[] key, byte[] value) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("GETSET", 3, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ_WRITE);

    public static GetSet parse(Arguments arguments) throws CommandError {
        return new GetSet(arguments.database(), arguments.nextKey(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StringValue string = Keyspace.of(transaction, database).string(key);
        Reply old = string.exists() ? Reply.bulk(string.bytes()) : Reply.NULL;
        StringValue.replace(string.entry(), value, 0);
        string.entry().event(KeyspaceEvent.SET);
        return old;
    }
}
