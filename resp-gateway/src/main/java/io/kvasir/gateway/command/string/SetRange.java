package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code SETRANGE key offset value}: overwrites from the offset on; returns the new length. */
public record SetRange(int database, byte[] key, long offset, byte[] value) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SETRANGE", 4, "2.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ_WRITE);

    private static final CommandError NEGATIVE = new CommandError("ERR offset is out of range");

    public static SetRange parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        long offset = arguments.nextLong(0, Long.MAX_VALUE, NEGATIVE);
        return new SetRange(arguments.database(), key, offset, arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StringValue string = Keyspace.of(transaction, database).string(key);
        if (value.length > 0) {
            string.write(offset, value);
            string.entry().event(KeyspaceEvent.SETRANGE);
        }
        return Reply.of(string.length());
    }
}
