package io.kvasir.gateway.command;

import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.RootType;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import java.util.List;

/**
 * A command that has waited, run now that {@code key} was written: a value of another type there is none of its concern
 * (redis blocked.c, handleClientsBlockedOnKeys).
 */
public record Served(DataCommand command, byte[] key, RootType type) implements Invocation {

    @Override
    public Reply run(Transaction transaction) {
        try {
            var unused = Keyspace.of(transaction, command.database()).open(key).require(type);
        } catch (CommandError otherType) {
            return Reply.NULL;
        }
        return command.run(transaction);
    }

    @Override
    public boolean readOnly() {
        return command.readOnly();
    }

    @Override
    public boolean mayGrow() {
        return command.mayGrow();
    }

    @Override
    public int database() {
        return command.database();
    }

    @Override
    public List<byte[]> userKeys() {
        return command.userKeys();
    }
}
