package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.kvasir.gateway.command.CommandError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations on a stream and one group, against a {@link TreeMap} of entries and one of what is pending. Nodes
 * have few entries, chunks are left by long ones. The seed is printed with a failure.
 */
final class StreamModelTest {

    private static final byte[] KEY = {'s'};
    private static final byte[] GROUP = {'g'};
    private static final Thresholds FEW = new Thresholds(512, 64, 512, 128, 64, 128, 64, 3_000, -2, 4_096, 9);
    private static final int OPERATIONS = 2_000;

    private final NavigableMap<StreamId, String> entries = new TreeMap<>();
    private final NavigableMap<StreamId, String> pending = new TreeMap<>();
    private final Set<String> consumers = new HashSet<>();
    private final MapTransaction transaction = new MapTransaction(1);
    private SplittableRandom random = new SplittableRandom();
    private long next = 1;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aStreamIsWhatItsModelIs(long seed) throws CommandError {
        random = new SplittableRandom(seed);
        for (int i = 0; i < OPERATIONS; i++) {
            String story = "seed " + seed + ", operation " + i;
            transaction.begin();
            StreamValue stream = open();
            if (i == OPERATIONS / 8) {
                StreamGroup.create(stream, GROUP, StreamId.ZERO, 0).store();
            }
            change(stream, story);
            if (stream.exists() || stream.size() > 0) {
                stream.store();
            }
            transaction.check();
            look(story);
        }
    }

    private void change(StreamValue stream, String story) throws CommandError {
        StreamGroup group = StreamGroup.find(stream, GROUP);
        switch (random.nextInt(group == null ? 6 : 14)) {
            case 0 -> delete(stream, story);
            case 1 -> {
                if (random.nextInt(4) == 0) {
                    trim(stream, story);
                }
            }
            case 2, 3, 4, 5 -> {
                for (int more = random.nextInt(random.nextInt(10) == 0 ? 60 : 5); more > 0; more--) {
                    add(stream);
                }
            }
            case 6 -> {
                if (random.nextInt(8) == 0) {
                    Objects.requireNonNull(group).remove();
                    pending.clear();
                    consumers.clear();
                    StreamGroup.create(stream, GROUP, StreamId.ZERO, 0).store();
                }
            }
            default -> {
                changeGroup(Objects.requireNonNull(group));
                Objects.requireNonNull(group).store();
            }
        }
    }

    private void add(StreamValue stream) {
        next += random.nextInt(3);
        StreamId last = stream.lastId();
        StreamId id = next > last.millis() ? new StreamId(next, 0) : last.next();
        String value = random.nextInt(12) == 0 ? "x".repeat(random.nextInt(1_600)) : "v" + random.nextInt(1_000);
        byte[][] pairs = random.nextInt(5) == 0
                ? new byte[][] {bytes("other"), bytes("o"), bytes("f"), bytes(value)}
                : new byte[][] {bytes("f"), bytes(value)};
        stream.append(new StreamEntry(id, pairs));
        entries.put(id, text(pairs));
    }

    private void delete(StreamValue stream, String story) {
        for (int more = random.nextInt(8); more > 0; more--) {
            StreamId id = someId();
            assertEquals(entries.remove(id) != null, stream.delete(id), story);
        }
    }

    private void trim(StreamValue stream, String story) {
        boolean byId = random.nextBoolean();
        int length = random.nextInt(entries.size() + 2);
        StreamId minId = someId();
        long trimmed = stream.trim(new StreamTrim(byId, length, minId, false, 0));
        int before = entries.size();
        while (!entries.isEmpty() && (byId ? entries.firstKey().isBefore(minId) : entries.size() > length)) {
            entries.pollFirstEntry();
        }
        assertEquals(before - entries.size(), trimmed, story);
        long most = random.nextInt(entries.size() + 1);
        long more = stream.trim(new StreamTrim(false, most, minId, true, 0));
        for (long left = more; left > 0; left--) {
            entries.pollFirstEntry();
        }
        assertEquals(true, entries.size() >= most || more == 0, story);
    }

    private void changeGroup(StreamGroup group) throws CommandError {
        String name = "c" + random.nextInt(4);
        StreamConsumer consumer = group.consumer(bytes(name));
        if (consumer == null) {
            consumer = group.addConsumer(bytes(name));
            consumers.add(name);
        }
        StreamId id = someId();
        StreamPending old = group.findPending(id);
        switch (random.nextInt(8)) {
            case 0 -> {
                group.removeConsumer(consumer);
                consumers.remove(name);
                pending.values().removeIf(name::equals);
            }
            case 1, 2, 3 -> {
                if (old != null) {
                    group.removePending(old);
                    pending.remove(id);
                }
            }
            default -> {
                group.putPending(old, new StreamPending(id, consumer.number(), 5, 1));
                pending.put(id, name);
            }
        }
    }

    private void look(String story) throws CommandError {
        StreamValue stream = open();
        assertEquals(entries.size(), stream.size(), story);
        Entry entry = stream.entry();
        assertEquals(entry.exists() ? 1 + StreamValue.records(entry.root()) : 0, transaction.size(), story);
        assertEquals(entries.isEmpty() ? StreamId.ZERO : entries.firstKey(), stream.firstId(), story);
        assertEquals(entries.isEmpty() ? StreamId.ZERO : entries.lastKey(), stream.topId(), story);
        StreamId from = random.nextBoolean() ? StreamId.ZERO : someId();
        StreamId to = random.nextBoolean() ? StreamId.MAX : someId();
        boolean reverse = random.nextBoolean();
        List<StreamId> expected = new ArrayList<>();
        if (!from.isAfter(to)) {
            expected.addAll(entries.subMap(from, true, to, true).keySet());
        }
        if (reverse) {
            Collections.reverse(expected);
        }
        List<StreamId> found = new ArrayList<>();
        stream.range(from, to, reverse, each -> {
            found.add(each.id());
            assertEquals(entries.get(each.id()), text(each.pairs()), story);
            return true;
        });
        assertEquals(expected, found, story);
        StreamId id = someId();
        StreamEntry one = stream.find(id);
        assertEquals(entries.get(id), one == null ? null : text(one.pairs()), story);
        assertNull(stream.find(new StreamId(next + 1_000, 0)));
        StreamGroup group = StreamGroup.find(stream, GROUP);
        if (group != null) {
            lookAtGroup(group, story);
        }
    }

    private void lookAtGroup(StreamGroup group, String story) {
        assertEquals(pending.size(), group.pending(), story);
        Map<StreamId, String> found = new TreeMap<>();
        group.pendingBetween(StreamId.ZERO, StreamId.MAX, random.nextBoolean(), each -> {
            found.put(each.id(), text(group.consumer(each.consumer()).name()));
            return true;
        });
        assertEquals(pending, found, story);
        Map<String, List<StreamId>> owned = new HashMap<>();
        for (StreamConsumer consumer : group.consumers()) {
            List<StreamId> ids = group.pendingOf(consumer, StreamId.ZERO, StreamId.MAX, Long.MAX_VALUE);
            assertEquals(ids.size(), consumer.pending(), story);
            owned.put(text(consumer.name()), ids);
        }
        assertEquals(consumers, owned.keySet(), story);
        pending.forEach((id, name) ->
                assertEquals(true, owned.getOrDefault(name, List.of()).contains(id), story));
    }

    private StreamId someId() {
        return new StreamId(random.nextLong(next + 2), random.nextInt(3));
    }

    private StreamValue open() throws CommandError {
        return StreamValue.open(Keyspace.of(transaction, 0, FEW), KEY);
    }

    private static String text(byte[]... words) {
        StringBuilder text = new StringBuilder();
        for (byte[] word : words) {
            text.append(new String(word, StandardCharsets.ISO_8859_1)).append('|');
        }
        return words.length == 1 ? text.substring(0, text.length() - 1) : text.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
