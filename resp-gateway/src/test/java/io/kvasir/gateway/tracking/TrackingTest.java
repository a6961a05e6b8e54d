package io.kvasir.gateway.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.database.LocalRanges;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.EventCode;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.range.Effect;
import io.kvasir.region.range.Entry;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.range.Entry.Event;
import io.kvasir.region.range.Range;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Clients of one gateway that keep what they read, over a leader elsewhere and the replica here, which applies what the
 * leader has written some time later. Everything that may come in another order does, by a seed.
 */
final class TrackingTest {

    private static final RegionId REGION = new RegionId(1);
    private static final long GATEWAY = 77;
    private static final int SEEDS = 400;
    private static final int STEPS = 400;
    private static final int KEYS = 4;
    private static final int CLIENTS = 3;

    private final LocalRanges ranges =
            new LocalRanges(new MemoryEngine(), new ProcedureTable(List.of()), new LocalRanges.Counter());
    private final Map<Long, Tracker> trackers = new HashMap<>();
    private final Queue<Runnable> timers = new ArrayDeque<>();
    private long nanos;
    private boolean level = true;
    private long keysMax;

    private Tracking tracking() {
        Tracking tracking = new Tracking(trackers::get, () -> keysMax, 1 << 20);
        Range range = ranges.table().find(REGION).orElseThrow();
        RegionDescriptor whole = range.descriptor();
        StreamWatch watch = new StreamWatch(
                () -> List.of(whole),
                ranges.table(),
                (region, since, whenLevel, unknown) -> (level ? whenLevel : unknown).run(),
                () -> nanos,
                (millis, task) -> timers.add(task));
        tracking.connect(ranges.table(), GATEWAY, watch);
        return tracking;
    }

    /** A client that keeps what it reads until it is told otherwise. */
    private final class Client {

        final Tracker tracker;
        final Map<String, Integer> kept = new HashMap<>();
        final List<String> told = new ArrayList<>();

        Client(long id) {
            tracker = new Tracker(id, () -> true, () -> false, this::hear, this::hear);
            trackers.put(id, tracker);
        }

        private void hear(Reply message) {
            Reply what = ((Reply.Push) message).elements().get(1);
            if (what instanceof Reply.Array(List<Reply> keys)) {
                for (Reply key : keys) {
                    String name = new String(((Reply.Bulk) key).bytes(), StandardCharsets.ISO_8859_1);
                    told.add(name);
                    kept.remove(name);
                }
            } else {
                told.add("all");
                kept.clear();
            }
        }
    }

    /** A read of one key on its way. */
    private static final class Read {

        final Client client;
        final String key;
        final TrackedRead tracked;

        @Nullable
        Integer version;

        Read(Client client, String key, TrackedRead tracked) {
            this.client = client;
            this.key = key;
            this.tracked = tracked;
        }
    }

    private static TrackingMode mode(boolean broadcast, boolean noLoop) {
        return new TrackingMode(broadcast, false, false, noLoop, 0, List.of());
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Entry entry(@Nullable Tracker author, Effect... effects) {
        List<Event> events = author == null
                ? List.of()
                : List.of(new Event(
                        EventCode.AUTHOR,
                        new WireWriter().i64(GATEWAY).i64(author.id()).toBytes()));
        CommandEffects command = new CommandEffects(0, Optional.empty(), Optional.empty(), List.of(effects), events);
        return new Entry(REGION, Epoch.FIRST, ChainLink.NONE, 1, 0, List.of(command));
    }

    private static Effect put(String key) {
        return new Effect.Put(Family.NEWEST, KeyLayout.root(0, bytes(key)), new byte[0]);
    }

    @Test
    void nothingIsKeptThatHasChangedWhateverComesFirst() {
        for (int seed = 0; seed < SEEDS; seed++) {
            play(seed);
        }
    }

    private void play(int seed) {
        trackers.clear();
        Random random = new Random(seed);
        keysMax = random.nextInt(3) == 0 ? 2 : 0;
        Tracking tracking = tracking();
        List<Client> clients = new ArrayList<>();
        for (int i = 1; i <= CLIENTS; i++) {
            Client client = new Client(i);
            clients.add(client);
            tracking.on(client.tracker, mode(i == CLIENTS, false));
        }
        Map<String, Integer> atLeader = new HashMap<>();
        Queue<Entry> notApplied = new ArrayDeque<>();
        List<Read> reads = new ArrayList<>();
        for (int step = 0; step < STEPS || !reads.isEmpty() || !notApplied.isEmpty(); step++) {
            boolean ending = step >= STEPS;
            switch (random.nextInt(5)) {
                case 0 -> {
                    String key = "k" + random.nextInt(KEYS);
                    Client client = clients.get(random.nextInt(CLIENTS));
                    if (!ending && !client.kept.containsKey(key)) {
                        reads.add(new Read(client, key, tracking.reading(client.tracker, List.of(bytes(key)))));
                    }
                }
                case 1 -> {
                    String key = "k" + random.nextInt(KEYS);
                    if (!ending) {
                        atLeader.merge(key, 1, Integer::sum);
                        notApplied.add(entry(null, put(key)));
                    }
                }
                case 2 -> {
                    if (!notApplied.isEmpty()) {
                        tracking.applied(REGION, 1, notApplied.remove());
                    }
                }
                default -> {
                    if (!reads.isEmpty()) {
                        goOn(tracking, reads, random.nextInt(reads.size()), atLeader);
                    }
                }
            }
        }
        for (Client client : clients) {
            client.kept.forEach((key, version) ->
                    assertEquals(atLeader.getOrDefault(key, 0), version, key + " is kept too long, seed " + seed));
        }
    }

    /** Evaluates a read at the leader, or writes its reply: those of one client in their order. */
    private static void goOn(Tracking tracking, List<Read> reads, int which, Map<String, Integer> atLeader) {
        Read read = reads.get(which);
        if (read.version == null) {
            read.version = atLeader.getOrDefault(read.key, 0);
        } else if (reads.stream()
                        .filter(each -> each.client == read.client)
                        .findFirst()
                        .orElseThrow()
                == read) {
            reads.remove(which);
            read.client.kept.put(read.key, read.version);
            tracking.answered(read.tracked);
        }
    }

    @Test
    void aClientIsNotToldOfItsOwnChangesIfItDoesNotWantToBe() {
        Tracking tracking = tracking();
        Client client = new Client(1);
        Client other = new Client(2);
        tracking.on(client.tracker, mode(false, true));
        tracking.on(other.tracker, mode(true, true));
        tracking.answered(tracking.reading(client.tracker, List.of(bytes("a"), bytes("b"))));
        tracking.applied(REGION, 1, entry(client.tracker, put("a")));
        tracking.applied(REGION, 2, entry(other.tracker, put("b")));
        assertEquals(List.of("b"), client.told);
        assertEquals(List.of("a"), other.told);
    }

    @Test
    void aReplicaThatSkipsOrFallsBehindMakesClientsForgetAll() {
        Tracking tracking = tracking();
        Client client = new Client(1);
        tracking.on(client.tracker, mode(false, false));
        tracking.answered(tracking.reading(client.tracker, List.of(bytes("a"))));
        tracking.skipped(REGION);
        assertEquals(List.of("all"), client.told);
        tracking.answered(tracking.reading(client.tracker, List.of(bytes("a"))));
        level = false;
        for (int second = 0; second < 5; second++) {
            nanos += TimeUnit.SECONDS.toNanos(1);
            timers.remove().run();
        }
        assertTrue(client.told.size() >= 2, "nobody noticed that the replica is cut off");
        client.told.clear();
        tracking.answered(tracking.reading(client.tracker, List.of(bytes("a"))));
        assertEquals(List.of("a"), client.told);
        level = true;
        nanos += TimeUnit.SECONDS.toNanos(1);
        timers.remove().run();
        nanos += TimeUnit.SECONDS.toNanos(1);
        timers.remove().run();
        client.told.clear();
        tracking.answered(tracking.reading(client.tracker, List.of(bytes("a"))));
        assertEquals(List.of(), client.told);
    }

    @Test
    void theTableKeepsItsBoundByTellingOfKeysThatMustGo() {
        keysMax = 3;
        Tracking tracking = tracking();
        Client client = new Client(1);
        tracking.on(client.tracker, mode(false, false));
        for (int i = 0; i < 10; i++) {
            tracking.answered(tracking.reading(client.tracker, List.of(bytes("k" + i))));
        }
        assertEquals(7, client.told.size());
        assertEquals(3, tracking.keys());
        assertEquals(3, tracking.items());
    }

    @Test
    void namesOfNoDatabaseAreNotTold() {
        Tracking tracking = tracking();
        Client client = new Client(1);
        tracking.on(client.tracker, mode(true, false));
        tracking.applied(REGION, 1, entry(null, new Effect.Delete(Family.NEWEST, KeyLayout.root(99, bytes("hidden")))));
        tracking.applied(
                REGION,
                2,
                entry(
                        null,
                        new Effect.Put(Family.LOCK, KeyLayout.root(0, bytes("locked")), new byte[0]),
                        new Effect.Delete(Family.NEWEST, KeyLayout.root(0, bytes("shown")))));
        assertEquals(List.of("shown"), client.told);
        tracking.applied(REGION, 3, entry(null, new Effect.MapInstance(0, 5)));
        assertEquals(List.of("shown", "all"), client.told);
    }
}
