package io.kvasir.gateway.command.set;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/** {@code SMEMBERS key}: all members. */
public record SMembers(int database, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SMEMBERS", 2, "1.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.SET)
            .key(KeySpec.Access.READ);

    public static SMembers parse(Arguments arguments) throws CommandError {
        return new SMembers(arguments.database(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        List<Reply> found = new ArrayList<>();
        SetValue.open(Keyspace.of(transaction, database), key).forEach(member -> found.add(Reply.bulk(member)));
        return new Reply.SetOf(found);
    }
}
