package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeySpan;
import io.kvasir.region.Transaction;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** A split at the leader and at a replica, step by step (rules K3, K9, K33). */
final class RangeSplitTest {

    private static final List<ReplicaId> VOTERS = List.of(new ReplicaId(new StoreId(1), 1));
    private static final RegionDescriptor WHOLE =
            new RegionDescriptor(new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, VOTERS);
    private static final RegionId CHILD = new RegionId(2);
    private static final List<ReplicaId> CHILD_VOTERS = List.of(new ReplicaId(new StoreId(1), 9));

    /** Their slots are 3300 and 15495. */
    private static final String LOW = "b";

    private static final String HIGH = "a";
    private static final byte[] AT = KeyLayout.slotStart(8_000);

    private final MemoryEngine engine = new MemoryEngine(() -> false);
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Runnable> diskReads = new ArrayDeque<>();
    private final Deque<LongConsumer> timestampRequests = new ArrayDeque<>();
    private final List<String> host = new ArrayList<>();
    private final List<Optional<String>> splits = new ArrayList<>();
    private final Range range;
    private final SteppedGroup group;
    private boolean destroyed;
    private long nanos;
    private long lastTimestamp = 100;

    RangeSplitTest() {
        range = open(WHOLE);
        group = new SteppedGroup(range.stateMachine());
        range.attach(group);
        group.lead(5);
        settle();
        group.apply(1, 5);
        settle();
    }

    private Range open(RegionDescriptor region) {
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
                timestampRequests.addLast(whenDone);
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
        Range opened = Range.open(
                region,
                new Range.Surroundings(
                        engine,
                        new RecordCache(engine, 0),
                        owner,
                        time,
                        () -> nanos,
                        RandomGenerator.of("L64X128MixRandom"),
                        (read, whenDone) -> diskReads.add(() -> {
                            read.run();
                            whenDone.run();
                        }),
                        RangeSettings.PRODUCTION,
                        7,
                        (id, index, entry) -> {},
                        new ListenerSwitch(),
                        new LargeCommandBudget(1 << 20, 2),
                        () -> false));
        opened.splitsAt(new SplitHost() {
            @Override
            public boolean create(RegionDescriptor child, RegionId parent, long index) {
                boolean written = RangeState.isHere(engine, child.id());
                host.add("create " + child.id().value() + (written ? " again" : "") + " by " + parent.value() + " at "
                        + index);
                return !destroyed;
            }

            @Override
            public void start(RegionDescriptor child, boolean leads) {
                host.add("start " + child.id().value() + (leads ? " leading" : ""));
            }
        });
        return opened;
    }

    private void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void readDisk() {
        while (!diskReads.isEmpty()) {
            diskReads.removeFirst().run();
            settle();
        }
    }

    private void giveTimestamp() {
        timestampRequests.removeFirst().accept(++lastTimestamp);
        settle();
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

    private static Invocation set(String key) {
        return command(false, key, transaction -> {
            byte[] root = KeyLayout.root(0, bytes(key));
            if (transaction.get(root) == null) {
                transaction.addKeys(root, 0, 1);
            }
            transaction.put(root, bytes("v"));
            return Reply.OK;
        });
    }

    private static Invocation get(String key) {
        return command(true, key, transaction -> {
            byte[] value = transaction.get(KeyLayout.root(0, bytes(key)));
            return new Reply.Status(value == null ? "-" : new String(value, StandardCharsets.US_ASCII));
        });
    }

    private List<Outcome> submit(Invocation invocation, long version) {
        List<Outcome> outcomes = new ArrayList<>();
        Request request = new Request("TEST", 1, 0, 1, 0, Optional.empty(), 0, new byte[0][]);
        range.submit(request, invocation, Range.hashesOf(invocation), version, StreamPlace.alone(9), outcomes::add);
        settle();
        return outcomes;
    }

    private void write(String key) {
        List<Outcome> outcomes = submit(set(key), 1);
        giveTimestamp();
        group.apply(1, 5);
        settle();
        assertEquals(List.of(new Outcome.Done(Reply.OK)), outcomes);
    }

    /** Asks for a split and brings it to the log. */
    private void propose() {
        range.split(CHILD, new SplitPoint.Bound(AT), CHILD_VOTERS, splits::add);
        settle();
        readDisk();
        giveTimestamp();
        assertEquals(1, group.waiting());
    }

    private void split() {
        propose();
        group.apply(1, 5);
        settle();
        assertEquals(List.of(Optional.empty()), splits);
    }

    @Test
    void theKeysUsedHereLieOnBothSides() {
        assertTrue(Slot.of(bytes(LOW)) < 8_000 && Slot.of(bytes(HIGH)) >= 8_000);
    }

    @Test
    void bothPartsAreOfTheNextEpochAndTileWhatWas() {
        split();
        RegionDescriptor left = range.descriptor();
        Range child = open(new RegionDescriptor(CHILD, new byte[0], new byte[0], Epoch.FIRST, VOTERS));
        assertArrayEquals(AT, left.end());
        assertEquals(new RegionDescriptor(CHILD, AT, new byte[0], new Epoch(1, 2), CHILD_VOTERS), child.descriptor());
        assertEquals(new Epoch(1, 2), left.epoch());
        assertEquals(RangeState.SPLIT.index(), child.appliedIndex());
        assertEquals(lastTimestamp, child.appliedTimestamp());
        assertEquals(List.of("create 2 by 1 at 2", "start 2 leading"), host);
    }

    @Test
    void eachPartCountsItsKeysAlsoThoseThatChangeMeanwhile() {
        write(LOW);
        write(HIGH);
        range.split(CHILD, new SplitPoint.Bound(AT), CHILD_VOTERS, splits::add);
        settle();
        List<String> more = List.of("{a}1", "{b}1", "{a}2");
        more.forEach(this::write);
        readDisk();
        giveTimestamp();
        group.apply(1, 5);
        settle();
        assertEquals(2, range.keys(0));
        assertEquals(
                3,
                open(new RegionDescriptor(CHILD, AT, new byte[0], Epoch.FIRST, VOTERS))
                        .keys(0));
    }

    @Test
    void aSlotIsSplitAtAUserKey() {
        List.of("{a}1", "{a}2", "{a}3", "{a}4", LOW).forEach(this::write);
        byte[] at = KeyLayout.stem(0, bytes("{a}3"));
        range.split(CHILD, new SplitPoint.UserKey(0, bytes("{a}3")), CHILD_VOTERS, splits::add);
        settle();
        readDisk();
        giveTimestamp();
        group.apply(1, 5);
        settle();
        assertEquals(List.of(Optional.empty()), splits);
        Range child = open(new RegionDescriptor(CHILD, at, new byte[0], Epoch.FIRST, VOTERS));
        assertArrayEquals(at, child.descriptor().start());
        assertArrayEquals(at, range.descriptor().end());
        assertEquals(5, range.keys(0) + child.keys(0));
        assertTrue(child.keys(0) >= 1 && range.keys(0) >= 1);
        List<Outcome> beyond = submit(set("{a}3"), 2);
        giveTimestamp();
        assertEquals(List.of(new Outcome.OutOfRange()), beyond, "its slot is here, the key is not");
    }

    @Test
    void theMiddleIsWhereHalfOfTheBytesAre() {
        for (int i = 0; i < 40; i++) {
            write("{a}" + i);
        }
        range.split(CHILD, new SplitPoint.Middle(), CHILD_VOTERS, splits::add);
        settle();
        readDisk();
        giveTimestamp();
        group.apply(1, 5);
        settle();
        assertEquals(List.of(Optional.empty()), splits);
        assertTrue(Math.abs(20 - range.keys(0)) <= 1, "keys kept: " + range.keys(0));
    }

    @Test
    void theLeaseIsNotRenewedFromTheProposalUntilTheSplitIsAppliedHere() {
        propose();
        assertTrue(group.renewalHeld);
        group.apply(1, 5);
        settle();
        assertFalse(group.renewalHeld);
    }

    @Test
    void whatWaitsBehindTheSplitIsSentBackWithBothRanges() {
        propose();
        List<Outcome> high = submit(set(HIGH), 1);
        List<Outcome> low = submit(set(LOW), 1);
        assertEquals(List.of(), high, "nothing is evaluated before the split is applied");
        group.apply(1, 5);
        settle();
        for (List<Outcome> outcomes : List.of(high, low)) {
            Outcome.EpochMismatch mismatch = assertInstanceOf(Outcome.EpochMismatch.class, outcomes.getFirst());
            assertEquals(2, mismatch.current().size());
        }
        assertInstanceOf(Outcome.EpochMismatch.class, submit(get(LOW), 1).getFirst());
        submit(set(LOW), 2);
        giveTimestamp();
        assertEquals(1, group.waiting());
    }

    @Test
    void aReadOfTheOldEpochIsNotAnsweredFromWhatIsLeft() {
        write(HIGH);
        assertEquals(new Reply.Status("v"), range.readNow(get(HIGH), Range.hashesOf(get(HIGH)), 1));
        split();
        assertNull(range.readNow(get(HIGH), Range.hashesOf(get(HIGH)), 1));
        assertNull(range.readNow(get(LOW), Range.hashesOf(get(LOW)), 1));
        assertEquals(new Reply.Status("-"), range.readNow(get(LOW), Range.hashesOf(get(LOW)), 2));
    }

    @Test
    void aReadThatMeetsTheSplitIsNotAnswered() {
        write(HIGH);
        propose();
        Invocation meets = command(true, HIGH, transaction -> {
            byte[] value = transaction.get(KeyLayout.root(0, bytes(HIGH)));
            group.apply(1, 5);
            return new Reply.Status(value == null ? "-" : "v");
        });
        assertNull(range.readNow(meets, Range.hashesOf(meets), 1));
    }

    @Test
    void anEntryOfTheOldEpochChangesNothing() {
        split();
        byte[] late = EntryCodec.encode(new Entry(
                WHOLE.id(),
                Epoch.FIRST,
                new Entry.ChainLink(5, 1, 2),
                lastTimestamp + 1,
                7,
                List.of(new Entry.CommandEffects(
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(new Effect.Put(Family.NEWEST, KeyLayout.root(0, bytes(LOW)), bytes("late"))),
                        List.of()))));
        group.applyForeign(late, 5);
        assertNull(engine.get(Family.NEWEST, KeyLayout.root(0, bytes(LOW))));
    }

    @Test
    void aSplitWaitsWhileATransactionHasASpanOfKeys() {
        Invocation lock = command(false, LOW, transaction -> {
            ((LeaderTransaction) transaction)
                    .lock(new KeyLock(
                            ((LeaderTransaction) transaction).spanStem(0),
                            77,
                            true,
                            new KeySpan(KeyLayout.slotStart(1), KeyLayout.slotStart(9_000)),
                            new byte[0]));
            return Reply.OK;
        });
        submit(lock, 1);
        giveTimestamp();
        group.apply(1, 5);
        settle();
        range.split(CHILD, new SplitPoint.Bound(AT), CHILD_VOTERS, splits::add);
        settle();
        readDisk();
        assertEquals(0, timestampRequests.size());
        nanos += LeaderSplits.OVERDUE_NANOS + 1;
        range.tick();
        settle();
        assertTrue(splits.getFirst().isPresent());
    }

    @Test
    void whatCannotBeSplitIsRefused() {
        range.split(CHILD, new SplitPoint.Bound(KeyLayout.root(0, bytes(LOW))), CHILD_VOTERS, splits::add);
        range.split(CHILD, new SplitPoint.Bound(AT), List.of(new ReplicaId(new StoreId(4), 9)), splits::add);
        settle();
        assertTrue(splits.stream().allMatch(Optional::isPresent));
        group.stepDown();
        range.split(CHILD, new SplitPoint.Bound(AT), CHILD_VOTERS, splits::add);
        settle();
        assertEquals(3, splits.size());
        assertTrue(splits.getLast().isPresent());
    }

    @Test
    void aReplicaThatWasDestroyedHereIsNotMadeAgainAndItsKeysGo() {
        write(HIGH);
        destroyed = true;
        split();
        assertFalse(RangeState.isHere(engine, CHILD));
        assertNull(engine.get(Family.NEWEST, KeyLayout.root(0, bytes(HIGH))));
        assertEquals(List.of("create 2 by 1 at 3"), host);
    }

    @Test
    void aReplayedSplitGivesTheSameState() {
        write(LOW);
        write(HIGH);
        propose();
        byte[] entry = group.newest();
        group.apply(1, 5);
        settle();
        // The engine is as before; the log has the entry still.
        range.replay(List.of(new StateMachine.Committed(range.appliedIndex(), 5, entry)));
        assertEquals(List.of("create 2 by 1 at 4", "start 2 leading"), host, "what is applied is applied once");
    }
}
