package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
import io.kvasir.region.Transaction;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What others notice of a session that keeps a range busy, and how often such a one waits for the disk. */
final class CrowdedRangeTest {

    private static final RegionDescriptor REGION = new RegionDescriptor(
            new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Runnable> pool = new ArrayDeque<>();
    private final MemoryEngine disk = new MemoryEngine();

    /** Keys that memory holds: those that were read by somebody who waited for the disk. */
    private final TreeSet<byte[]> warm = new TreeSet<>(Arrays::compareUnsigned);

    private final Range range;
    private final SteppedGroup group;
    private final List<String> ran = new ArrayList<>();
    private long lastTimestamp = Timestamp.of(1_000, 0);
    private long nanos;
    private boolean cold;

    CrowdedRangeTest() {
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
        Engine engine = halfCold();
        range = Range.open(
                REGION,
                new Range.Surroundings(
                        engine,
                        new RecordCache(engine, 1 << 20),
                        owner,
                        time,
                        () -> nanos,
                        RandomGenerator.of("L64X128MixRandom"),
                        (read, whenDone) -> pool.add(() -> {
                            read.run();
                            whenDone.run();
                        }),
                        RangeSettings.PRODUCTION,
                        7,
                        (region, index, entry) -> {},
                        new ListenerSwitch(),
                        new LargeCommandBudget(1 << 20, 1),
                        () -> false));
        group = new SteppedGroup(range.stateMachine());
        range.attach(group);
        group.lead(1);
        settle();
        apply();
    }

    /** Returns the engine, which has in memory what is in {@link #warm}, and all if it is not {@link #cold}. */
    private Engine halfCold() {
        return (Engine) Proxy.newProxyInstance(
                Engine.class.getClassLoader(), new Class<?>[] {Engine.class}, (_, method, words) -> {
                    if (words != null && words.length == 2 && words[0] == Family.NEWEST) {
                        byte[] key = (byte[]) words[1];
                        if (method.getName().equals("get")) {
                            warm.add(key);
                        } else if (method.getName().equals("getCached") && cold && !warm.contains(key)) {
                            return Engine.Lookup.UNKNOWN;
                        }
                    }
                    return method.invoke(disk, words);
                });
    }

    private void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void apply() {
        group.apply(group.waiting(), 1);
        settle();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private List<Outcome> submit(long session, String key, Function<Transaction, Reply> code) {
        List<Outcome> outcomes = new ArrayList<>();
        Invocation invocation = new Invocation() {
            @Override
            public Reply run(Transaction transaction) {
                return code.apply(transaction);
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
                return List.of(bytes(key));
            }
        };
        Request request = new Request("TEST", 1, 0, session, 0, Optional.empty(), 0, new byte[0][]);
        range.submit(request, invocation, Range.hashesOf(invocation), 1, new StreamPlace(session, 1), outcomes::add);
        return outcomes;
    }

    /** Writes a record of {@code key} and takes {@code millis}. */
    private Function<Transaction, Reply> taking(String name, String key, long millis) {
        return transaction -> {
            ran.add(name);
            nanos += millis * 1_000_000;
            transaction.put(KeyLayout.root(transaction.instance(0), bytes(key)), new byte[Version.BYTES]);
            return Reply.OK;
        };
    }

    @Test
    void aBatchIsClosedAfterItsTimeAndSessionsTakeTurns() {
        List<List<Outcome>> busy = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            busy.add(submit(1, "big", taking("big" + i, "big", 3)));
        }
        List<Outcome> small = submit(2, "small", taking("small", "small", 0));
        settle();
        // The first batch has no turns to give: it takes what came first until its 5 ms are over. The next one has.
        assertEquals(List.of("big1", "big2", "big3", "small", "big4", "big5", "big6"), ran);
        assertEquals(3, group.waiting(), "none is larger than its time, and none waits for the one before");
        group.apply(2, 1);
        settle();
        assertEquals(1, small.size(), "two entries and no more are before its answer");
        assertTrue(busy.getLast().isEmpty(), "the rest is under way");
        while (group.waiting() > 0) {
            apply();
        }
        busy.forEach(one -> assertInstanceOf(Outcome.Done.class, one.getFirst()));
    }

    /** Reads and writes {@code count} records of {@code key} in turn, as a command over many elements does. */
    private Function<Transaction, Reply> readAndWrite(String name, String key, int count) {
        return transaction -> {
            ran.add(name);
            byte[] stem = KeyLayout.stem(transaction.instance(0), bytes(key));
            for (int i = 0; i < count; i++) {
                byte[] element = KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, new Version(1, 0), bytes(name + i));
                byte[] before = transaction.get(element);
                transaction.put(element, before == null ? new byte[1] : before);
            }
            transaction.put(KeyLayout.rootOfStem(stem), new byte[Version.BYTES]);
            return Reply.OK;
        };
    }

    @Test
    void aCommandOverManyColdRecordsWaitsForTheDiskOnceAndThoseBehindItNotAtAll() {
        cold = true;
        List<List<Outcome>> outcomes = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            outcomes.add(submit(1, "k", readAndWrite(name, "k", 50)));
        }
        settle();
        assertEquals(List.of("a"), ran, "it misses a record, and the others are behind it");
        assertEquals(3, pool.size(), "what all three read is fetched");
        while (!pool.isEmpty()) {
            pool.poll().run();
            settle();
        }
        while (group.waiting() > 0) {
            apply();
        }
        outcomes.forEach(one -> assertInstanceOf(Outcome.Done.class, one.getFirst()));
        // Each: once for the fetch, once for good; and the first once for nothing.
        assertEquals(7, ran.size(), ran.toString());
    }
}
