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

/** {@code DECRBY key decrement}: subtracts from a decimal integer, 0 if absent; returns the difference. */
public record DecrBy(int database, byte[] key, long delta) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("DECRBY", 3, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ_WRITE);

    private static final CommandError NO_OPPOSITE = new CommandError("ERR decrement would overflow");

    public static DecrBy parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        long delta = arguments.nextLong();
        if (delta == Long.MIN_VALUE) {
            throw NO_OPPOSITE;
        }
        return new DecrBy(arguments.database(), key, delta);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return Reply.of(Keyspace.of(transaction, database).string(key).add(-delta));
    }
}
