package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StreamConsumer;
import io.kvasir.gateway.type.StreamGroup;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.region.Transaction;

/**
 * A group by its name, as most commands look for it.
 *
 * @param key of the stream
 */
record GroupName(byte[] key, byte[] name) {

    /**
     * Returns the group of {@code stream}.
     *
     * @param where what the error ends with
     * @throws CommandError "NOGROUP No such key…" if there is none
     */
    StreamGroup require(StreamValue stream, String where) throws CommandError {
        StreamGroup group = StreamGroup.find(stream, name);
        if (group == null) {
            throw new CommandError(
                    "NOGROUP No such key '" + quote(key) + "' or consumer group '" + quote(name) + "'" + where);
        }
        return group;
    }

    /**
     * Returns the group of {@code stream}, which is known to be there.
     *
     * @throws CommandError "NOGROUP No such consumer group…" if there is none
     */
    StreamGroup requireIn(StreamValue stream) throws CommandError {
        StreamGroup group = StreamGroup.find(stream, name);
        if (group == null) {
            throw new CommandError(
                    "NOGROUP No such consumer group '" + quote(name) + "' for key name '" + quote(key) + "'");
        }
        return group;
    }

    /** Returns the consumer named {@code name}, made if there is none, seen now. */
    static StreamConsumer seen(StreamValue stream, StreamGroup group, byte[] name, Transaction transaction) {
        StreamConsumer consumer = group.consumer(name);
        if (consumer == null) {
            consumer = group.addConsumer(name);
            stream.entry().event(KeyspaceEvent.XGROUP_CREATECONSUMER);
        }
        consumer.seen(transaction.timeMillis());
        return consumer;
    }

    private static String quote(byte[] word) {
        return CommandError.quote(word, Integer.MAX_VALUE);
    }
}
