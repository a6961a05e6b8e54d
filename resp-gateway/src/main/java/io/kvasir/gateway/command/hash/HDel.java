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
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code HDEL key field …}: the number of fields removed. */
public record HDel(int database, byte[] key, byte[][] fields) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("HDEL", -3, "2.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ_WRITE);

    public static HDel parse(Arguments arguments) throws CommandError {
        return new HDel(arguments.database(), arguments.nextKey(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        HashValue hash = HashValue.open(Keyspace.of(transaction, database), key);
        long removed = 0;
        for (byte[] field : fields) {
            if (hash.size() > 0 && hash.remove(field)) {
                removed++;
            }
        }
        if (removed > 0) {
            hash.store();
            hash.entry().event(KeyspaceEvent.HDEL);
            if (hash.size() == 0) {
                hash.entry().event(KeyspaceEvent.DEL);
            }
        }
        return Reply.of(removed);
    }
}
