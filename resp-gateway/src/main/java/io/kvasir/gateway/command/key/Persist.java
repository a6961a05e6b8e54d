package io.kvasir.gateway.command.key;

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
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code PERSIST key}: takes the expiry away; 1 if there was one. */
public record Persist(int database, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("PERSIST", 2, "2.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.KEYSPACE)
            .key(KeySpec.Access.READ_WRITE);

    public static Persist parse(Arguments arguments) throws CommandError {
        return new Persist(arguments.database(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) {
        Entry entry = Keyspace.of(transaction, database).open(key);
        if (entry.expiryMillis() == 0) {
            return Reply.ZERO;
        }
        entry.setExpiry(0);
        entry.event(KeyspaceEvent.PERSIST);
        return Reply.ONE;
    }
}
