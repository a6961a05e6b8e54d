package io.kvasir.gateway.rdb;

import io.kvasir.gateway.type.StreamEntry;
import io.kvasir.gateway.type.StreamId;
import java.util.List;

/**
 * A stream in memory.
 *
 * @param nodes its entries, in the nodes in which Redis keeps them; none is empty
 * @param maxDeletedId the largest id of an entry that was removed, {@link StreamId#ZERO} if that is not known
 * @param added how many entries were ever added
 */
public record RdbStream(
        List<List<StreamEntry>> nodes, StreamId lastId, StreamId maxDeletedId, long added, List<Group> groups)
        implements RdbValue {

    public RdbStream {
        nodes = List.copyOf(nodes);
        groups = List.copyOf(groups);
    }

    /**
     * A group of consumers.
     *
     * @param entriesRead -1 if that is not known, -2 if it is to be found out
     * @param pending in the order of ids, each of one consumer
     */
    public record Group(
            byte[] name, StreamId lastId, long entriesRead, List<Pending> pending, List<Consumer> consumers) {

        /** What {@link #entriesRead} is in files older than that number. */
        public static final long TO_BE_FOUND = -2;

        public Group {
            pending = List.copyOf(pending);
            consumers = List.copyOf(consumers);
        }
    }

    /**
     * An entry that was delivered and not acknowledged.
     *
     * @param consumer index of its consumer
     * @param deliveredMillis since the Unix epoch
     */
    public record Pending(StreamId id, int consumer, long deliveredMillis, long deliveries) {}

    /**
     * A consumer; times are since the Unix epoch.
     *
     * @param activeMillis -1 if it never got an entry
     */
    public record Consumer(byte[] name, long seenMillis, long activeMillis) {}

    /** Returns the number of entries. */
    public long length() {
        return nodes.stream().mapToLong(List::size).sum();
    }
}
