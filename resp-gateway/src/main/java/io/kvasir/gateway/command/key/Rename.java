package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.KeyCopy;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.Arrays;
import java.util.List;

/**
 * {@code RENAME key newkey} and {@code RENAMENX key newkey}. The second leaves an existing new key alone and answers 0.
 * The records of a large value are written anew, so one larger than a command may write is refused.
 */
public record Rename(CommandSpec spec, int database, byte[] key, byte[] newKey) implements DataCommand {

    public static final CommandSpec RENAME = CommandSpec.of("RENAME", 3, "1.0.0")
            .flags(CommandFlag.WRITE)
            .categories(AclCategory.KEYSPACE)
            .key(KeySpec.Access.READ_WRITE)
            .keys(2, 2, 1, KeySpec.Access.WRITE);

    public static final CommandSpec RENAMENX = CommandSpec.of("RENAMENX", 3, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.KEYSPACE)
            .key(KeySpec.Access.READ_WRITE)
            .keys(2, 2, 1, KeySpec.Access.WRITE);

    /** Returns the row of {@code spec}, one of those above. */
    public static Command row(CommandSpec spec) {
        return new Command.Data(
                spec, arguments -> new Rename(spec, arguments.database(), arguments.nextKey(), arguments.nextKey()));
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of(key, newKey);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        boolean sparing = spec.equals(RENAMENX);
        Keyspace keyspace = Keyspace.of(transaction, database);
        Entry source = keyspace.open(key);
        if (!source.exists()) {
            throw CommandError.NO_SUCH_KEY;
        }
        if (Arrays.equals(key, newKey)) {
            return sparing ? Reply.ZERO : Reply.OK;
        }
        Entry target = keyspace.open(newKey);
        if (sparing && target.exists()) {
            return Reply.ZERO;
        }
        KeyCopy.copy(source, target);
        source.remove();
        source.event(KeyspaceEvent.RENAME_FROM);
        target.event(KeyspaceEvent.RENAME_TO);
        return sparing ? Reply.ONE : Reply.OK;
    }
}
