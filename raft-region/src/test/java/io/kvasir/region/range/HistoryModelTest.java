package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.SnapshotTooOld;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Rules K8 and K24 from seeds: what a range tells of its past, at timestamps drawn at random, is what a model of all
 * versions says, or is refused exactly where it is below the horizon; and two replicas that apply the same entries in
 * other portions, one of them through crashes, hold the same bytes.
 */
@Tag("simulation")
final class HistoryModelTest {

    private static final int SEEDS = 60;
    private static final int ENTRIES = 250;
    private static final int KEYS = 5;
    private static final int READS = 12;
    private static final long RETENTION = 2_000;

    @Test
    void aReadOfThePastEqualsTheModelOrIsBelowTheHorizon() {
        long answered = 0;
        long refused = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Run run = new Run(seed);
            try {
                run.run();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
            answered += run.answered;
            refused += run.refused;
        }
        assertTrue(answered > 1_000 && refused > 1_000, answered + " answered, " + refused + " refused");
    }

    private static final class Run {

        private final Random random;
        private final HistoryReplica replica = new HistoryReplica();
        private final HistoryReplica together = new HistoryReplica();
        private final HistoryReplica.Log log = new HistoryReplica.Log();
        private final List<Entry> all = new ArrayList<>();
        private int takenTogether;

        /** By stored root key: the value from each timestamp on, null for none. */
        private final Map<String, TreeMap<Long, @Nullable String>> versions = new HashMap<>();

        private final TreeMap<Long, Integer> mappings = new TreeMap<>(Map.of(0L, 0));

        /** Of database 0; it alone keeps its past. */
        private @Nullable Long horizon;

        private int present;
        private int other = 1;
        private int nextInstance = InstanceState.GIVEN_OUT_MIN;
        private long now = Timestamp.of(1_000, 0);
        private long lastEntry;
        private long lastMapping;
        private long answered;
        private long refused;

        Run(long seed) {
            random = new Random(seed);
        }

        void run() {
            add(log.start());
            for (int i = 0; i < ENTRIES; i++) {
                step();
                if (random.nextInt(30) == 0) {
                    replica.engine.flush();
                }
                if (random.nextInt(60) == 0) {
                    replica.crash();
                    for (Entry lost : all.subList((int) replica.index(), all.size())) {
                        replica.apply(List.of(lost));
                    }
                }
                for (int read = 0; read < READS; read++) {
                    read();
                }
            }
            takeTogether(all.size());
            assertEquals(together.records(), replica.records(), "replicas differ");
        }

        private void add(Entry entry) {
            all.add(entry);
            replica.apply(List.of(entry));
            if (random.nextInt(8) == 0) {
                takeTogether(all.size() - random.nextInt(2));
            }
        }

        private void takeTogether(int to) {
            if (to > takenTogether) {
                together.apply(all.subList(takenTogether, to));
                takenTogether = to;
            }
        }

        private void step() {
            lastEntry = now;
            now = Timestamp.of(Timestamp.millis(now) + random.nextInt(60), 0) + 1 + random.nextInt(50);
            now = Math.max(now, lastEntry + 2);
            int kind = random.nextInt(100);
            if (kind < 6) {
                keep();
            } else if (kind < 8) {
                int left = present;
                present = nextInstance++;
                map(new Effect.MapInstance(0, present));
                assertTrue(left != present);
            } else if (kind < 9) {
                int swapped = present;
                present = other;
                other = swapped;
                map(new Effect.MapInstance(0, present), new Effect.MapInstance(1, other));
                horizon = horizon == null ? null : Long.valueOf(now);
            } else {
                write();
            }
        }

        private void map(Effect... effects) {
            mappings.put(now, present);
            lastMapping = now;
            add(log.entry(now, effects));
        }

        private void keep() {
            if (random.nextInt(8) == 0) {
                horizon = null;
                add(log.entry(now, new Effect.KeepPast(0, 0, 0)));
                return;
            }
            long back = Timestamp.of(Math.max(0, Timestamp.millis(now) - random.nextInt((int) RETENTION)), 0);
            horizon = horizon == null ? now : Math.max(horizon, Math.min(back, now));
            add(log.entry(now, new Effect.KeepPast(0, RETENTION, back)));
        }

        private void write() {
            List<CommandEffects> commands = new ArrayList<>();
            int count = 1 + random.nextInt(3);
            for (int ordinal = 0; ordinal < count; ordinal++) {
                int instance = random.nextInt(6) == 0 ? other : present;
                byte[] name = ("k" + random.nextInt(KEYS)).getBytes(StandardCharsets.US_ASCII);
                byte[] key = KeyLayout.root(instance, name);
                TreeMap<Long, @Nullable String> past = versions.computeIfAbsent(text(key), none -> new TreeMap<>());
                long last = past.isEmpty() ? 0 : past.lastKey();
                long after = Math.max(Math.max(last, lastMapping), lastEntry - 500);
                boolean decidedElsewhere = random.nextInt(5) == 0 && after + 1 < now;
                long commit = decidedElsewhere ? after + 1 + random.nextLong(now - after - 1) : 0;
                commands.add(HistoryReplica.Log.command(
                        ordinal,
                        commit,
                        effects(key, name, instance, new Version(decidedElsewhere ? commit : now, ordinal))));
            }
            add(log.entry(now, commands));
        }

        /** Makes the key another value, of its own record or of a generation, or none; the model hears of it. */
        private List<Effect> effects(byte[] key, byte[] name, int instance, Version version) {
            TreeMap<Long, @Nullable String> past = versions.get(text(key));
            var last = past.lastEntry();
            String before = last == null ? null : last.getValue();
            List<Effect> effects = new ArrayList<>();
            byte[] stem = KeyLayout.stem(instance, name);
            if (before != null && before.startsWith("g")) {
                String[] words = before.split(" ");
                Version generation = new Version(Long.parseLong(words[1]), Integer.parseInt(words[2]));
                byte[] from = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, generation);
                if (random.nextBoolean()) {
                    effects.add(new Effect.DeleteRange(Family.NEWEST, from, KeyLayout.after(from)));
                } else {
                    effects.add(new Effect.Delete(Family.NEWEST, element(stem, generation)));
                }
            }
            int kind = random.nextInt(4);
            if (kind == 0) {
                effects.add(new Effect.Delete(Family.NEWEST, key));
                past.put(version.timestamp(), null);
            } else if (kind == 1) {
                String root = "g " + version.timestamp() + " " + version.ordinal();
                effects.add(new Effect.Put(Family.NEWEST, element(stem, version), bytes("in " + root)));
                effects.add(new Effect.Put(Family.NEWEST, key, bytes(root)));
                past.put(version.timestamp(), root);
            } else {
                String value = "v" + random.nextInt(1_000);
                effects.add(new Effect.Put(Family.NEWEST, key, bytes(value)));
                past.put(version.timestamp(), value);
            }
            return effects;
        }

        private void read() {
            long back = random.nextLong(Math.max(1, now - Timestamp.of(900, 0)));
            long at = random.nextInt(3) == 0 ? now - Math.min(now, random.nextInt(200)) : now - back;
            try (Engine.Snapshot snapshot = replica.engine.snapshot()) {
                Past past = HistoryReplica.past(snapshot);
                assertThrows(SnapshotTooOld.class, () -> past.instance(at, 1), "nobody keeps that");
                Long from = horizon;
                if (from == null || at < from) {
                    assertThrows(SnapshotTooOld.class, () -> past.instance(at, 0));
                    refused++;
                    return;
                }
                int instance = past.instance(at, 0);
                assertEquals(mappings.floorEntry(at).getValue(), instance, "instance at " + at);
                Map<String, String> stood = new TreeMap<>();
                for (int i = 0; i < KEYS; i++) {
                    byte[] name = bytes("k" + i);
                    byte[] key = KeyLayout.root(instance, name);
                    TreeMap<Long, @Nullable String> known = versions.get(text(key));
                    var entry = known == null ? null : known.floorEntry(at);
                    String value = entry == null ? null : entry.getValue();
                    byte[] found = past.record(at, key).payload();
                    assertEquals(value, found == null ? null : text(found), "k" + i + " at " + at);
                    if (value != null) {
                        stood.put(text(key), value);
                        if (value.startsWith("g")) {
                            String[] words = value.split(" ");
                            Version generation = new Version(Long.parseLong(words[1]), Integer.parseInt(words[2]));
                            byte[] element = element(KeyLayout.stem(instance, name), generation);
                            byte[] inside = past.record(at, element).payload();
                            assertEquals("in " + value, inside == null ? null : text(inside), "element at " + at);
                        }
                    }
                }
                assertEquals(stood, scan(past, at, instance, false));
                assertEquals(stood, scan(past, at, instance, true));
                answered++;
            }
        }

        /** Returns the roots of {@code instance}, found slot by slot. */
        private static Map<String, String> scan(Past past, long at, int instance, boolean descending) {
            Map<String, String> found = new TreeMap<>();
            for (int i = 0; i < KEYS; i++) {
                byte[] prefix = KeyLayout.databasePrefix(Slot.of(bytes("k" + i)), instance);
                try (Engine.Cursor cursor = past.scan(at, prefix, KeyLayout.after(prefix), descending)) {
                    while (cursor.next()) {
                        if (KeyLayout.isRoot(cursor.key())) {
                            found.put(text(cursor.key()), text(cursor.value()));
                        }
                    }
                }
            }
            return found;
        }

        private static byte[] element(byte[] stem, Version generation) {
            return KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, generation, new byte[] {'e'});
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
