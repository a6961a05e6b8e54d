package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.rdb.RdbStream;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.StreamConsumer;
import io.kvasir.gateway.type.StreamEntry;
import io.kvasir.gateway.type.StreamGroup;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamPending;
import io.kvasir.gateway.type.StreamValue;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Whole streams, between the keyspace and the forms of DUMP. Stateless. */
final class StoredStreams {

    private StoredStreams() {}

    static RdbStream read(StreamValue stream) {
        List<RdbStream.Group> groups = new ArrayList<>();
        for (StreamGroup group : StreamGroup.all(stream)) {
            groups.add(read(group));
        }
        return new RdbStream(stream.entriesByNode(), stream.lastId(), stream.maxDeletedId(), stream.added(), groups);
    }

    private static RdbStream.Group read(StreamGroup group) {
        List<RdbStream.Consumer> consumers = new ArrayList<>();
        Map<StreamConsumer, Integer> places = new IdentityHashMap<>();
        for (StreamConsumer consumer : group.consumers()) {
            places.put(consumer, consumers.size());
            consumers.add(new RdbStream.Consumer(consumer.name(), consumer.seenMillis(), consumer.activeMillis()));
        }
        List<RdbStream.Pending> pending = new ArrayList<>();
        group.pendingBetween(StreamId.ZERO, StreamId.MAX, false, entry -> {
            int place = places.getOrDefault(group.consumer(entry.consumer()), -1);
            pending.add(new RdbStream.Pending(entry.id(), place, entry.deliveredMillis(), entry.deliveries()));
            return true;
        });
        return new RdbStream.Group(group.name(), group.lastId(), group.entriesRead(), pending, consumers);
    }

    /** @param each bytes counted for each record beside its own */
    static void claim(Keyspace keyspace, long each, RdbStream stream) throws CommandError {
        long bytes = each;
        for (List<StreamEntry> node : stream.nodes()) {
            for (StreamEntry entry : node) {
                bytes += each + entry.bytes();
            }
        }
        for (RdbStream.Group group : stream.groups()) {
            bytes += each + group.name().length + 2 * each * group.pending().size();
            for (RdbStream.Consumer consumer : group.consumers()) {
                bytes += 2 * (each + consumer.name().length);
            }
        }
        keyspace.claim(0, bytes);
    }

    /** Makes {@code value}, which is absent, what {@code stream} says. */
    static void add(StreamValue value, RdbStream stream) {
        value.restore(stream.nodes(), stream.lastId(), stream.added(), stream.maxDeletedId());
        for (RdbStream.Group group : stream.groups()) {
            long read = group.entriesRead() == RdbStream.Group.TO_BE_FOUND
                    ? value.readUpTo(group.lastId())
                    : group.entriesRead();
            add(StreamGroup.create(value, group.name(), group.lastId(), read), group);
        }
        value.store();
    }

    private static void add(StreamGroup made, RdbStream.Group group) {
        List<StreamConsumer> consumers = new ArrayList<>();
        for (RdbStream.Consumer consumer : group.consumers()) {
            StreamConsumer added = made.addConsumer(consumer.name());
            added.seen(consumer.seenMillis());
            if (consumer.activeMillis() >= 0) {
                added.active(consumer.activeMillis());
            }
            consumers.add(added);
        }
        for (RdbStream.Pending pending : group.pending()) {
            int consumer = consumers.get(pending.consumer()).number();
            made.putPending(
                    null, new StreamPending(pending.id(), consumer, pending.deliveredMillis(), pending.deliveries()));
        }
        made.store();
    }
}
