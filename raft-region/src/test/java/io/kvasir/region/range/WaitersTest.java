package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Commands that wait for data at a range's leader (rule K31), each property by its shortest schedule. A value is a
 * queue of letters. One thread, no clock. This file is long because the commands of the schedules stand beside them.
 */
final class WaitersTest {

    private static final long TERM = 5;
    private static final StoreId STORE = new StoreId(2);

    private static final RegionDescriptor REGION = new RegionDescriptor(
            new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<LongConsumer> timestampRequests = new ArrayDeque<>();
    private final MemoryEngine engine = new MemoryEngine(() -> false);
    private final Range range;
    private final SteppedGroup group;
    private long nanos;
    private long lastTimestamp = 100L << 20;
    private long lastNumber;

    WaitersTest() {
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
        range = Range.open(
                REGION,
                new Range.Surroundings(
                        engine,
                        new RecordCache(engine, 0),
                        owner,
                        time,
                        () -> nanos,
                        RandomGenerator.of("L64X128MixRandom"),
                        (read, whenDone) -> false,
                        RangeSettings.PRODUCTION,
                        7,
                        (region, index, entry) -> {},
                        new ListenerSwitch(),
                        new LargeCommandBudget(1 << 20, 2),
                        () -> false));
        group = new SteppedGroup(range.stateMachine());
        range.attach(group);
        lead(TERM);
        passGrace();
    }

    private void passGrace() {
        nanos += Waiters.GRACE_NANOS;
        range.tick();
        settle();
    }

    private void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void lead(long term) {
        group.lead(term);
        settle();
        group.apply(1, term);
        settle();
    }

    /** Evaluates what has been submitted, as one batch. */
    private void evaluate() {
        timestampRequests.removeFirst().accept(++lastTimestamp);
        settle();
    }

    private void apply() {
        group.apply(group.waiting(), TERM);
        settle();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String letters(Transaction transaction, String key) {
        byte @Nullable [] value = transaction.get(KeyLayout.root(0, bytes(key)));
        return value == null ? "" : new String(value, StandardCharsets.US_ASCII);
    }

    private static void store(Transaction transaction, String key, String letters) {
        byte[] root = KeyLayout.root(0, bytes(key));
        if (letters.isEmpty()) {
            transaction.delete(root);
        } else {
            transaction.put(root, bytes(letters));
        }
    }

    private static List<byte[]> userKeys(List<String> keys) {
        return keys.stream().map(WaitersTest::bytes).toList();
    }

    /** Adds letters to a key, or answers what is there if there are none to add. */
    private record Push(String key, String letters) implements Invocation {

        @Override
        public Reply run(Transaction transaction) {
            String now = WaitersTest.letters(transaction, key) + letters;
            if (!letters.isEmpty()) {
                store(transaction, key, now);
            }
            return new Reply.Status(now);
        }

        @Override
        public boolean readOnly() {
            return letters.isEmpty();
        }

        @Override
        public int database() {
            return 0;
        }

        @Override
        public List<byte[]> userKeys() {
            return WaitersTest.userKeys(List.of(key));
        }
    }

    /** Takes a letter from the first key that has some, and gives it to another key if there is a name. */
    private record Take(List<String> from, String to) implements Awaiting {

        @Override
        public Reply run(Transaction transaction) {
            for (String key : from) {
                String there = letters(transaction, key);
                if (!there.isEmpty()) {
                    store(transaction, key, there.substring(1));
                    if (!to.isEmpty()) {
                        store(transaction, to, letters(transaction, to) + there.charAt(0));
                    }
                    return new Reply.Status(key + there.charAt(0));
                }
            }
            return Reply.NULL;
        }

        @Override
        public List<byte[]> awaitedKeys() {
            return WaitersTest.userKeys(from);
        }

        @Override
        public Invocation servedBy(byte[] userKey) {
            return new Take(List.of(new String(userKey, StandardCharsets.US_ASCII)), to);
        }

        @Override
        public String awaited() {
            return "letters";
        }

        @Override
        public boolean readOnly() {
            return false;
        }

        @Override
        public int database() {
            return 0;
        }

        @Override
        public List<byte[]> userKeys() {
            return WaitersTest.userKeys(
                    Stream.concat(from.stream(), Stream.of(to).filter(key -> !key.isEmpty()))
                            .toList());
        }
    }

    /** Takes a letter only once it has waited. */
    private record Later(Take take) implements Awaiting {

        @Override
        public Reply run(Transaction transaction) {
            throw new IllegalStateException("it has waited already");
        }

        @Override
        public List<byte[]> awaitedKeys() {
            return take.awaitedKeys();
        }

        @Override
        public Invocation servedBy(byte[] userKey) {
            return take.servedBy(userKey);
        }

        @Override
        public String awaited() {
            return take.awaited();
        }

        @Override
        public boolean readOnly() {
            return false;
        }

        @Override
        public int database() {
            return 0;
        }

        @Override
        public List<byte[]> userKeys() {
            return take.userKeys();
        }
    }

    private List<Outcome> submit(Invocation invocation) {
        List<Outcome> outcomes = new ArrayList<>();
        Request request = new Request("TEST", 1, 0, 1, 0, Optional.empty(), 0, new byte[0][]);
        range.submit(request, invocation, Range.hashesOf(invocation), 1, new StreamPlace(9, 1), outcomes::add);
        settle();
        return outcomes;
    }

    /** A wait that has been submitted. */
    private record Submitted(long number, List<Outcome> outcomes) {

        void assertDone(String status) {
            assertEquals(List.of(new Outcome.Done(new Reply.Status(status))), outcomes);
        }

        void assertWaits() {
            assertEquals(List.of(), outcomes);
        }
    }

    private Submitted await(long since, boolean peeks, long id, Awaiting take) {
        Submitted submitted = new Submitted(++lastNumber, new ArrayList<>());
        Request request =
                new Request("TAKE", 1, 0, lastNumber, 0, Optional.of(new RequestId(9, id, 0)), 0, new byte[0][]);
        range.await(
                new WaitRequest(REGION.id(), 1, 9, submitted.number, since, peeks, Optional.of(request)),
                take,
                STORE,
                submitted.outcomes::add);
        settle();
        return submitted;
    }

    private Submitted await(long since, Awaiting take) {
        return await(since, false, 1_000 + lastNumber, take);
    }

    private static Take take(String... keys) {
        return new Take(List.of(keys), "");
    }

    @Test
    void aWaiterIsServedByTheEntryThatBringsWhatItWaitsFor() {
        Submitted waiter = await(1, take("k"));
        evaluate();
        waiter.assertWaits();
        assertEquals(0, group.waiting());
        submit(new Push("other", "x"));
        submit(new Push("k", "a"));
        List<Outcome> thief = submit(new Push("k", "")); // in one batch with the push
        evaluate();
        apply();
        evaluate();
        assertEquals(1, group.waiting(), "one entry holds both");
        waiter.assertWaits();
        apply();
        waiter.assertDone("ka");
        assertEquals(List.of(new Outcome.Done(new Reply.Status(""))), thief, "it was gone before the next command");
    }

    @Test
    void whoWaitsLongerIsServedFirstWhereverItWaitedBefore() {
        Submitted second = await(20, take("k"));
        Submitted first = await(10, take("k"));
        Submitted third = await(30, take("k"));
        evaluate();
        submit(new Push("k", "ab"));
        evaluate();
        apply();
        first.assertDone("ka");
        second.assertDone("kb");
        third.assertWaits();
    }

    @Test
    void theKeyThatWasWrittenServesEvenIfAnotherComesFirstInTheCommand() {
        Submitted waiter = await(1, take("j", "k"));
        evaluate();
        submit(new Push("k", "a"));
        submit(new Push("j", "b"));
        evaluate();
        apply();
        waiter.assertDone("ka");
    }

    @Test
    void whatWasWrittenBeforeAWaiterCameIsServedAsIfItHadBeenThere() {
        submit(new Push("b", "xy"));
        evaluate();
        apply();
        Submitted waiter = await(1, new Later(take("a", "b")));
        evaluate();
        apply();
        waiter.assertDone("bx");
    }

    @Test
    void whatAWaiterWritesServesOthers() {
        Submitted taker = await(1, take("b"));
        Submitted mover = await(2, new Take(List.of("a"), "b"));
        evaluate();
        submit(new Push("a", "x"));
        evaluate();
        apply();
        mover.assertDone("ax");
        taker.assertDone("bx");
        assertEquals(new Reply.Status(""), range.readNow(new Push("b", ""), Range.hashesOf(new Push("b", ""))));
    }

    @Test
    void whoWaitsHoldsNoPlaceInTheQueueAndKeepsNoReaderOffItsKey() {
        await(1, new Take(List.of("a"), "b"));
        evaluate();
        assertEquals(0, range.queued());
        Invocation read = new Push("a", "");
        assertEquals(new Reply.Status(""), range.readNow(read, Range.hashesOf(read)));
        Invocation other = new Push("b", "");
        assertNull(range.readNow(other, Range.hashesOf(other)), "it may be written with no mark of another command");
        Submitted gone = new Submitted(lastNumber, List.of());
        range.withdraw(9, gone.number);
        settle();
        assertEquals(new Reply.Status(""), range.readNow(other, Range.hashesOf(other)));
    }

    @Test
    void whoIsWithdrawnHearsNullUnlessItIsServedAlready() {
        Submitted early = await(1, take("k"));
        range.withdraw(9, early.number);
        settle();
        evaluate();
        assertEquals(List.of(new Outcome.Done(Reply.NULL)), early.outcomes);
        Submitted parked = await(1, take("k"));
        evaluate();
        range.withdraw(9, parked.number);
        settle();
        assertEquals(List.of(new Outcome.Done(Reply.NULL)), parked.outcomes);
        Submitted served = await(1, take("k"));
        evaluate();
        submit(new Push("k", "a"));
        evaluate();
        range.withdraw(9, served.number);
        settle();
        served.assertWaits();
        apply();
        served.assertDone("ka");
    }

    @Test
    void waitsOfAStoreThatIsGoneTakeNothing() {
        Submitted waiter = await(1, take("k"));
        evaluate();
        range.withdrawAll(STORE);
        settle();
        assertEquals(List.of(new Outcome.Done(Reply.NULL)), waiter.outcomes);
        List<Outcome> push = submit(new Push("k", "a"));
        evaluate();
        apply();
        assertEquals(List.of(new Outcome.Done(new Reply.Status("a"))), push);
        assertEquals(new Reply.Status("a"), range.readNow(new Push("k", ""), Range.hashesOf(new Push("k", ""))));
    }

    @Test
    void whoWaitsInSeveralRangesHearsOfDataAndTakesNone() {
        Submitted peeks = await(1, true, 1, take("k"));
        Submitted takes = await(2, take("k"));
        evaluate();
        submit(new Push("k", "a"));
        evaluate();
        apply();
        assertEquals(List.of(new Outcome.Done(Peek.READY)), peeks.outcomes);
        takes.assertDone("ka");
    }

    @Test
    void aLeaderThatStepsDownGivesItsWaitersBack() {
        Submitted waiter = await(1, take("k"));
        evaluate();
        group.stepDown();
        settle();
        assertInstanceOf(Outcome.NotLeader.class, waiter.outcomes.getFirst());
    }

    @Test
    void k31AWaiterWhoseReplyWasLostFindsItWhenItWaitsAgain() {
        Submitted waiter = await(1, false, 77, take("k"));
        evaluate();
        submit(new Push("k", "ab"));
        evaluate();
        apply();
        waiter.assertDone("ka");
        group.stepDown();
        settle();
        lead(7);
        Submitted other = await(2, false, 78, take("k"));
        Submitted again = await(1, false, 77, take("k"));
        evaluate();
        passGrace();
        evaluate();
        group.apply(group.waiting(), 7);
        settle();
        again.assertDone("ka");
        other.assertDone("kb");
    }

    @Test
    void k31ANewLeaderServesNobodyUntilThoseWhoWaitLongerMayHaveCome() {
        group.stepDown();
        settle();
        lead(7);
        Submitted younger = await(2, take("k"));
        evaluate();
        submit(new Push("k", "a"));
        evaluate();
        group.apply(group.waiting(), 7);
        settle();
        younger.assertWaits();
        Submitted older = await(1, take("k"));
        evaluate();
        passGrace();
        evaluate();
        group.apply(group.waiting(), 7);
        settle();
        older.assertDone("ka");
        younger.assertWaits();
    }

    @Test
    void aWaiterWhoseEntryIsLostIsGivenBackWithTheCommandThatServedIt() {
        Submitted waiter = await(1, take("k"));
        evaluate();
        List<Outcome> push = submit(new Push("k", "a"));
        evaluate();
        group.lose();
        group.lead(6);
        settle();
        group.apply(group.waiting(), 6);
        settle();
        assertInstanceOf(Outcome.NotLeader.class, push.getFirst());
        assertInstanceOf(Outcome.NotLeader.class, waiter.outcomes.getFirst());
    }
}
