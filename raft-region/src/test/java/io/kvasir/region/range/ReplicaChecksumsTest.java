package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.region.KeyLock;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Rule K26: what replicas tell of themselves is of one raft index, and tells them apart if anything differs. */
final class ReplicaChecksumsTest {

    private static final RegionDescriptor REGION = new RegionDescriptor(
            new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));
    private static final long TERM = 3;
    private static final TimestampSource NO_TIME = new TimestampSource() {
        @Override
        public void fetch(LongConsumer whenDone) {}

        @Override
        public long newestIssued() {
            return 0;
        }

        @Override
        public long bound() {
            return 0;
        }
    };

    /** A follower that applies what it is given. */
    private static final class Replica {

        final MemoryEngine engine = new MemoryEngine(() -> false);
        final RangeTable table = new RangeTable();
        final List<Runnable> reading = new ArrayList<>();
        final ReplicaChecksums checksums = new ReplicaChecksums(engine, table, reading::add, 1);
        final SteppedGroup group;

        Replica() {
            Owner owner = new Owner() {
                @Override
                public void execute(Runnable task) {}

                @Override
                public boolean isCurrent() {
                    return false;
                }
            };
            Range range = Range.open(
                    REGION,
                    new Range.Surroundings(
                            engine,
                            new RecordCache(engine, 0),
                            owner,
                            NO_TIME,
                            () -> 0,
                            RandomGenerator.of("L64X128MixRandom"),
                            (read, whenDone) -> false,
                            RangeSettings.PRODUCTION,
                            7,
                            checksums,
                            new ListenerSwitch(),
                            new LargeCommandBudget(1 << 20, 2),
                            () -> false));
            table.add(range);
            group = new SteppedGroup(range.stateMachine());
            range.attach(group);
            group.lead(TERM);
            group.propose(EntryCodec.encode(Entry.start(REGION.id(), Epoch.FIRST, TERM, 1, 7)), TERM);
        }

        /** Puts an entry of {@code effects} into the log. */
        void log(int sequence, Effect... effects) {
            CommandEffects command =
                    new CommandEffects(0, Optional.empty(), Optional.empty(), List.of(effects), List.of());
            ChainLink link = new ChainLink(TERM, 1, sequence);
            Entry entry = new Entry(REGION.id(), Epoch.FIRST, link, 100 + sequence, 7, List.of(command));
            group.propose(EntryCodec.encode(entry), TERM);
        }

        ReplicaChecksum read(long id) {
            assertTrue(checksums.isUnderWay(REGION.id(), id));
            reading.removeFirst().run();
            assertFalse(checksums.isUnderWay(REGION.id(), id));
            return checksums.find(REGION.id(), id).orElseThrow();
        }
    }

    private static Effect put(Family family, String key, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        return new Effect.Put(family, key(key), family == Family.LOCK ? lock(bytes) : bytes);
    }

    private static byte[] lock(byte[] payload) {
        return LockTable.encode(KeyLock.of(key("k"), 7, true, payload));
    }

    private static byte[] key(String key) {
        return KeyLayout.root(0, key.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aChecksumIsOfTheStateRightAfterItsEntryHoweverManyAreAppliedTogether() {
        Replica together = new Replica();
        Replica singly = new Replica();
        for (Replica replica : List.of(together, singly)) {
            replica.log(1, put(Family.NEWEST, "a", "1"));
            replica.log(2, new Effect.RecordChecksum(8));
            replica.log(3, put(Family.NEWEST, "a", "2"));
            replica.log(4, put(Family.NEWEST, "b", "3"));
        }
        together.group.apply(5, TERM);
        for (int i = 0; i < 5; i++) {
            singly.group.apply(1, TERM);
        }
        ReplicaChecksum one = together.read(8);
        assertEquals(one, singly.read(8));
        assertEquals(3, one.index());
    }

    @Test
    void everyFamilyThatEntriesChangeTellsReplicasApart() {
        for (Family family : List.of(Family.NEWEST, Family.LOCK, Family.FATE)) {
            Map<Family, Long> digests = digests(put(family, "a", "1"));
            for (Effect other :
                    List.of(put(family, "a", "2"), put(family, "b", "1"), new Effect.Delete(family, key("a")))) {
                Map<Family, Long> others = digests(other);
                assertNotEquals(digests.get(family), others.get(family), () -> family + " " + other);
                others.put(family, digests.get(family));
                assertEquals(digests, others);
            }
        }
        assertNotEquals(
                digests(new Effect.AddKeys(0, 1)).get(Family.RANGE),
                digests(new Effect.AddKeys(0, 2)).get(Family.RANGE));
    }

    private static Map<Family, Long> digests(Effect effect) {
        Replica replica = new Replica();
        replica.log(1, effect);
        replica.log(2, new Effect.RecordChecksum(5));
        replica.group.apply(3, TERM);
        return replica.read(5).digestsInOrder();
    }

    @Test
    void aStoreThatClosesWaitsForNoRange() {
        Replica replica = new Replica();
        replica.log(1, new Effect.RecordChecksum(5));
        replica.group.apply(2, TERM);
        Thread closing = Thread.ofPlatform().start(replica.checksums::close);
        while (closing.getState() != Thread.State.WAITING && closing.isAlive()) {
            Thread.onSpinWait();
        }
        replica.reading.removeFirst().run();
        assertTrue(replica.checksums.find(REGION.id(), 5).isEmpty());
        replica.engine.close();
    }
}
