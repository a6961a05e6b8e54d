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

/** {@code SISMEMBER key member}: 1 if it is a member. */
public record SIsMember(int database, byte[] key, byte[] member) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SISMEMBER", 3, "1.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.SET)
            .key(KeySpec.Access.READ);

    public static SIsMember parse(Arguments arguments) throws CommandError {
        return new SIsMember(arguments.database(), arguments.nextKey(), arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SetValue set = SetValue.open(Keyspace.of(transaction, database), key);
        return set.contains(member) ? Reply.ONE : Reply.ZERO;
    }
}
