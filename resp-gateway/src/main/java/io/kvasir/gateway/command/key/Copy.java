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
import java.util.Arrays;
import java.util.List;

/**
 * {@code COPY source destination [DB number] [REPLACE]}: 1 if the copy was made, 0 if there is no source or, without
 * REPLACE, a destination. A value whose records are more than one command may write is refused.
 */
public record Copy(int database, byte[] source, int targetDatabase, byte[] target, boolean replace)
        implements DataCommand {

    public static final CommandSpec SPEC = CommandSpec.of("COPY", -3, "6.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.KEYSPACE)
            .key(KeySpec.Access.READ)
            .keys(2, 2, 1, KeySpec.Access.WRITE);

    public static Copy parse(Arguments arguments) throws CommandError {
        byte[] source = arguments.nextKey();
        byte[] target = arguments.nextKey();
        int targetDatabase = arguments.database();
        boolean replace = false;
        while (arguments.hasNext()) {
            if (arguments.accept("REPLACE")) {
                replace = true;
            } else if (arguments.remaining() > 1 && arguments.accept("DB")) {
                targetDatabase = Databases.parse(arguments.next());
            } else {
                throw CommandError.SYNTAX;
            }
        }
        if (targetDatabase == arguments.database() && Arrays.equals(source, target)) {
            throw Databases.SAME_OBJECT;
        }
        return new Copy(arguments.database(), source, targetDatabase, target, replace);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of(source, target);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Entry from = Keyspace.of(transaction, database).open(source);
        if (!from.exists()) {
            return Reply.ZERO;
        }
        Entry to = Keyspace.of(transaction, targetDatabase).open(target);
        if (to.exists() && !replace) {
            return Reply.ZERO;
        }
        KeyCopy.copy(from, to);
        to.event(KeyspaceEvent.COPY_TO);
        return Reply.ONE;
    }
}
