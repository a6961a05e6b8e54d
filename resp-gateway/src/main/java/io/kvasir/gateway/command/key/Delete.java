package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code DEL key …} and {@code UNLINK key …}: the number of keys removed. Both reclaim elements alike. */
public record Delete(CommandSpec spec, int database, byte[][] keys) implements DataCommand.OfKeys {

    public static final CommandSpec DEL = CommandSpec.of("DEL", -2, "1.0.0")
            .flags(CommandFlag.WRITE)
            .categories(AclCategory.KEYSPACE)
            .keys(1, -1, 1, KeySpec.Access.WRITE);

    public static final CommandSpec UNLINK = CommandSpec.of("UNLINK", -2, "4.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.KEYSPACE)
            .keys(1, -1, 1, KeySpec.Access.WRITE);

    /** Returns the row of {@code spec}, one of those above. */
    public static Command row(CommandSpec spec) {
        return new Command.Data(
                spec, arguments -> new Delete(spec, arguments.database(), arguments.nextKeys(arguments.remaining())));
    }

    @Override
    public Reply execute(Transaction transaction) {
        Keyspace keyspace = Keyspace.of(transaction, database);
        long removed = 0;
        for (byte[] key : keys) {
            Entry entry = keyspace.open(key);
            if (entry.exists()) {
                entry.remove();
                entry.event(KeyspaceEvent.DEL);
                removed++;
            }
        }
        return Reply.of(removed);
    }
}
