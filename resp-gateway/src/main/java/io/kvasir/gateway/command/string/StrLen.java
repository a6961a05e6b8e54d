package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code STRLEN key}: the length in bytes, 0 if the key is absent. */
public record StrLen(int database, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("STRLEN", 2, "2.2.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ);

    public static StrLen parse(Arguments arguments) throws CommandError {
        return new StrLen(arguments.database(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return Reply.of(Keyspace.of(transaction, database).string(key).length());
    }
}
