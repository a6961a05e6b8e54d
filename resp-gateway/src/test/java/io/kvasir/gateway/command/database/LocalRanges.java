package io.kvasir.gateway.command.database;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.raft.StateMachine;
import io.kvasir.region.range.LargeCommandBudget;
import io.kvasir.region.range.ListenerSwitch;
import io.kvasir.region.range.Owner;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeSettings;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.range.RecordCache;
import io.kvasir.region.range.StreamPlace;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/**
 * Ranges of one replica over one engine, all on the thread that calls; an entry is committed as soon as it is proposed
 * and applied in {@link #settle}.
 */
public final class LocalRanges {

    private final Engine engine;
    private final ProcedureTable procedures;
    private final TimestampSource time;
    private final RangeTable table = new RangeTable();
    private final List<Solo> groups = new ArrayList<>();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean diskLow;

    /** @param cuts keys at which ranges meet, in order */
    public LocalRanges(Engine engine, ProcedureTable procedures, TimestampSource time, byte[]... cuts) {
        this.time = time;
        this.engine = engine;
        this.procedures = procedures;
        for (int i = 0; i <= cuts.length; i++) {
            byte[] start = i == 0 ? new byte[0] : cuts[i - 1];
            byte[] end = i == cuts.length ? new byte[0] : cuts[i];
            open(new RegionDescriptor(
                    new RegionId(i + 1), start, end, Epoch.FIRST, List.of(new ReplicaId(new StoreId(1), 1))));
        }
    }

    private void open(RegionDescriptor descriptor) {
        Range range = Range.open(
                descriptor,
                new Range.Surroundings(
                        engine,
                        new RecordCache(engine, 1 << 20),
                        new QueueOwner(),
                        time,
                        () -> 0,
                        RandomGenerator.of("L64X128MixRandom"),
                        LocalRanges::readAtOnce,
                        RangeSettings.PRODUCTION,
                        1,
                        (region, index, entry) -> {},
                        new ListenerSwitch(),
                        new LargeCommandBudget(16 << 20, 2),
                        () -> diskLow));
        Solo group = new Solo(descriptor.id(), range.stateMachine());
        groups.add(group);
        range.attach(group);
        table.add(range);
    }

    private static boolean readAtOnce(Runnable read, Runnable whenDone) {
        read.run();
        whenDone.run();
        return true;
    }

    /** Returns the ranges. */
    public RangeTable table() {
        return table;
    }

    Range range(int number) {
        return table.find(new RegionId(number)).orElseThrow();
    }

    void setDiskLow(boolean low) {
        diskLow = low;
    }

    /** Makes every replica lead in a new term; what is under way is lost or applied. */
    public void lead() {
        groups.forEach(Solo::lead);
        settle();
    }

    /** Runs what is queued until nothing is. */
    public void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Runs a command to its reply. */
    Reply call(Range range, String procedure, byte[]... arguments) {
        Request request = new Request(procedure, 1, 0, 1, 0, Optional.empty(), 0, arguments);
        Invocation invocation = procedures.find(procedure, 1).orElseThrow().parse(request);
        List<Outcome> outcomes = new ArrayList<>();
        range.submit(request, invocation, Range.hashesOf(invocation), 1, new StreamPlace(1, 1), outcomes::add);
        settle();
        return ((Outcome.Done) outcomes.getFirst()).reply();
    }

    private final class QueueOwner implements Owner {

        @Override
        public void execute(Runnable task) {
            tasks.addLast(task);
        }

        @Override
        public boolean isCurrent() {
            return true;
        }
    }

    /** Timestamps for one run of a test, restarts included. */
    public static final class Counter implements TimestampSource {

        private long newest = 1L << 40;

        @Override
        public void fetch(LongConsumer whenDone) {
            whenDone.accept(++newest);
        }

        @Override
        public long newestIssued() {
            return newest;
        }

        @Override
        public long bound() {
            return 0;
        }
    }

    /** A group of one voter. */
    private final class Solo implements RaftGroup {

        private final RegionId region;
        private final StateMachine machine;
        private long index;
        private long term;

        Solo(RegionId region, StateMachine machine) {
            this.region = region;
            this.machine = machine;
            index = machine.appliedAtStart().index();
            term = machine.appliedAtStart().term();
        }

        void lead() {
            machine.leaderStopped();
            machine.leaderStarted(++term);
        }

        @Override
        public RegionId id() {
            return region;
        }

        @Override
        public boolean propose(byte[] entry, long expectedTerm) {
            if (expectedTerm == term) {
                long at = ++index;
                tasks.addLast(() -> machine.apply(List.of(new StateMachine.Committed(at, expectedTerm, entry))));
            }
            return expectedTerm == term;
        }

        @Override
        public long leaderTerm() {
            return term;
        }

        @Override
        public boolean isElected() {
            return leaderTerm() != 0;
        }

        @Override
        public Optional<StoreId> leader() {
            return Optional.of(new StoreId(1));
        }

        @Override
        public boolean holdsLease(long asked) {
            return asked == term;
        }

        @Override
        public void confirmLeadership(long asked, Consumer<Boolean> whenDone) {
            whenDone.accept(asked == term);
        }

        @Override
        public void transferLeadership(StoreId store, Consumer<Boolean> whenDone) {
            whenDone.accept(false);
        }

        @Override
        public long lag(StoreId store) {
            return Long.MAX_VALUE;
        }

        @Override
        public void holdLeaseRenewal(boolean held) {}

        @Override
        public void close() {}
    }
}
