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
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code TYPE key}: the name of the value's type, "none" if there is no value. */
public record Type(int database, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("TYPE", 2, "1.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.KEYSPACE)
            .key(KeySpec.Access.READ);

    private static final Reply NONE = new Reply.Status("none");

    public static Type parse(Arguments arguments) throws CommandError {
        return new Type(arguments.database(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) {
        Entry entry = Keyspace.of(transaction, database).open(key);
        return entry.exists() ? new Reply.Status(entry.root().type().replyName()) : NONE;
    }
}
