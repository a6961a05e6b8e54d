package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/** {@code XDEL key id …}: removes entries; answers how many were there. */
public record XDel(int database, byte[] key, byte[][] ids) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("XDEL", -3, "5.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.STREAM)
            .key(KeySpec.Access.READ_WRITE);

    public static XDel parse(Arguments arguments) throws CommandError {
        return new XDel(arguments.database(), arguments.nextKey(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        if (!stream.exists()) {
            return Reply.ZERO;
        }
        long deleted = 0;
        for (StreamId id : parse(ids)) {
            if (stream.delete(id)) {
                deleted++;
            }
        }
        if (deleted > 0) {
            stream.store();
            stream.entry().event(KeyspaceEvent.XDEL);
        }
        return Reply.of(deleted);
    }

    /** Reads ids; as in Redis, only once there is a stream they may be of. */
    static List<StreamId> parse(byte[][] words) throws CommandError {
        List<StreamId> ids = new ArrayList<>(words.length);
        for (byte[] word : words) {
            ids.add(IdText.parse(word));
        }
        return ids;
    }
}
