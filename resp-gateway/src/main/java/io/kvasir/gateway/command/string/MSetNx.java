package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code MSETNX key value...}: sets all keys if none of them exists; 1 if it did. */
public record MSetNx(int database, byte[][] keys, byte[][] values) implements DataCommand.OfKeys {

    public static final CommandSpec SPEC = CommandSpec.of("MSETNX", -3, "1.0.1")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.STRING)
            .keys(1, -1, 2, KeySpec.Access.WRITE);

    public static MSetNx parse(Arguments arguments) throws CommandError {
        int count = arguments.remaining() / 2;
        if (arguments.remaining() % 2 != 0) {
            throw CommandError.wrongArity(SPEC.replyName());
        }
        byte[][] keys = new byte[count][];
        byte[][] values = new byte[count][];
        for (int i = 0; i < count; i++) {
            keys[i] = arguments.nextKey();
            values[i] = arguments.next();
        }
        return new MSetNx(arguments.database(), keys, values);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        for (byte[] key : keys) {
            if (keyspace.open(key).exists()) {
                return Reply.ZERO;
            }
        }
        StringValue.replaceAll(keyspace, keys, values);
        return Reply.ONE;
    }
}
