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
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code SETNX key value}: sets an absent key; 1 if it did. */
public record SetNx(int database, byte[] key, byte[] value) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SETNX", 3, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.WRITE);

    public static SetNx parse(Arguments arguments) throws CommandError {
        return new SetNx(arguments.database(), arguments.nextKey(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Entry entry = Keyspace.of(transaction, database).open(key);
        if (entry.exists()) {
            return Reply.ZERO;
        }
        StringValue.replace(entry, value, 0);
        entry.event(KeyspaceEvent.SET);
        return Reply.ONE;
    }
}
