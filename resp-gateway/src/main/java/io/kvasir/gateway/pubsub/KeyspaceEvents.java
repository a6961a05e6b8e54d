package io.kvasir.gateway.pubsub;

import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.region.EventCode;
import io.kvasir.region.range.ApplyListener;
import io.kvasir.region.range.Entry;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.region.range.RangeTable;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Tells this gateway's subscribers of keyspace events ("Redis keyspace notifications"), from what the replicas beside
 * it apply: each event of a commit once, in the order of the range's log, whoever leads the range. A replica that is
 * sent a snapshot skips the events before it.
 *
 * <p>What was committed before this process served is applied again when it starts, and told to nobody: the events of
 * an entry count if its timestamp is above {@link #from}.
 *
 * <p>Called by the applying threads of all ranges.
 */
final class KeyspaceEvents implements ApplyListener {

    /** Flushed instances whose database is remembered for events that were applied together with the flush. */
    private static final int REMEMBERED_MAX = 4_096;

    private final RangeTable ranges;
    private final Supplier<EventClasses> classes;
    private final Subscribers subscribers;
    private final Map<Integer, Integer> databases = new ConcurrentHashMap<>();
    private volatile long fromTimestamp = Long.MAX_VALUE;

    KeyspaceEvents(RangeTable ranges, Supplier<EventClasses> classes, Subscribers subscribers) {
        this.ranges = ranges;
        this.classes = classes;
        this.subscribers = subscribers;
    }

    /** Tells of what is committed after {@code timestamp} from now on. */
    void from(long timestamp) {
        fromTimestamp = timestamp;
    }

    @Override
    public void applied(RegionId region, long index, Entry entry) {
        EventClasses wanted = classes.get();
        if (!wanted.any() || entry.timestamp() <= fromTimestamp) {
            return;
        }
        for (CommandEffects command : entry.commands()) {
            for (Event event : command.events()) {
                if (event.code().equals(EventCode.AUTHOR)) {
                    continue;
                }
                KeyspaceEvent what = KeyspaceEvent.of(event.code());
                if (wanted.has(what)) {
                    databaseOf(region, KeyLayout.instanceOf(event.rootKey()))
                            .ifPresent(database -> tell(wanted, what, database, KeyLayout.userKeyOf(event.rootKey())));
                }
            }
        }
    }

    private void tell(EventClasses wanted, KeyspaceEvent what, int database, byte[] key) {
        byte[] name = what.eventName().getBytes(StandardCharsets.US_ASCII);
        if (wanted.byKey()) {
            subscribers.deliver(Topic.CHANNEL, channel("__keyspace@", database, key), name);
        }
        if (wanted.byEvent()) {
            subscribers.deliver(Topic.CHANNEL, channel("__keyevent@", database, name), key);
        }
    }

    private static byte[] channel(String kind, int database, byte[] rest) {
        byte[] start = (kind + database + "__:").getBytes(StandardCharsets.US_ASCII);
        byte[] channel = new byte[start.length + rest.length];
        System.arraycopy(start, 0, channel, 0, start.length);
        System.arraycopy(rest, 0, channel, start.length, rest.length);
        return channel;
    }

    /** Returns the database of {@code instance}; if it has just been flushed, the one it had. */
    private OptionalInt databaseOf(RegionId region, int instance) {
        OptionalInt now =
                ranges.find(region).map(range -> range.database(instance)).orElseGet(OptionalInt::empty);
        if (now.isPresent()) {
            if (databases.size() >= REMEMBERED_MAX) {
                databases.clear();
            }
            databases.put(instance, now.getAsInt());
            return now;
        }
        Integer before = databases.get(instance);
        return before == null ? OptionalInt.empty() : OptionalInt.of(before);
    }
}
