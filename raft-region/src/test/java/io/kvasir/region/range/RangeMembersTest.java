package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The voters in a range's descriptor: they follow the log, each change once (rule K9). */
final class RangeMembersTest {

    private static final List<ReplicaId> VOTERS = List.of(new ReplicaId(new StoreId(1), 1));
    private static final List<ReplicaId> NEXT =
            List.of(new ReplicaId(new StoreId(1), 1), new ReplicaId(new StoreId(2), 9));
    private static final RegionDescriptor RANGE =
            new RegionDescriptor(new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, VOTERS);

    private final MemoryEngine engine = new MemoryEngine(() -> false);
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<LongConsumer> timestampRequests = new ArrayDeque<>();
    private final List<Boolean> ends = new ArrayList<>();
    private final Range range;
    private final SteppedGroup group;
    private long nanos;
    private long lastTimestamp = 100;

    RangeMembersTest() {
        range = open(RANGE);
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
                        (read, whenDone) -> false,
                        RangeSettings.PRODUCTION,
                        7,
                        (id, index, entry) -> {},
                        new ListenerSwitch(),
                        new LargeCommandBudget(1 << 20, 2),
                        () -> false));
        return opened;
    }

    private void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void giveTimestamp() {
        timestampRequests.removeFirst().accept(++lastTimestamp);
        settle();
    }

    /** Has the descriptor follow {@code voters} at {@code confVersion}, up to the proposal. */
    private byte[] propose(long confVersion, List<ReplicaId> voters) {
        range.followVoters(confVersion, voters, ends::add);
        settle();
        giveTimestamp();
        return group.newest();
    }

    private void apply() {
        group.apply(1, 5);
        settle();
    }

    @Test
    void theDescriptorFollowsAndIsTheSameAfterARestart() {
        propose(2, NEXT);
        assertEquals(VOTERS, range.descriptor().voters(), "nothing follows before the entry is applied");
        apply();
        assertEquals(List.of(true), ends);
        RegionDescriptor now = new RegionDescriptor(RANGE.id(), RANGE.start(), RANGE.end(), new Epoch(2, 1), NEXT);
        assertEquals(now, range.descriptor());
        assertEquals(now, open(RANGE).descriptor());
    }

    @Test
    void k9AChangeThatIsProposedTwiceRaisesTheVersionOnce() {
        propose(2, NEXT);
        apply();
        propose(2, VOTERS);
        apply();
        propose(4, VOTERS);
        apply();
        assertEquals(new Epoch(2, 1), range.descriptor().epoch());
        assertEquals(NEXT, range.descriptor().voters());
        propose(3, VOTERS);
        apply();
        assertEquals(new Epoch(3, 1), range.descriptor().epoch());
        assertEquals(VOTERS, range.descriptor().voters());
    }

    @Test
    void commandsGoOnOverAChangeOfVoters() {
        propose(2, NEXT);
        List<Outcome> outcomes = new ArrayList<>();
        OwnInvocation write = new OwnInvocation(
                transaction -> {
                    transaction.put(KeyLayout.root(0, bytes("k")), bytes("v"));
                    return Reply.OK;
                },
                true);
        Request request = new Request("TEST", 1, 0, 1, 0, Optional.empty(), 0, new byte[0][]);
        range.submit(request, write, new int[] {0}, 1, StreamPlace.alone(9), outcomes::add);
        settle();
        apply();
        if (!timestampRequests.isEmpty()) {
            giveTimestamp();
        }
        apply();
        assertEquals(List.of(new Outcome.Done(Reply.OK)), outcomes);
    }

    @Test
    void aReplicaThatIsRemovedLeavesNothing() {
        propose(2, NEXT);
        apply();
        range.stateMachine().wipe();
        ReplicaRemains.wipe(engine, region -> false);
        try (var records = engine.cursor(Family.RANGE, new byte[0], new byte[0], false, false)) {
            assertEquals(false, records.next());
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
