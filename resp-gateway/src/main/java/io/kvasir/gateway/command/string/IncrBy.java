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

/** {@code INCRBY key increment}: adds to a decimal integer, 0 if absent; returns the sum. */
public record IncrBy(int database, byte[] key, long delta) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("INCRBY", 3, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ_WRITE);

    public static IncrBy parse(Arguments arguments) throws CommandError {
        return new IncrBy(arguments.database(), arguments.nextKey(), arguments.nextLong());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return Reply.of(Keyspace.of(transaction, database).string(key).add(delta));
    }
}
