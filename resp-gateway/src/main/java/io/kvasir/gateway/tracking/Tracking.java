package io.kvasir.gateway.tracking;

import io.kvasir.gateway.command.database.Databases;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.region.EventCode;
import io.kvasir.region.range.ApplyListener;
import io.kvasir.region.range.Effect;
import io.kvasir.region.range.Entry;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.store.engine.Family;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Client-side caching (CLIENT TRACKING, redis tracking.c): tells clients of this gateway which keys they may no longer
 * keep.
 *
 * <p><b>Model.</b> What changed is heard from the replicas beside the gateway, which apply every entry of their ranges
 * in order, whoever leads them: each root record that an entry writes or deletes is a key that changed.
 *
 * <p><b>Invariant.</b> A client that keeps what a read answered is told when the key changes after the read was
 * evaluated. So the read stands in the table <em>before</em> it is evaluated: a change that the read does not show is
 * proposed after it was evaluated, and so applied here after the read was entered. And because the change may be
 * applied here before the reply comes from another node, a change of a key while it is read is told after the reply is
 * written; told before it, the client would keep the old value for ever.
 *
 * <p>The stream may fail: a replica is sent a snapshot in place of entries, is cut off, falls behind, or there is none
 * here of some range. {@link StreamWatch} finds that out; then clients are told to forget all, and as long as it lasts
 * what they read in such a range is told changed right after the reply.
 *
 * <p>Names of keys have one char a byte. As in Redis they are told apart by name alone, whatever their database.
 *
 * <p>Safe for any thread.
 */
public final class Tracking implements ApplyListener {

    private static final byte[] CHANNEL = "__redis__:invalidate".getBytes(StandardCharsets.US_ASCII);

    private final LongFunction<@Nullable Tracker> trackers;
    private final TrackingTable table;
    private final Set<Tracker> clients = ConcurrentHashMap.newKeySet();
    private final Map<String, Set<Tracker>> byPrefix = new ConcurrentHashMap<>();
    private volatile @Nullable Stream stream;
    private volatile long lastFlush;

    private record Stream(RangeTable ranges, long gateway, StreamWatch watch) {}

    /**
     * @param trackers finds the client of a number, null if there is none
     * @param keysMax most keys to remember, 0 for no such bound
     * @param bytesMax most bytes of memory for them, about
     */
    public Tracking(LongFunction<@Nullable Tracker> trackers, LongSupplier keysMax, long bytesMax) {
        this.trackers = trackers;
        this.table = new TrackingTable(keysMax, bytesMax);
    }

    /**
     * Says where changes are heard from: before this is called no key is remembered.
     *
     * @param gateway the number of this gateway among the authors of changes
     * @param watch of the stream of changes; begun here
     */
    public void connect(RangeTable ranges, long gateway, StreamWatch watch) {
        stream = new Stream(ranges, gateway, watch);
        watch.begin(this);
    }

    /** Tells the client of {@code tracker} of changes from now on. */
    public void on(Tracker tracker, TrackingMode mode) {
        TrackingMode before = tracker.mode();
        Set<String> prefixes = new TreeSet<>(mode.prefixes());
        if (mode.broadcast() && prefixes.isEmpty()) {
            prefixes.add("");
        }
        if (before != null) {
            prefixes.addAll(before.prefixes());
        }
        tracker.mode(new TrackingMode(
                mode.broadcast(), mode.optIn(), mode.optOut(), mode.noLoop(), mode.redirect(), List.copyOf(prefixes)));
        prefixes.forEach(prefix -> byPrefix.computeIfAbsent(prefix, _ -> ConcurrentHashMap.newKeySet())
                .add(tracker));
        clients.add(tracker);
        Stream heard = stream;
        if (before == null && heard != null) {
            heard.watch.look();
        }
    }

    /** Tells it no more. */
    public void off(Tracker tracker) {
        TrackingMode before = tracker.mode();
        if (before == null) {
            return;
        }
        tracker.mode(null);
        clients.remove(tracker);
        before.prefixes()
                .forEach(prefix -> byPrefix.computeIfPresent(prefix, (_, all) -> {
                    all.remove(tracker);
                    return all.isEmpty() ? null : all;
                }));
    }

    /** Returns how many clients are told of changes. */
    public int clients() {
        return clients.size();
    }

    /** Returns how many keys are remembered. */
    public long keys() {
        return table.keys();
    }

    /** Returns how many clients are remembered, for each key. */
    public long items() {
        return table.items();
    }

    /** Returns how many prefixes are broadcast. */
    public int prefixes() {
        return byPrefix.size();
    }

    /**
     * The client is about to read {@code keys}; called before any of them is looked at.
     *
     * @return to be given to {@link #answered} right after the reply is written
     */
    public TrackedRead reading(Tracker tracker, Collection<byte[]> keys) {
        Set<String> names = new LinkedHashSet<>();
        Stream heard = stream;
        tracker.emptied = false;
        TrackedRead read =
                new TrackedRead(tracker, keys.stream().map(Tracking::text).toList());
        for (byte[] key : keys) {
            String name = text(key);
            if (heard == null || !names.add(name)) {
                continue;
            }
            table.add(name, read);
            if (!heard.watch.follows(Slot.of(key))) {
                boolean unused = table.settle(name, read, false); // it is told once it is answered
            }
        }
        for (String surplus = table.surplus(); surplus != null; surplus = table.surplus()) {
            changed(List.of(surplus), null);
        }
        return read;
    }

    /** The reply to {@code read} is written: what changed meanwhile is told now, the rest when it changes. */
    public void answered(TrackedRead read) {
        TrackingMode mode = read.tracker.mode();
        boolean keep = mode != null && !mode.broadcast();
        for (String key : read.keys) {
            if (!table.settle(key, read, keep) && !read.forgiven.contains(key)) {
                tell(read.tracker, List.of(key), false);
            }
        }
    }

    @Override
    public void applied(RegionId region, long index, Entry entry) {
        Stream heard = stream;
        if (clients.isEmpty() || heard == null) {
            return;
        }
        Range range = heard.ranges.find(region).orElse(null);
        for (CommandEffects command : entry.commands()) {
            Tracker author = author(command, heard.gateway);
            List<String> keys = new ArrayList<>();
            boolean flush = false;
            for (Effect effect : command.effects()) {
                byte[] root =
                        switch (effect) {
                            case Effect.Put(Family family, byte[] key, byte[] _) -> rootOf(family, key);
                            case Effect.Delete(Family family, byte[] key) -> rootOf(family, key);
                            case Effect.MapInstance _ -> {
                                flush = true;
                                yield null;
                            }
                            case Effect.DeleteRange _,
                                    Effect.AddKeys _,
                                    Effect.ForgetInstance _,
                                    Effect.KeepPast _,
                                    Effect.RecordChecksum _,
                                    Effect.Split _,
                                    Effect.Members _ -> null;
                        };
                if (root != null && range != null && isSeen(range, KeyLayout.instanceOf(root))) {
                    keys.add(text(KeyLayout.userKeyOf(root)));
                }
            }
            changed(keys, author);
            broadcast(keys, author);
            if (flush) {
                flushed(command.version(entry.timestamp()).timestamp(), author);
            }
        }
    }

    @Override
    public void skipped(RegionId region) {
        forgetAll();
    }

    /** Has all clients forget all: what changed is not known. */
    void forgetAll() {
        table.clear();
        clients.forEach(client -> tellAll(client, false));
    }

    /** Has the clients that are broadcast to forget all. */
    void forgetBroadcast() {
        clients.stream().filter(Tracking::isBroadcast).forEach(client -> tellAll(client, false));
    }

    /** Returns whether anybody may keep anything, as far as is known. */
    boolean isIdle() {
        return table.isEmpty() && byPrefix.isEmpty();
    }

    /** Returns whether anybody is broadcast to. */
    boolean broadcasts() {
        return !byPrefix.isEmpty();
    }

    /** A database was flushed in one range; the others follow at the same timestamp. */
    private void flushed(long timestamp, @Nullable Tracker author) {
        boolean again = timestamp == lastFlush;
        lastFlush = timestamp;
        table.clear();
        for (Tracker client : clients) {
            if (!again || !client.emptied || isBroadcast(client)) {
                tellAll(client, client == author);
            }
        }
    }

    private void changed(List<String> keys, @Nullable Tracker author) {
        for (String key : keys) {
            for (Interest each : table.take(key)) {
                switch (each) {
                    case Tracker client -> {
                        if (!isBroadcast(client) && !isOwn(client, author)) {
                            tell(client, List.of(key), client == author);
                        }
                    }
                    case TrackedRead read -> {
                        if (isOwn(read.tracker, author)) {
                            read.forgiven.add(key);
                        }
                    }
                    case Interest.Several _ -> throw new IllegalStateException("several within several");
                }
            }
        }
    }

    private void broadcast(List<String> keys, @Nullable Tracker author) {
        if (keys.isEmpty()) {
            return;
        }
        byPrefix.forEach((prefix, listeners) -> {
            List<String> ofPrefix = keys.stream()
                    .filter(key -> key.startsWith(prefix))
                    .sorted()
                    .distinct()
                    .toList();
            if (!ofPrefix.isEmpty()) {
                for (Tracker client : listeners) {
                    if (!isOwn(client, author)) {
                        tell(client, ofPrefix, client == author);
                    }
                }
            }
        });
    }

    private @Nullable Tracker author(CommandEffects command, long gateway) {
        for (Event event : command.events()) {
            if (event.code().equals(EventCode.AUTHOR)) {
                WireReader in = new WireReader(event.rootKey());
                return in.i64() == gateway ? trackers.apply(in.i64()) : null;
            }
        }
        return null;
    }

    /** Returns whether {@code client} does not want to hear of what it changed itself, and did. */
    private static boolean isOwn(Tracker client, @Nullable Tracker author) {
        TrackingMode mode = client.mode();
        return client == author && mode != null && mode.noLoop();
    }

    private static boolean isBroadcast(Tracker client) {
        TrackingMode mode = client.mode();
        return mode != null && mode.broadcast();
    }

    private void tellAll(Tracker client, boolean own) {
        client.emptied = true;
        send(client, Reply.NULL, own);
    }

    private void tell(Tracker client, List<String> keys, boolean own) {
        List<Reply> names = new ArrayList<>();
        keys.forEach(key -> names.add(Reply.bulk(key.getBytes(StandardCharsets.ISO_8859_1))));
        send(client, Reply.array(names), own);
    }

    /**
     * Sends {@code what} changed to {@code client}, or to whom it redirects (redis tracking.c, sendTrackingMessage).
     */
    private void send(Tracker client, Reply what, boolean own) {
        TrackingMode mode = client.mode();
        if (mode == null) {
            return;
        }
        Reply push = new Reply.Push(List.of(Reply.bulk("invalidate"), what));
        if (mode.redirect() == 0) {
            if (client.speaksResp3()) {
                if (own) {
                    client.sendAfterReplies(push);
                } else {
                    client.send(push);
                }
            }
            return;
        }
        Tracker other = trackers.apply(mode.redirect());
        if (other == null) {
            client.redirectionBroken();
            if (client.speaksResp3()) {
                client.send(new Reply.Push(List.of(Reply.bulk("tracking-redir-broken"), Reply.of(mode.redirect()))));
            }
        } else if (other.speaksResp3()) {
            other.send(push);
        } else if (other.isSubscriber()) {
            other.send(new Reply.Push(List.of(Reply.bulk("message"), Reply.bulk(CHANNEL), what)));
        }
    }

    /** Returns whether an instance is that of a database: others were flushed, or no client sees them. */
    private static boolean isSeen(Range range, int instance) {
        return range.database(instance).orElse(Databases.COUNT) < Databases.COUNT;
    }

    private static byte @Nullable [] rootOf(Family family, byte[] key) {
        return family == Family.NEWEST && KeyLayout.isRoot(key) ? key : null;
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.ISO_8859_1);
    }
}
