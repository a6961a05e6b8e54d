package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.ExpiryKey;
import io.kvasir.proto.key.HistoryKey;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.region.raft.StateSnapshot;
import io.kvasir.region.raft.StateSnapshot.Part;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.RangeState.Applied;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The records of a range's snapshot, and an install that a crash meets at each of its writes (rule K10). */
final class RangeInstallTest {

    private static final RegionDescriptor RANGE = region(1, 100, 200);
    private static final RegionDescriptor BELOW = region(2, 0, 100);
    private static final RegionDescriptor ABOVE = region(3, 200, 300);
    private static final long[] SLICES = {7, 50};
    private static final AppliedState AT = new AppliedState(500, 7);

    /** A lock as docs/keyspace.md has it. */
    private static final byte[] GUARD =
            HexFormat.of().parseHex("010101062f3f95a0000005062f3f95a0000008b8170e2f9600000001e20f0dd9666f6f000000");

    @TempDir
    private Path directory;

    private static RegionDescriptor region(long id, int firstSlot, int endSlot) {
        return new RegionDescriptor(
                new RegionId(id),
                KeyLayout.slotStart(firstSlot),
                KeyLayout.slotStart(endSlot),
                Epoch.FIRST,
                List.of(new ReplicaId(new StoreId(1), 1)));
    }

    /** Fills what {@code range} has in every family, each value saying {@code mark}. */
    private static void fill(Engine engine, RegionDescriptor range, String mark, int keys, AppliedState at) {
        try (Engine.Batch batch = engine.newBatch()) {
            for (int i = 0; i < keys; i++) {
                byte[] key = key(range.firstSlot() + i % 100, mark + i);
                byte[] value = (mark + i + " is its value").getBytes();
                batch.put(Family.NEWEST, key, value);
                batch.put(Family.HISTORY, HistoryKey.of(SLICES[i % 2], key, 40 + i), value);
                batch.put(Family.LOCK, Arrays.copyOf(key, key.length + 8), GUARD);
                batch.put(Family.FATE, Arrays.copyOf(key, key.length + 8), value);
                batch.put(Family.EXPIRY, ExpiryKey.of(1_000_000 + i, key), new byte[0]);
            }
            batch.put(
                    Family.RANGE,
                    RangeState.appliedKey(range.id()),
                    RangeState.encode(new Applied(at.index(), at.term(), new ChainLink(at.term(), 1, 9), 77)));
            batch.put(Family.RANGE, RangeState.retentionKey(range.id(), 0), RangeState.encode(60_000, 7));
            for (long slice : SLICES) {
                batch.put(Family.RANGE, RangeState.sliceKey(range.id(), slice), RangeState.encode(keys, keys));
            }
            batch.put(Family.RANGE, RangeState.keyCountKey(range.id(), 1), RangeState.encode(keys));
            batch.put(Family.RANGE, RangeState.instanceKey(range.id(), keys), RangeState.encode(9));
            engine.write(batch);
        }
    }

    private static byte[] key(int slot, String name) {
        byte[] prefix = KeyLayout.slotStart(slot);
        byte[] key = Arrays.copyOf(prefix, prefix.length + name.length() + 1);
        System.arraycopy(name.getBytes(), 0, key, prefix.length, name.length());
        return key;
    }

    private static TreeMap<String, String> records(Engine engine, RegionDescriptor range) {
        HexFormat hex = HexFormat.of();
        TreeMap<String, String> records = new TreeMap<>();
        for (Family family : Family.values()) {
            try (Engine.Cursor cursor = engine.cursor(family, new byte[0], new byte[0], false, false)) {
                while (cursor.next()) {
                    byte[] key = cursor.key();
                    boolean mine =
                            switch (family) {
                                case NEWEST, LOCK, FATE -> range.contains(key);
                                case HISTORY -> range.contains(HistoryKey.keyOf(key));
                                case EXPIRY -> range.contains(ExpiryKey.rootKeyOf(key));
                                case RANGE ->
                                    java.nio.ByteBuffer.wrap(key).getLong()
                                            == range.id().value();
                            };
                    if (mine) {
                        records.put(family + " " + hex.formatHex(key), hex.formatHex(cursor.value()));
                    }
                }
            }
        }
        return records;
    }

    private record Sent(byte[] summary, List<Part> parts) {}

    private Sent send(Engine source, int number) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("sent-" + number));
        try (StateSnapshot snapshot = machine(source).snapshot()) {
            assertEquals(AT, snapshot.applied());
            return new Sent(snapshot.summary(), snapshot.write(folder, () -> true));
        }
    }

    private static StateMachine machine(Engine engine) {
        TimestampSource time = new TimestampSource() {
            @Override
            public void fetch(LongConsumer whenDone) {
                throw new UnsupportedOperationException();
            }

            @Override
            public long newestIssued() {
                return 0;
            }

            @Override
            public long bound() {
                return 0;
            }
        };
        Owner owner = new Owner() {
            @Override
            public void execute(Runnable task) {
                // Nobody leads here.
            }

            @Override
            public boolean isCurrent() {
                return true;
            }
        };
        Range range = Range.open(
                RANGE,
                new Range.Surroundings(
                        engine,
                        new RecordCache(engine, 1 << 20),
                        owner,
                        time,
                        () -> 0,
                        RandomGenerator.of("L64X128MixRandom"),
                        (read, whenDone) -> false,
                        RangeSettings.PRODUCTION,
                        7,
                        (region, index, entry) -> {},
                        new ListenerSwitch(),
                        new LargeCommandBudget(1 << 20, 2),
                        () -> false));
        return range.stateMachine();
    }

    private static MemoryEngine follower() {
        MemoryEngine engine = new MemoryEngine(() -> false);
        fill(engine, RANGE, "old", 40, new AppliedState(90, 3));
        fill(engine, BELOW, "below", 30, new AppliedState(20, 2));
        fill(engine, ABOVE, "above", 30, new AppliedState(30, 2));
        engine.flush();
        return engine;
    }

    private static MemoryEngine leader() {
        MemoryEngine engine = new MemoryEngine(() -> false);
        fill(engine, RANGE, "new", 100, AT);
        fill(engine, ABOVE, "elsewhere", 10, AT);
        return engine;
    }

    @Test
    void aReplicaThatInstalledEqualsItsLeaderAndItsNeighboursAreUntouched() throws IOException {
        MemoryEngine source = leader();
        MemoryEngine target = follower();
        TreeMap<String, String> below = records(target, BELOW);
        TreeMap<String, String> above = records(target, ABOVE);
        Sent sent = send(source, 0);
        StateMachine machine = machine(target);
        assertEquals(90, machine.appliedAtStart().index());
        machine.install(AT, sent.summary(), sent.parts());
        target.crash();
        assertEquals(records(source, RANGE), records(target, RANGE));
        assertEquals(below, records(target, BELOW));
        assertEquals(above, records(target, ABOVE));
        assertEquals(AT, machine(target).appliedAtStart());
        assertEquals(AT.index(), machine.flushedIndex());
    }

    @Test
    void aSnapshotTakenBeforeAWriteDoesNotHoldIt() throws IOException {
        MemoryEngine source = leader();
        TreeMap<String, String> before = records(source, RANGE);
        Sent sent;
        try (StateSnapshot snapshot = machine(source).snapshot()) {
            fill(source, RANGE, "later", 50, new AppliedState(501, 7));
            assertEquals(AT, snapshot.applied());
            Path folder = Files.createDirectories(directory.resolve("early"));
            sent = new Sent(snapshot.summary(), snapshot.write(folder, () -> true));
        }
        MemoryEngine target = follower();
        machine(target).install(AT, sent.summary(), sent.parts());
        assertEquals(before, records(target, RANGE));
    }

    /** The whole range, and nothing else, is given up when nobody wants it any more. */
    @Test
    void aSnapshotThatIsNotWantedIsGivenUp() throws IOException {
        try (StateSnapshot snapshot = machine(leader()).snapshot()) {
            Path folder = Files.createDirectories(directory.resolve("unwanted"));
            assertThrows(StateSnapshot.GivenUp.class, () -> snapshot.write(folder, () -> false));
        }
    }

    /**
     * A crash after each number of writes: what is left is mixed of two indexes, which is why the mark must stand;
     * wiped, it is empty, and installs again.
     */
    @Test
    void k10ACrashAtAnyWriteIsWipedAndInstalledAgain() throws IOException {
        MemoryEngine source = leader();
        TreeMap<String, String> wanted = records(source, RANGE);
        TreeMap<String, String> old = records(follower(), RANGE);
        int mixed = 0;
        boolean whole = false;
        for (int writes = 0; !whole; writes++) {
            MemoryEngine disk = follower();
            TreeMap<String, String> below = records(disk, BELOW);
            TreeMap<String, String> above = records(disk, ABOVE);
            Sent sent = send(source, writes);
            CrashingEngine crashing = new CrashingEngine(disk, writes);
            StateMachine dying = machine(crashing);
            try {
                dying.install(AT, sent.summary(), sent.parts());
                whole = true;
            } catch (CrashingEngine.Crash crash) {
                assertNull(crash.getCause());
            }
            disk.crash();
            TreeMap<String, String> left = records(disk, RANGE);
            if (whole) {
                assertEquals(wanted, left);
            } else if (!left.equals(old) && !left.equals(wanted)) {
                mixed++;
            }
            StateMachine again = machine(disk);
            again.wipe();
            disk.crash();
            assertEquals(new TreeMap<>(), records(disk, RANGE));
            assertEquals(AppliedState.NONE, again.appliedAtStart());
            Sent second = send(source, 1_000 + writes);
            again.install(AT, second.summary(), second.parts());
            disk.crash();
            assertEquals(wanted, records(disk, RANGE));
            assertEquals(below, records(disk, BELOW));
            assertEquals(above, records(disk, ABOVE));
        }
        assertTrue(mixed >= 5, "mixed after " + mixed + " of the crashes");
    }

    @Test
    void theDescriptorOfAWipedReplicaStays() {
        MemoryEngine disk = follower();
        RegionDescriptor smaller = new RegionDescriptor(
                RANGE.id(), RANGE.start(), KeyLayout.slotStart(120), new Epoch(1, 2), RANGE.voters());
        try (Engine.Batch batch = disk.newBatch()) {
            batch.put(Family.RANGE, RangeState.descriptorKey(RANGE.id()), RegionDescriptorCodec.encode(smaller));
            disk.write(batch);
        }
        disk.flush();
        machine(disk).wipe();
        disk.crash();
        assertEquals(
                1,
                records(disk, RANGE).keySet().stream()
                        .filter(key -> key.startsWith("RANGE"))
                        .count());
        // What lies above 120 belongs to somebody else by now.
        assertNotEquals(new TreeMap<>(), records(disk, region(9, 120, 200)));
        assertEquals(new TreeMap<>(), records(disk, region(9, 100, 120)));
    }

    /** An engine that dies before the write of a number. */
    private static final class CrashingEngine implements Engine {

        static final class Crash extends RuntimeException {

            private static final long serialVersionUID = 1;
        }

        private final Engine disk;
        private int left;

        CrashingEngine(Engine disk, int writes) {
            this.disk = disk;
            this.left = writes;
        }

        private void step() {
            if (left-- == 0) {
                throw new Crash();
            }
        }

        @Override
        public byte @Nullable [] get(Family family, byte[] key) {
            return disk.get(family, key);
        }

        @Override
        public Lookup getCached(Family family, byte[] key) {
            return disk.getCached(family, key);
        }

        @Override
        public Cursor cursor(Family family, byte[] from, byte[] to, boolean descending, boolean cachedOnly) {
            return disk.cursor(family, from, to, descending, cachedOnly);
        }

        @Override
        public long approximateBytes(Family family, byte[] from, byte[] to) {
            return disk.approximateBytes(family, from, to);
        }

        @Override
        public Snapshot snapshot() {
            return disk.snapshot();
        }

        @Override
        public Batch newBatch() {
            return disk.newBatch();
        }

        @Override
        public void write(Batch batch) {
            step();
            disk.write(batch);
        }

        @Override
        public byte @Nullable [] getFlushed(Family family, byte[] key) {
            return disk.getFlushed(family, key);
        }

        @Override
        public void flush() {
            step();
            disk.flush();
        }

        @Override
        public void deleteAndFlush(List<io.kvasir.store.engine.KeyRange> ranges) {
            step();
            disk.deleteAndFlush(ranges);
        }

        @Override
        public void ingest(Family family, List<Path> files) {
            step();
            disk.ingest(family, new ArrayList<>(files));
        }

        @Override
        public void close() {
            disk.close();
        }
    }
}
