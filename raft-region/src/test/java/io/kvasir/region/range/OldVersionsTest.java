package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Rule K24: who pays for a version that is replaced. Nobody does by default (decision 0001): an entry does not carry
 * its bytes, and no replica reads them while it applies. One thread, no clock.
 */
final class OldVersionsTest {

    private static final int LARGE = 200_000;
    private static final int SMALL = 20;
    private static final int ENTRY_BYTES_MAX = 500;
    private static final byte[] KEY = KeyLayout.root(0, "k".getBytes(StandardCharsets.US_ASCII));
    private static final RegionDescriptor REGION = new RegionDescriptor(
            new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1)));
    private static final Set<String> READS = Set.of("get", "getCached", "cursor", "snapshot");

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<String> reads = new ArrayList<>();
    private final MemoryEngine records = new MemoryEngine();
    private final Engine engine = watched(records);
    private long lastTimestamp = 100;

    private final Owner owner = new Owner() {
        @Override
        public void execute(Runnable task) {
            tasks.addLast(task);
        }

        @Override
        public boolean isCurrent() {
            return true;
        }
    };

    private final TimestampSource time = new TimestampSource() {
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

    private final Range range = Range.open(
            REGION,
            new Range.Surroundings(
                    engine,
                    new RecordCache(engine, 0), // nothing is kept: whoever wants an old version must read it
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
    private final SteppedGroup group = new SteppedGroup(range.stateMachine());

    OldVersionsTest() {
        range.attach(group);
        group.lead(5);
        settle();
        group.apply(1, 5);
        settle();
    }

    @Test
    void k24AnOverwriteCarriesNoOldBytesAndIsAppliedWithoutReading() {
        assertEquals(Reply.OK, write(new byte[LARGE]));
        byte[] small = new byte[SMALL];
        Arrays.fill(small, (byte) 7);
        assertEquals(Reply.OK, write(small));
        byte[] stamped = records.get(Family.NEWEST, KEY);
        assertArrayEquals(small, Arrays.copyOfRange(stamped, Version.BYTES, stamped.length));
        try (Engine.Cursor history = records.cursor(Family.HISTORY, new byte[0], new byte[0], false, false)) {
            assertTrue(!history.next(), "a replaced version was written");
        }
    }

    /** Writes {@code value}; fails if its entry is much larger, or its apply reads. */
    private Reply write(byte[] value) {
        List<Reply> replies = new ArrayList<>();
        Request request = new Request("TEST", 1, 0, 1, 0, Optional.empty(), 0, new byte[0][]);
        Invocation put = new Put(value);
        range.submit(request, put, Range.hashesOf(put), 1, new StreamPlace(9, 1), outcome -> {
            if (outcome instanceof Outcome.Done(Reply reply)) {
                replies.add(reply);
            }
        });
        settle();
        assertTrue(
                group.newestBytes() <= value.length + ENTRY_BYTES_MAX,
                () -> "an entry of " + group.newestBytes() + " bytes for a value of " + value.length);
        reads.clear();
        group.apply(1, 5);
        assertEquals(List.of(), reads, "reads while the entry was applied");
        settle();
        return replies.getFirst();
    }

    private void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Returns {@code engine} such that {@link #reads} gets each of its calls that reads. */
    private Engine watched(Engine engine) {
        return (Engine) Proxy.newProxyInstance(
                Engine.class.getClassLoader(), new Class<?>[] {Engine.class}, (proxy, method, arguments) -> {
                    if (READS.contains(method.getName())) {
                        reads.add(method.getName());
                    }
                    try {
                        return method.invoke(engine, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    /** Writes a value without looking at what is there. */
    private record Put(byte[] value) implements Invocation {

        @Override
        public Reply run(Transaction transaction) {
            transaction.put(KEY, value);
            return Reply.OK;
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
            return List.of("k".getBytes(StandardCharsets.US_ASCII));
        }
    }
}
