package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.StreamGroup;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamPending;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code XACK key group id …}: the entries are pending no more; answers how many were. */
public record XAck(int database, byte[] key, byte[] group, byte[][] ids) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("XACK", -4, "5.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.STREAM)
            .key(KeySpec.Access.READ_WRITE);

    public static XAck parse(Arguments arguments) throws CommandError {
        return new XAck(arguments.database(), arguments.nextKey(), arguments.next(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        StreamGroup found = StreamGroup.find(stream, group);
        if (found == null) {
            return Reply.ZERO;
        }
        long acknowledged = 0;
        for (StreamId id : XDel.parse(ids)) {
            StreamPending pending = found.findPending(id);
            if (pending != null) {
                found.removePending(pending);
                acknowledged++;
            }
        }
        if (acknowledged > 0) {
            found.store();
            stream.store();
        }
        return Reply.of(acknowledged);
    }
}
