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

/** {@code GETDEL key}: returns the value and removes the key. */
public record GetDel(int database, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("GETDEL", 2, "6.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ_WRITE);

    public static GetDel parse(Arguments arguments) throws CommandError {
        return new GetDel(arguments.database(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StringValue string = Keyspace.of(transaction, database).string(key);
        if (!string.exists()) {
            return Reply.NULL;
        }
        Reply old = Reply.bulk(string.bytes());
        string.entry().remove();
        string.entry().event(KeyspaceEvent.DEL);
        return old;
    }
}
