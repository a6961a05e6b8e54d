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

/** {@code SETEX key seconds value}: sets a value that expires after so many seconds. */
public record SetEx(int database, byte[] key, Expiry expiry, byte[] value) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SETEX", 4, "2.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.WRITE);

    public static SetEx parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        Expiry expiry = Expiry.of(Expiry.Unit.EX, arguments.next());
        return new SetEx(arguments.database(), key, expiry, arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Entry entry = Keyspace.of(transaction, database).open(key);
        StringValue.replace(entry, value, expiry.resolve(transaction, 0, "setex"));
        entry.event(KeyspaceEvent.SET);
        entry.event(KeyspaceEvent.EXPIRE);
        return Reply.OK;
    }
}
