package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.StreamGroup;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import java.util.List;

/**
 * An XREADGROUP that has waited, run now that {@code key} was written: it ends if its group or stream is gone (redis
 * blocked.c, serveClientsBlockedOnStreamKey).
 */
record ServedGroup(XReadGroup command, byte[] key) implements Invocation {

    private static final Reply NO_STREAM = Reply.error("UNBLOCKED the stream key no longer exists");
    private static final Reply NO_GROUP =
            Reply.error("NOGROUP the consumer group this client was blocked on no longer exists");

    @Override
    public Reply run(Transaction transaction) {
        Keyspace keyspace = Keyspace.of(transaction, command.database());
        Entry entry = keyspace.open(key);
        if (!entry.exists() || entry.root().type() != RootType.STREAM) {
            return NO_STREAM;
        }
        try {
            byte[] group = command.words().group().orElseThrow().name();
            if (StreamGroup.find(StreamValue.open(keyspace, key), group) == null) {
                return NO_GROUP;
            }
        } catch (CommandError error) {
            return error.reply();
        }
        return command.run(transaction);
    }

    @Override
    public boolean readOnly() {
        return false;
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
