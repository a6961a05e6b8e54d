package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

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
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The rules of a range's leader, each by the shortest schedule that breaks a range without it. One thread, no clock.
 * This file is long because each rule has its schedule here, beside the others.
 */
final class RangeTest {

    private static final RegionDescriptor REGION = new RegionDescriptor(
            new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<LongConsumer> timestampRequests = new ArrayDeque<>();
    private final List<Runnable> lookups = new ArrayList<>();
    private final MemoryEngine engine = new MemoryEngine(this::looksUp);
    private final Range range;
    private final SteppedGroup group;
    private final Deque<Runnable> diskReads = new ArrayDeque<>();
    private boolean poolIsFull = true;
    private boolean cold;
    private boolean diskLow;
    private long nanos;
    private long lastTimestamp = 100;

    RangeTest() {
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
                        new RecordCache(engine, 0), // so that every read looks into the engine
                        owner,
                        time,
                        () -> nanos,
                        RandomGenerator.of("L64X128MixRandom"),
                        this::readDisk,
                        RangeSettings.PRODUCTION,
                        7,
                        (region, index, entry) -> {},
                        new ListenerSwitch(),
                        new LargeCommandBudget(1 << 20, 2),
                        () -> diskLow));
        group = new SteppedGroup(range.stateMachine());
        range.attach(group);
        lead(5);
    }

    /** What the engine asks at each look-up in memory: the test may act in the middle of a read. */
    private boolean looksUp() {
        if (!lookups.isEmpty()) {
            lookups.removeFirst().run();
        }
        return cold;
    }

    private boolean readDisk(Runnable read, Runnable whenDone) {
        return !poolIsFull
                && diskReads.add(() -> {
                    read.run();
                    whenDone.run();
                });
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

    private long giveTimestamp() {
        timestampRequests.removeFirst().accept(++lastTimestamp);
        settle();
        return lastTimestamp;
    }

    private static byte[] root(String key) {
        return KeyLayout.root(0, key.getBytes(StandardCharsets.US_ASCII));
    }

    /** A command over {@code keys}. */
    private static Invocation command(boolean readOnly, List<String> keys, Function<Transaction, Reply> code) {
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
                return keys.stream()
                        .map(key -> key.getBytes(StandardCharsets.US_ASCII))
                        .toList();
            }
        };
    }

    private static Invocation set(String value, String... keys) {
        return command(false, List.of(keys), transaction -> {
            for (String key : keys) {
                transaction.put(root(key), value.getBytes(StandardCharsets.US_ASCII));
            }
            return Reply.OK;
        });
    }

    private static Invocation get(String... keys) {
        return command(true, List.of(keys), transaction -> {
            StringBuilder values = new StringBuilder();
            for (String key : keys) {
                byte @Nullable [] value = transaction.get(root(key));
                values.append(value == null ? "-" : new String(value, StandardCharsets.US_ASCII));
            }
            return new Reply.Status(values.toString());
        });
    }

    private static Invocation append(String key, String more) {
        return command(false, List.of(key), transaction -> {
            byte @Nullable [] value = transaction.get(root(key));
            String now = (value == null ? "" : new String(value, StandardCharsets.US_ASCII)) + more;
            transaction.put(root(key), now.getBytes(StandardCharsets.US_ASCII));
            return new Reply.Status(now);
        });
    }

    private List<Outcome> submit(Invocation invocation) {
        return submit(invocation, 1);
    }

    private List<Outcome> submit(Invocation invocation, long generation) {
        List<Outcome> outcomes = new ArrayList<>();
        Request request = new Request("TEST", 1, 0, 1, 0, Optional.empty(), 0, new byte[0][]);
        range.submit(request, invocation, Range.hashesOf(invocation), 1, new StreamPlace(9, generation), outcomes::add);
        settle();
        return outcomes;
    }

    private @Nullable Reply readNow(Invocation invocation) {
        return range.readNow(invocation, Range.hashesOf(invocation));
    }

    private static void assertDone(String expected, List<Outcome> outcomes) {
        assertEquals(1, outcomes.size());
        Outcome.Done done = assertInstanceOf(Outcome.Done.class, outcomes.getFirst());
        assertEquals(new Reply.Status(expected), done.reply());
    }

    private Version versionOf(String key) {
        byte[] stamped = engine.get(Family.NEWEST, root(key));
        assertTrue(stamped != null, key + " is absent");
        return Version.read(stamped, 0);
    }

    @Test
    void k1AReadDoesNotPassAWriteThatWaitsForItsTimestamp() {
        List<Outcome> write = submit(set("1", "x"));
        assertNull(readNow(get("x")), "no timestamp yet");
        giveTimestamp();
        assertNull(readNow(get("x")), "proposed, not applied");
        assertEquals(new Reply.Status("-"), readNow(get("y")), "another key is free");
        group.apply(1, 5);
        assertDone("OK", write);
        assertEquals(new Reply.Status("1"), readNow(get("x")));
    }

    @Test
    void k2WhatWasEvaluatedOverALostEntryIsLostWithIt() {
        List<Outcome> first = submit(append("x", "a"));
        giveTimestamp();
        List<List<Outcome>> second = new ArrayList<>();
        for (int i = 0; i < RangeSettings.PRODUCTION.pipelineCommandsMin(); i++) {
            second.add(submit(append("x", "b")));
        }
        giveTimestamp();
        assertEquals(2, group.waiting());
        group.lose();
        group.apply(1, 5);
        settle();
        assertInstanceOf(Outcome.NotLeader.class, first.getFirst());
        second.forEach(outcomes -> assertInstanceOf(Outcome.NotLeader.class, outcomes.getFirst()));
        group.apply(1, 5);
        settle();
        List<Outcome> again = submit(append("x", "c"), 2);
        giveTimestamp();
        group.apply(1, 5);
        assertDone("c", again);
    }

    @Test
    void k2AnEntryOfAnOlderTermIsNotAppliedInANewerOne() {
        List<Outcome> write = submit(set("old", "x"));
        giveTimestamp();
        group.apply(1, 6);
        settle();
        assertInstanceOf(Outcome.NotLeader.class, write.getFirst());
        assertNull(engine.get(Family.NEWEST, root("x")));
    }

    @Test
    void k13ACommandThatComesAfterTheRequestGetsALaterTimestamp() {
        submit(set("1", "x"));
        assertEquals(1, timestampRequests.size());
        submit(set("1", "y"));
        assertEquals(1, timestampRequests.size(), "one request at a time");
        long first = giveTimestamp();
        group.apply(1, 5);
        settle();
        long second = giveTimestamp();
        group.apply(1, 5);
        assertEquals(first, versionOf("x").timestamp());
        assertEquals(second, versionOf("y").timestamp());
    }

    @Test
    void k13ATimestampAskedForInAnEarlierTermIsNotUsed() {
        List<Outcome> early = submit(set("1", "x"));
        group.stepDown();
        settle();
        assertInstanceOf(Outcome.NotLeader.class, early.getFirst());
        lead(7);
        submit(set("2", "x"), 2);
        assertEquals(2, timestampRequests.size());
        giveTimestamp();
        assertEquals(0, group.waiting(), "the batch of the new term waits for its own");
        long own = giveTimestamp();
        group.apply(1, 7);
        assertEquals(own, versionOf("x").timestamp());
    }

    @Test
    void k15LeadershipReportedTwiceInATermStartsANewChain() {
        List<Outcome> write = submit(set("1", "x"));
        giveTimestamp();
        group.lead(5);
        settle();
        assertEquals(2, group.waiting());
        group.apply(2, 5);
        settle();
        assertDone("OK", write);
        List<Outcome> later = submit(set("2", "x"));
        giveTimestamp();
        group.apply(1, 5);
        assertDone("OK", later);
    }

    @Test
    void k16AReadOfTwoRecordsIsNotTornByAnEntryAppliedInBetween() {
        lookups.add(() -> {});
        lookups.add(() -> {
            submit(set("2", "x", "y"));
            giveTimestamp();
            group.apply(1, 5);
        });
        assertNull(readNow(get("x", "y")), "x was read before the write, y after it");
        assertEquals(new Reply.Status("22"), readNow(get("x", "y")));
    }

    @Test
    void k16AFaultOverTornRecordsIsLeftToTheOwner() {
        Invocation strict = command(true, List.of("x", "y"), transaction -> {
            boolean torn = transaction.get(root("x")) == null && transaction.get(root("y")) != null;
            if (torn) {
                throw new IllegalStateException("y without x");
            }
            return Reply.OK;
        });
        lookups.add(() -> {});
        lookups.add(() -> {
            submit(set("2", "x", "y"));
            giveTimestamp();
            group.apply(1, 5);
        });
        assertNull(readNow(strict));
        assertEquals(Reply.OK, readNow(strict));
    }

    @Test
    void k17TwoCommandsOfABatchGiveTheirRecordsDifferentVersions() {
        submit(set("0", "z"));
        submit(append("x", "a"));
        submit(append("y", "b"));
        giveTimestamp();
        group.apply(1, 5);
        settle();
        giveTimestamp();
        group.apply(1, 5);
        assertEquals(versionOf("x").timestamp(), versionOf("y").timestamp());
        assertNotEquals(versionOf("x"), versionOf("y"));
    }

    @Test
    void k22AReplyKeptOverAStepDownIsSentWhenTheEntryIsApplied() {
        List<Outcome> write = submit(set("1", "x"));
        giveTimestamp();
        group.stepDown();
        settle();
        assertTrue(write.isEmpty(), "nobody knows yet");
        group.apply(1, 5);
        assertDone("OK", write);
    }

    @Test
    void k22AnEntryOfANewerTermTellsThatTheOlderOnesAreLost() {
        List<Outcome> write = submit(set("1", "x"));
        giveTimestamp();
        group.stepDown();
        settle();
        group.lose();
        group.applyForeign(EntryCodec.encode(Entry.start(REGION.id(), Epoch.FIRST, 6, 1, 7)), 6);
        assertInstanceOf(Outcome.NotLeader.class, write.getFirst());
    }

    @Test
    void k22AFateThatNobodyTellsIsUndeterminedAfterItsTime() {
        List<Outcome> write = submit(set("1", "x"));
        giveTimestamp();
        group.stepDown();
        settle();
        nanos += RangeSettings.PRODUCTION.proposalNanosMax() + TimeUnit.SECONDS.toNanos(1);
        range.tick();
        settle();
        assertInstanceOf(Outcome.Undetermined.class, write.getFirst());
    }

    @Test
    void k22ALeaderThatHandsOverEndsWhatIsUnderWayAndKeepsWhatComesMeanwhile() {
        List<Outcome> early = submit(set("1", "x"));
        List<Boolean> ended = new ArrayList<>();
        range.transferLeadership(new StoreId(2), ended::add);
        settle();
        assertNull(group.transfer, "a batch is under way");
        giveTimestamp();
        List<Outcome> late = submit(set("2", "y"));
        assertEquals(0, timestampRequests.size(), "no batch begins");
        group.apply(1, 5);
        settle();
        assertDone("OK", early);
        assertNotNull(group.transfer, "nothing is under way: the other is asked");
        group.stepDown();
        settle();
        List<Outcome> later = submit(set("3", "z"));
        assertEquals(List.of(), late, "kept until somebody leads");
        assertEquals(List.of(), later, "kept until somebody leads");
        group.transfer.accept(true);
        settle();
        assertInstanceOf(Outcome.NotLeader.class, late.getFirst());
        assertInstanceOf(Outcome.NotLeader.class, later.getFirst());
        assertEquals(List.of(true), ended);
        assertInstanceOf(Outcome.NotLeader.class, submit(set("4", "z")).getFirst(), "nothing is kept any more");
    }

    @Test
    void whoIsElectedKeepsCommandsUntilItLeadsOrHasLostAgain() {
        group.stepDown();
        settle();
        group.elected = true;
        List<Outcome> early = submit(set("1", "x"));
        assertEquals(List.of(), early, "it is about to lead");
        lead(7);
        giveTimestamp();
        group.apply(1, 7);
        assertDone("OK", early);

        group.stepDown();
        settle();
        List<Outcome> vain = submit(set("2", "x"));
        group.elected = false;
        range.tick();
        settle();
        assertInstanceOf(Outcome.NotLeader.class, vain.getFirst());

        group.elected = true;
        List<Outcome> late = submit(set("3", "x"), 2);
        assertEquals(List.of(), late);
        nanos += RangeLeader.ELECTED_NANOS_MAX + 1;
        range.tick();
        settle();
        assertInstanceOf(Outcome.NotLeader.class, late.getFirst(), "it does not begin to lead");
    }

    @Test
    void aHandOverThatDoesNotComeAboutLeavesTheLeaderAsItWas() {
        List<Boolean> ended = new ArrayList<>();
        group.lag = HandOver.LAG_ENTRIES_MAX + 1;
        range.transferLeadership(new StoreId(2), ended::add);
        settle();
        assertEquals(List.of(false), ended, "the other lacks too much");
        group.lag = 0;
        range.transferLeadership(new StoreId(2), ended::add);
        settle();
        List<Outcome> held = submit(append("x", "a"));
        group.transfer.accept(false);
        settle();
        giveTimestamp();
        group.apply(1, 5);
        assertDone("a", held);

        submit(append("x", "b"));
        range.transferLeadership(new StoreId(2), ended::add);
        settle();
        nanos += HandOver.DRAIN_NANOS_MAX + 1;
        range.tick();
        settle();
        assertEquals(List.of(false, false, false), ended, "its timestamp does not come");
        List<Outcome> next = submit(append("x", "c"));
        giveTimestamp();
        group.apply(1, 5);
        settle();
        giveTimestamp();
        group.apply(1, 5);
        assertDone("abc", next);
    }

    @Test
    void aHandOverEndsWithALeadThatIsLostBeforeTheOtherIsAsked() {
        List<Outcome> early = submit(set("1", "x"));
        List<Boolean> ended = new ArrayList<>();
        range.transferLeadership(new StoreId(2), ended::add);
        settle();
        giveTimestamp();
        List<Outcome> kept = submit(set("2", "y"));
        group.stepDown();
        settle();
        assertEquals(List.of(false), ended);
        assertInstanceOf(Outcome.NotLeader.class, kept.getFirst());
        assertEquals(List.of(), early, "its fate is not known");
    }

    @Test
    void k1WhoHandsOverReadsUnderItsLeaseUntilThatEnds() {
        range.transferLeadership(new StoreId(2), done -> {});
        settle();
        assertEquals(new Reply.Status("-"), readNow(get("x")), "nobody else can lead yet");
        group.lease = false;
        assertNull(readNow(get("x")), "the other was asked");
    }

    @Test
    void k28AfterARefusalTheRestOfTheGenerationIsRefused() {
        List<Outcome> first = submit(set("1", "x"));
        group.stepDown();
        settle();
        assertInstanceOf(Outcome.NotLeader.class, first.getFirst());
        lead(6);
        assertInstanceOf(Outcome.Refused.class, submit(set("2", "x")).getFirst());
        assertTrue(submit(set("1", "x"), 2).isEmpty(), "a new generation is taken");
    }

    private void writeX(String value) {
        submit(set(value, "x"));
        giveTimestamp();
        group.apply(1, 5);
        settle();
    }

    /** Asks for a read beside the owner, runs {@code meanwhile} while it waits for the disk, and returns its answer. */
    private @Nullable Reply readAside(Invocation invocation, Runnable meanwhile) {
        List<Optional<Reply>> answers = new ArrayList<>();
        poolIsFull = false;
        assertTrue(range.readAside(
                invocation, Range.hashesOf(invocation), reply -> answers.add(Optional.ofNullable(reply))));
        assertTrue(answers.isEmpty(), "it waits for the disk");
        meanwhile.run();
        diskReads.removeFirst().run();
        assertEquals(1, answers.size());
        return answers.getFirst().orElse(null);
    }

    @Test
    void k32AReadOfTheDiskIsAnsweredBesideTheOwner() {
        writeX("1");
        cold = true;
        assertSame(Range.ON_DISK, readNow(get("x")));
        assertEquals(new Reply.Status("1"), readAside(get("x"), () -> {}));
        assertTrue(tasks.isEmpty() && timestampRequests.isEmpty(), "the owner has no part in it");
    }

    @Test
    void k32AReadOfTheDiskIsNotTakenIfTooManyWait() {
        assertFalse(range.readAside(get("x"), Range.hashesOf(get("x")), reply -> fail("it was not taken")));
    }

    @Test
    void k1AReadOfTheDiskDoesNotPassAWriteThatIsUnderWay() {
        writeX("1");
        assertNull(readAside(get("x"), () -> submit(set("2", "x"))));
        assertEquals(new Reply.Status("2"), readAside(get("x"), () -> {
            giveTimestamp();
            group.apply(1, 5);
        }));
    }

    @Test
    void k16AReadOfTheDiskIsOneMoment() {
        Invocation torn = command(true, List.of("x", "y"), transaction -> {
            Reply before = get("x").run(transaction);
            submit(set("2", "x", "y"));
            giveTimestamp();
            group.apply(1, 5);
            Reply after = get("y").run(transaction);
            return new Reply.Array(List.of(before, after));
        });
        assertNull(readAside(torn, () -> {}));
    }

    @Test
    void k16AReadOfTheDiskIsNotAnsweredWithoutALeaseAtItsEnd() {
        Invocation slow = command(true, List.of("x"), transaction -> {
            Reply read = get("x").run(transaction);
            group.lease = false;
            return read;
        });
        assertNull(readAside(slow, () -> {}));
    }

    @Test
    void k37AReadWithoutALeaseIsNotAnsweredOnTheSpot() {
        group.lease = false;
        assertNull(readNow(get("x")));
    }

    @Test
    void aRestartedReplicaKnowsHowFarItAppliedAndItsCounts() {
        Invocation create = command(false, List.of("x"), transaction -> {
            transaction.addKeys(root("x"), 0, 1);
            transaction.put(root("x"), new byte[] {'1'});
            return Reply.OK;
        });
        submit(create);
        giveTimestamp();
        group.apply(1, 5);
        ReplicaState reloaded = ReplicaState.load(engine, REGION);
        assertEquals(2, reloaded.applied().index());
        assertEquals(1L, reloaded.keys().get(0));
    }

    @Test
    void whileTheDiskIsLowOnlyCommandsThatMayGrowAreRefusedAndLeaveNothing() {
        diskLow = true;
        List<Outcome> refused = submit(set("v", "k"));
        giveTimestamp();
        List<Outcome> read = submit(get("k"));
        giveTimestamp();
        Outcome.Done done = assertInstanceOf(Outcome.Done.class, refused.getFirst());
        assertTrue(assertInstanceOf(Reply.Error.class, done.reply()).text().startsWith("DISKFULL "));
        assertDone("-", read);
        assertEquals(0, group.waiting());
        diskLow = false;
        List<Outcome> taken = submit(set("v", "k"));
        giveTimestamp();
        group.apply(1, 5);
        assertDone("OK", taken);
    }

    @Test
    void anInstanceIsRetiredWhenTheLastDatabaseLeavesItAndForgottenOnce() {
        int first = 70_000;
        run(change(transaction -> {
            transaction.addKeys(root("k"), 0, 1);
            transaction.addKeys(root("l"), first, 1);
        }));
        run(change(transaction -> transaction.mapInstance(0, first)));
        assertEquals(List.of(0), range.retiredInstances());
        run(change(transaction -> transaction.mapInstance(0, first)));
        assertEquals(List.of(0), range.retiredInstances());
        run(change(transaction -> {
            transaction.mapInstance(1, first);
            transaction.mapInstance(0, 1);
        }));
        assertEquals(List.of(0), range.retiredInstances(), "two databases were swapped");
        run(change(transaction -> transaction.mapInstance(1, first + 1)));
        assertEquals(List.of(0, first), range.retiredInstances());
        run(change(transaction -> transaction.addKeys(root("k"), 0, -1)));
        run(change(transaction -> transaction.forgetInstance(0)));
        run(change(transaction -> transaction.forgetInstance(0)));
        assertEquals(List.of(first), range.retiredInstances());
        assertEquals(
                range.retiredInstances(),
                ReplicaState.load(engine, REGION).instances().retiredInOrder(),
                "what a restart finds");
    }

    @Test
    void anInstanceWithoutKeysIsForgottenWhenItIsLeft() {
        run(change(transaction -> transaction.mapInstance(0, 70_000)));
        assertEquals(List.of(), range.retiredInstances());
        assertEquals(70_000, range.instance(0));
    }

    @Test
    void retiredInstancesAreBounded() {
        run(change(transaction -> transaction.addKeys(root("k"), 0, 1)));
        for (int i = 0; i < RangeSettings.PRODUCTION.retiredInstancesMax(); i++) {
            int instance = 70_000 + i;
            run(change(transaction -> {
                transaction.mapInstance(0, instance);
                transaction.addKeys(root("k"), instance, 1);
            }));
        }
        List<Outcome> refused = submit(change(transaction -> transaction.mapInstance(0, 90_000)));
        giveTimestamp();
        Reply reply = assertInstanceOf(Outcome.Done.class, refused.getFirst()).reply();
        assertTrue(assertInstanceOf(Reply.Error.class, reply).text().startsWith("TRYAGAIN "));
        assertEquals(
                RangeSettings.PRODUCTION.retiredInstancesMax(),
                range.retiredInstances().size());
        run(change(transaction -> transaction.addKeys(root("k"), 70_000, -1)));
        run(change(transaction -> transaction.forgetInstance(70_000)));
        run(change(transaction -> transaction.mapInstance(0, 90_000)));
        assertEquals(90_000, range.instance(0));
    }

    @Test
    void anInstanceWithKeysIsNotForgotten() {
        run(change(transaction -> transaction.addKeys(root("k"), 0, 1)));
        List<Outcome> outcomes = submit(change(transaction -> transaction.forgetInstance(0)));
        giveTimestamp();
        assertInstanceOf(Reply.Error.class, ((Outcome.Done) outcomes.getFirst()).reply());
        assertEquals(1, range.keys(0));
    }

    private static Invocation change(Consumer<Transaction> code) {
        return command(false, List.of("any"), transaction -> {
            code.accept(transaction);
            return new Reply.Status("OK");
        });
    }

    /** Runs a command and applies what it changes. */
    private void run(Invocation invocation) {
        List<Outcome> outcomes = submit(invocation);
        giveTimestamp();
        if (group.waiting() > 0) {
            group.apply(1, 5);
        }
        settle();
        assertDone("OK", outcomes);
    }
}
