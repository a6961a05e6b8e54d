package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.KeyCopy;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code MOVE key database}: 1 if the key was moved, 0 if it does not exist, or exists there already. */
public record Move(int database, byte[] key, int targetDatabase) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("MOVE", 3, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.KEYSPACE)
            .key(KeySpec.Access.READ_WRITE);

    public static Move parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        int targetDatabase = Databases.parse(arguments.next());
        if (targetDatabase == arguments.database()) {
            throw Databases.SAME_OBJECT;
        }
        return new Move(arguments.database(), key, targetDatabase);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Entry source = Keyspace.of(transaction, database).open(key);
        if (!source.exists()) {
            return Reply.ZERO;
        }
        Entry target = Keyspace.of(transaction, targetDatabase).open(key);
        if (target.exists()) {
            return Reply.ZERO;
        }
        KeyCopy.copy(source, target);
        source.remove();
        source.event(KeyspaceEvent.MOVE_FROM);
        target.event(KeyspaceEvent.MOVE_TO);
        return Reply.ONE;
    }
}
