package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code EXISTS key …} and {@code TOUCH key …}: the number of keys that exist, each as often as it is named. */
public record Exists(CommandSpec spec, int database, byte[][] keys) implements DataCommand.OfKeys {

    public static final CommandSpec EXISTS = CommandSpec.of("EXISTS", -2, "1.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.KEYSPACE)
            .keys(1, -1, 1, KeySpec.Access.READ);

    public static final CommandSpec TOUCH = CommandSpec.of("TOUCH", -2, "3.2.1")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.KEYSPACE)
            .keys(1, -1, 1, KeySpec.Access.READ);

    /** Returns the row of {@code spec}, one of those above. */
    public static Command row(CommandSpec spec) {
        return new Command.Data(
                spec, arguments -> new Exists(spec, arguments.database(), arguments.nextKeys(arguments.remaining())));
    }

    @Override
    public Reply execute(Transaction transaction) {
        Keyspace keyspace = Keyspace.of(transaction, database);
        long found = 0;
        for (byte[] key : keys) {
            if (keyspace.open(key).exists()) {
                found++;
            }
        }
        return Reply.of(found);
    }
}
