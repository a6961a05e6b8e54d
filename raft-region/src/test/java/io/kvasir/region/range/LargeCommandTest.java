package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.Invocation;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeyLocked;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.SnapshotTooOld;
import io.kvasir.region.Transaction;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Commands too large for their owner (rules K11, K32), each rule by the shortest schedule that breaks a range without
 * it. One thread, no clock; the read pool runs when the test says.
 *
 * <p>This file is long because every schedule is over the same range.
 */
final class LargeCommandTest {

    private static final RegionDescriptor REGION = new RegionDescriptor(
            new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));

    /** 20 records or 2,000 bytes at the owner, effects of 1,000 bytes in one entry, else pieces of 300. */
    private static final RangeSettings SETTINGS = new RangeSettings(
            1_000,
            1 << 20,
            100,
            10_000,
            5_000_000,
            4,
            1,
            1_000,
            20,
            2_000,
            300,
            2,
            2,
            TimeUnit.SECONDS.toNanos(10),
            1_024);

    private static final int BYTES_MAX = 100_000;

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Runnable> pool = new ArrayDeque<>();
    private final MemoryEngine engine = new MemoryEngine();
    private final Range range;
    private final SteppedGroup group;
    private long lastTimestamp = Timestamp.of(1_000, 0);
    private long term;

    LargeCommandTest() {
        Owner owner = new Owner() {
            @Override
            public void execute(Runnable task) {
                tasks.addLast(task);
            }

            @Override
            public boolean isCurrent() {
                return true;
            }
        };
        TimestampSource time = new TimestampSource() {
            @Override
            public void fetch(LongConsumer whenDone) {
                whenDone.accept(++lastTimestamp);
            }

            @Override
            public long newestIssued() {
                return lastTimestamp;
            }

            @Override
            public long bound() {
                return 0;
            }
        };
        ReadPool readPool = (read, whenDone) -> pool.add(() -> {
            read.run();
            whenDone.run();
        });
        range = Range.open(
                REGION,
                new Range.Surroundings(
                        engine,
                        new RecordCache(engine, 0),
                        owner,
                        time,
                        () -> 0,
                        RandomGenerator.of("L64X128MixRandom"),
                        readPool,
                        SETTINGS,
                        7,
                        (region, index, entry) -> {},
                        new ListenerSwitch(),
                        new LargeCommandBudget(BYTES_MAX, 1),
                        () -> false));
        group = new SteppedGroup(range.stateMachine());
        range.attach(group);
        lead();
    }

    private void lead() {
        group.lead(++term);
        settle();
        apply();
    }

    private void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Runs what the read pool has. */
    private void read() {
        for (Runnable task = pool.poll(); task != null; task = pool.poll()) {
            task.run();
            settle();
        }
    }

    /** Applies what is proposed now. */
    private void apply() {
        group.apply(group.waiting(), term);
        settle();
    }

    /** Lets everything under way come to its end. */
    private void finish() {
        do {
            read();
            if (group.waiting() > 0) {
                apply();
            }
            range.tick();
            settle();
        } while (group.waiting() > 0 || !pool.isEmpty());
    }

    private List<Outcome> submit(Invocation invocation, long session) {
        List<Outcome> outcomes = new ArrayList<>();
        Request request = new Request("TEST", 1, 0, session, 0, Optional.empty(), 0, new byte[0][]);
        StreamPlace place = new StreamPlace(session, 1);
        range.submit(request, invocation, Range.hashesOf(invocation), 1, place, outcomes::add);
        settle();
        return outcomes;
    }

    private static Invocation command(boolean readOnly, String key, Function<Transaction, Reply> code) {
        return new Invocation() {
            @Override
            public Reply run(Transaction transaction) {
                return code.apply(transaction);
            }

            @Override
            public boolean readOnly() {
                return readOnly;
            }

            @Override
            public int database() {
                return 0;
            }

            @Override
            public List<byte[]> userKeys() {
                return List.of(bytes(key));
            }
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Replaces {@code key} by {@code count} records of {@code size} bytes. */
    private static Invocation store(String key, int count, int size) {
        return command(false, key, transaction -> {
            byte[] stem = KeyLayout.stem(transaction.instance(0), bytes(key));
            byte[] root = KeyLayout.rootOfStem(stem);
            byte[] before = transaction.get(root);
            if (before == null) {
                transaction.addKeys(root, 0, 1);
            }
            for (int i = 0; i < count; i++) {
                transaction.put(element(stem, transaction.generation(), i), new byte[size]);
            }
            byte[] payload = new byte[Version.BYTES];
            transaction.generation().write(payload, 0);
            transaction.put(root, payload);
            return new Reply.Status("stored over " + (before == null ? "nothing" : "a value"));
        });
    }

    /** Makes {@code key} a value without records. */
    private static Invocation set(String key) {
        return command(false, key, transaction -> {
            byte[] root = KeyLayout.root(transaction.instance(0), bytes(key));
            if (transaction.get(root) == null) {
                transaction.addKeys(root, 0, 1);
            }
            transaction.put(root, new byte[Version.BYTES]);
            return Reply.OK;
        });
    }

    private static byte[] element(byte[] stem, Version generation, int number) {
        return KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, generation, new byte[] {(byte) number});
    }

    /** Counts the records of {@code key}. */
    private static Invocation count(String key) {
        return command(true, key, transaction -> {
            byte[] stem = KeyLayout.stem(transaction.instance(0), bytes(key));
            byte[] root = transaction.get(KeyLayout.rootOfStem(stem));
            if (root == null) {
                return new Reply.Int(-1);
            }
            byte[] from = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, Version.read(root, 0));
            long count = 0;
            try (Engine.Cursor cursor = transaction.scan(from, KeyLayout.after(from), false)) {
                while (cursor.next()) {
                    count++;
                }
            }
            return new Reply.Int(count);
        });
    }

    /** As {@link #store}, and deletes the records that were there. */
    private static Invocation replace(String key, int count, int size) {
        return command(false, key, transaction -> {
            byte[] stem = KeyLayout.stem(transaction.instance(0), bytes(key));
            byte[] root = Objects.requireNonNull(transaction.get(KeyLayout.rootOfStem(stem)));
            byte[] from = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, Version.read(root, 0));
            transaction.deleteRange(from, KeyLayout.after(from));
            return store(key, count, size).run(transaction);
        });
    }

    /** Counts the records of {@code key} as they stood at {@code timestamp}; -2 if that is not known any more. */
    private static Invocation countAt(String key, long timestamp) {
        return command(true, key, transaction -> {
            RangeTransaction range = (RangeTransaction) transaction;
            byte[] stem = KeyLayout.stem(transaction.instance(0), bytes(key));
            try {
                byte[] root = Objects.requireNonNull(
                        range.recordAt(timestamp, KeyLayout.rootOfStem(stem)).payload());
                byte[] from = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, Version.read(root, 0));
                long count = 0;
                try (Engine.Cursor cursor = range.scanAt(timestamp, from, KeyLayout.after(from), false)) {
                    while (cursor.next()) {
                        count++;
                    }
                }
                return new Reply.Int(count);
            } catch (SnapshotTooOld tooOld) {
                return new Reply.Int(-2);
            }
        });
    }

    @Test
    void k8WhatALargeCommandDeletesIsNotTakenForAbsentBefore() {
        List<Outcome> stored = submit(store("k", 3, 10), 1);
        finish();
        assertEquals("stored over nothing", ((Reply.Status) reply(stored)).text());
        long snapshot = ++lastTimestamp;
        List<Outcome> before = submit(countAt("k", snapshot), 2);
        finish();
        assertEquals(new Reply.Int(3), reply(before));
        List<Outcome> replaced = submit(replace("k", 40, 50), 1);
        finish();
        assertEquals("stored over a value", ((Reply.Status) reply(replaced)).text());
        List<Outcome> after = submit(countAt("k", snapshot), 2);
        finish();
        assertEquals(new Reply.Int(-2), reply(after), "known to be unknown");
    }

    private static Reply reply(List<Outcome> outcomes) {
        assertEquals(1, outcomes.size(), "answered once");
        return assertInstanceOf(Outcome.Done.class, outcomes.getFirst()).reply();
    }

    private long countNow(String key) {
        List<Outcome> outcomes = submit(count(key), 90);
        finish();
        return ((Reply.Int) reply(outcomes)).value();
    }

    private int records() {
        int records = 0;
        try (Engine.Cursor cursor = engine.cursor(Family.NEWEST, new byte[0], new byte[0], false, false)) {
            while (cursor.next()) {
                records++;
            }
        }
        return records;
    }

    @Test
    void k11AWriteLargerThanAnEntryIsReferredToOnlyWhenAllOfItIsThere() {
        List<Outcome> write = submit(store("x", 50, 60), 1);
        read();
        int before = records();
        for (int i = 0; group.waiting() > 0; i++) {
            assertTrue(write.isEmpty());
            if (range.stagedNotes() > 0) {
                assertNull(engine.get(Family.NEWEST, KeyLayout.root(0, bytes("x"))), "a root too early");
            }
            assertTrue(i < 100 && group.waiting() <= SETTINGS.stagedPiecesMax(), "pieces under way are bounded");
            group.apply(1, term);
            settle();
        }
        assertEquals(0, before);
        assertEquals(new Reply.Status("stored over nothing"), reply(write));
        assertEquals(51, records());
        assertEquals(0, range.stagedNotes());
        assertEquals(1, range.keys(0));
    }

    @Test
    void k32AProcedureThatTakesLongLeavesItsOwnerAndOthersGoOn() {
        AtomicInteger runs = new AtomicInteger();
        List<Outcome> slow = submit(
                command(false, "x", transaction -> {
                    runs.incrementAndGet();
                    transaction.takesLong();
                    transaction.put(KeyLayout.root(transaction.instance(0), bytes("x")), new byte[Version.BYTES]);
                    return Reply.OK;
                }),
                1);
        List<Outcome> other = submit(set("y"), 2);
        apply();
        assertEquals(Reply.OK, reply(other));
        assertTrue(slow.isEmpty());
        finish();
        assertEquals(Reply.OK, reply(slow));
        assertEquals(2, runs.get());
    }

    @Test
    void k11CommandsOnOtherKeysGoBetweenThePieces() {
        List<Outcome> large = submit(store("x", 50, 60), 1);
        read();
        group.apply(1, term);
        settle();
        List<Outcome> small = submit(set("y"), 2);
        apply();
        assertEquals(Reply.OK, reply(small));
        assertTrue(large.isEmpty());
        finish();
        assertEquals(50, countNow("x"));
    }

    @Test
    void k11AnotherWriterOfTheKeyWaitsAndThenSeesTheWhole() {
        List<Outcome> large = submit(store("x", 50, 60), 1);
        List<Outcome> other = submit(store("x", 3, 10), 2);
        finish();
        assertEquals(new Reply.Status("stored over nothing"), reply(large));
        assertEquals(new Reply.Status("stored over a value"), reply(other));
        assertEquals(3, countNow("x"));
    }

    @Test
    void k11ALaterLeaderDiscardsWhatWasStagedAndNeverReferredTo() {
        List<Outcome> write = submit(store("x", 50, 60), 1);
        read();
        apply();
        assertTrue(range.stagedNotes() > 0 && records() > 0);
        group.stepDown();
        settle();
        lead();
        finish();
        assertInstanceOf(Outcome.NotLeader.class, write.getFirst());
        assertEquals(0, range.stagedNotes());
        assertEquals(0, records());
    }

    @Test
    void k11ARestartKnowsWhatIsStaged() {
        submit(store("x", 50, 60), 1);
        read();
        apply();
        assertEquals(
                range.stagedNotes(), ReplicaState.load(engine, REGION).staged().size());
        assertEquals(List.of(), ReplicaState.load(engine, REGION).instances().retiredInOrder());
    }

    @Test
    void k11PiecesOfAChainThatEndedAreNotReferredTo() {
        List<Outcome> write = submit(store("x", 50, 60), 1);
        read();
        group.apply(1, term);
        settle();
        group.lead(term); // confirmed again: a new chain in the same term
        settle();
        finish();
        assertEquals(1, write.size());
        if (write.getFirst() instanceof Outcome.Done) {
            assertEquals(50, countNow("x"));
        }
        assertEquals(0, range.stagedNotes());
        assertEquals(write.getFirst() instanceof Outcome.Done ? 51 : 0, records());
    }

    @Test
    void k11WhatTheRunReadMustStillBeSoWhenItsEffectsAreWritten() {
        submit(
                command(false, "x", transaction -> {
                    transaction.put(KeyLayout.root(0, bytes("x")), new byte[Version.BYTES]);
                    transaction.addKeys(KeyLayout.root(0, bytes("x")), 0, 1);
                    return Reply.OK;
                }),
                1);
        apply();
        long reachedMillis = Timestamp.millis(lastTimestamp) + 5;
        List<Boolean> seen = new ArrayList<>();
        List<Outcome> write = submit(
                command(false, "x", transaction -> {
                    seen.add(transaction.isExpired(reachedMillis));
                    for (int i = 0; i < 30; i++) {
                        transaction.get(KeyLayout.root(0, bytes("x" + i)));
                    }
                    transaction.put(KeyLayout.root(0, bytes("x")), bytes(seen.getLast() ? "expired" : "alive"));
                    return Reply.OK;
                }),
                1);
        pool.remove().run();
        lastTimestamp = Timestamp.of(reachedMillis, 0);
        settle();
        finish();
        assertEquals(Reply.OK, reply(write));
        byte[] left = engine.get(Family.NEWEST, KeyLayout.root(0, bytes("x")));
        assertTrue(left != null && new String(left, StandardCharsets.US_ASCII).endsWith("expired"));
    }

    @Test
    void aLargeCommandThatMeetsLocksAgainAndAgainIsAnsweredOnce() {
        List<Outcome> write = submit(
                command(false, "x", transaction -> {
                    for (int i = 0; i < 30; i++) {
                        transaction.get(KeyLayout.root(0, bytes("x" + i)));
                    }
                    throw new KeyLocked(KeyLock.of(
                            KeyLayout.stem(0, bytes("y")),
                            1,
                            false,
                            new byte[0])); // only runs beside the owner come as far as this
                }),
                1);
        finish();
        assertEquals(1, write.size());
        String text = assertInstanceOf(Reply.Error.class, reply(write)).text();
        assertTrue(text.startsWith("TRYAGAIN"), text);
        List<Outcome> later = submit(store("x", 3, 10), 1);
        finish();
        assertEquals(new Reply.Status("stored over nothing"), reply(later));
        assertEquals(new Reply.Int(3), range.readNow(count("x"), Range.hashesOf(count("x"))));
    }

    @Test
    void k11MoreThanTheNodesMemoryCarriesIsRefusedByName() {
        List<Outcome> write = submit(store("x", 120, 1_000), 1);
        finish();
        String text = assertInstanceOf(Reply.Error.class, reply(write)).text();
        assertTrue(text.startsWith("ERR value too large") && text.contains(BYTES_MAX + " bytes"), text);
        assertTrue(text.contains("memory.total"), text);
        assertEquals(0, records());
    }

    @Test
    void k11ARecordThatNoEntryHoldsIsRefused() {
        List<Outcome> write = submit(store("x", 1, 5_000), 1);
        finish();
        assertTrue(assertInstanceOf(Reply.Error.class, reply(write)).text().startsWith("ERR value too large"));
        assertEquals(0, records());
    }

    @Test
    void k32ALargeReadLeavesTheOwnerAfterItsBudget() {
        submit(store("x", 100, 60), 1);
        finish();
        long before = range.recordsExamined();
        List<Outcome> read = submit(count("x"), 2);
        assertTrue(range.recordsExamined() - before <= SETTINGS.recordsExaminedMax() + 1, "looked at by the owner");
        assertNull(range.readNow(count("x"), Range.hashesOf(count("x"))), "nor is it for an event loop");
        List<Outcome> small = submit(set("y"), 3);
        apply();
        assertEquals(Reply.OK, reply(small));
        assertTrue(read.isEmpty());
        finish();
        assertEquals(new Reply.Int(100), reply(read));
    }

    @Test
    void k32ALargeReadSeesTheWritesOfItsBatch() {
        submit(store("x", 100, 60), 1);
        finish();
        List<Outcome> first = submit(set("z"), 3); // so that the next two share a batch
        List<Outcome> write = submit(
                command(false, "x", transaction -> {
                    byte[] stem = KeyLayout.stem(0, bytes("x"));
                    byte[] root = KeyLayout.rootOfStem(stem);
                    byte[] payload = transaction.get(root);
                    transaction.put(element(stem, Version.read(payload, 0), 120), new byte[1]);
                    transaction.put(root, payload);
                    return Reply.OK;
                }),
                1);
        List<Outcome> read = submit(count("x"), 1);
        read();
        assertTrue(read.isEmpty(), "not before the write is applied");
        finish();
        assertEquals(Reply.OK, reply(first));
        assertEquals(Reply.OK, reply(write));
        assertEquals(new Reply.Int(101), reply(read));
    }

    @Test
    void k32ALargeReadWhoseBatchIsLostIsSentBack() {
        submit(store("x", 100, 60), 1);
        finish();
        submit(set("y"), 1);
        List<Outcome> read = submit(count("x"), 1);
        group.lose();
        while (group.waiting() > 0) {
            group.lose();
        }
        group.stepDown();
        settle();
        group.applyForeign(EntryCodec.encode(Entry.start(REGION.id(), Epoch.FIRST, term + 1, 1, 7)), term + 1);
        settle();
        read();
        assertInstanceOf(Outcome.NotLeader.class, read.getFirst());
    }

    @Test
    void k28LaterCommandsOfTheSessionWaitForALargeOne() {
        submit(store("x", 100, 60), 1);
        finish();
        List<Outcome> read = submit(count("x"), 1);
        List<Outcome> next = submit(set("x"), 1);
        apply0();
        assertTrue(read.isEmpty() && next.isEmpty());
        finish();
        assertEquals(new Reply.Int(100), reply(read));
        assertEquals(Reply.OK, reply(next));
    }

    private void apply0() {
        if (group.waiting() > 0) {
            apply();
        }
    }
}
