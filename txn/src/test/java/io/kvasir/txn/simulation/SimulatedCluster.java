package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.control.HistoryPolicy;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.RegionTiles;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.Procedure;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.Transaction;
import io.kvasir.region.link.Link;
import io.kvasir.region.range.ApplyListener;
import io.kvasir.region.range.CommandService;
import io.kvasir.region.range.ForwardedCommand;
import io.kvasir.region.range.HistoryKeeper;
import io.kvasir.region.range.LargeCommandBudget;
import io.kvasir.region.range.ListenerSwitch;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeSettings;
import io.kvasir.region.range.RangeState;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.range.RecordCache;
import io.kvasir.region.range.SplitHost;
import io.kvasir.region.range.StreamPlace;
import io.kvasir.region.range.WaitService;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import io.kvasir.txn.RouteTable;
import io.kvasir.txn.Router;
import io.kvasir.txn.TransactionSweeper;
import io.kvasir.txn.percolator.Decide;
import io.kvasir.txn.percolator.Percolator;
import io.kvasir.txn.percolator.Prewrite;
import io.kvasir.txn.percolator.Resolve;
import io.kvasir.txn.percolator.SnapshotRead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Three stores with ranges each led somewhere, and a gateway beside each.
 *
 * <p>This file is long because stores, links and splits share the state of one simulated world.
 */
final class SimulatedCluster {

    static final int STORES = 3;

    /** Room for a few records, so that the cache forgets some all the time. */
    private static final int CACHE_BYTES = 1_000;

    /** Procedures whose messages may arrive a second time. */
    private static final Set<String> REPEATED = Set.of(Prewrite.NAME, Decide.NAME, Resolve.NAME);

    /** How often horizons are looked at. */
    private static final long KEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** How long nobody may lead a range that a split made but the one who led its parent. */
    private static final long GUARD_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How late a message may arrive a second time. */
    private static final long COPY_NANOS_MAX = TimeUnit.SECONDS.toNanos(8);

    final Simulation simulation;
    final List<SimulatedReplication> replications = new ArrayList<>();

    /** That of the first region. */
    final SimulatedReplication replication;

    final Simulation.Oracle oracle;
    final BatonStrands strands;
    final List<Range> ranges = new ArrayList<>();
    final List<Router> gateways = new ArrayList<>();
    private final List<SimulatedLink> links = new ArrayList<>();
    private final List<RangeTable> tables = new ArrayList<>();
    private final List<MemoryEngine> engines = new ArrayList<>();
    private final ProcedureTable procedures;
    private final Map<RegionId, SimulatedReplication> children = new HashMap<>();
    private int splits;
    private long splitsAsked;
    private long copies;
    private boolean storming = true;

    /** Whether leaders that are asked from afar have forgotten, half of the time, what stood a moment ago. */
    boolean forgetful;

    /** A cluster of one region. */
    SimulatedCluster(long seed) {
        this(seed, 1);
    }

    SimulatedCluster(long seed, int regions) {
        this(seed, regions, null);
    }

    /** @param mutation what is wrong in it, null if nothing is */
    SimulatedCluster(long seed, int regions, @Nullable Mutation mutation) {
        simulation = new Simulation(seed);
        strands = new BatonStrands(simulation);
        List<ReplicaId> voters = new ArrayList<>();
        for (int i = 1; i <= STORES; i++) {
            voters.add(new ReplicaId(new StoreId(i), 1));
        }
        List<RegionDescriptor> descriptors = new ArrayList<>();
        for (int i = 0; i < regions; i++) {
            descriptors.add(new RegionDescriptor(
                    new RegionId(i + 1L), bound(i, regions), bound((i + 1) % regions, regions), Epoch.FIRST, voters));
            replications.add(new SimulatedReplication(simulation, new RegionId(i + 1L)));
        }
        replication = replications.getFirst();
        List<Procedure> all = new ArrayList<>(Arrays.asList(TestProcedure.values()));
        all.add(new TakeProcedure());
        Percolator.procedures().forEach(procedure -> all.add(new Forgetful(procedure)));
        procedures = new ProcedureTable(
                mutation == null ? all : all.stream().map(mutation::alter).toList());
        oracle = new Simulation.Oracle(simulation);
        for (int i = 1; i <= STORES; i++) {
            RangeTable table = new RangeTable();
            MemoryEngine engine = new MemoryEngine(() -> simulation.chance(20));
            RecordCache cache = new RecordCache(engine, CACHE_BYTES);
            LargeCommandBudget largeCommands = new LargeCommandBudget(1 << 20, 2);
            for (int r = 0; r < regions; r++) {
                TimestampSource time = mutation == null ? oracle : mutation.ofRange(oracle, simulation);
                start(
                        i,
                        replications.get(r),
                        descriptors.get(r),
                        table,
                        new Opening(engine, cache, time, largeCommands));
            }
            SimulatedLink link = new SimulatedLink(new StoreId(i));
            link.serve(Link.Channel.COMMAND, new CommandService(table, procedures));
            link.serve(Link.Channel.WAIT, new WaitService(table, procedures));
            links.add(link);
            tables.add(table);
            engines.add(engine);
            Router gateway = new Router(
                    i,
                    new RouteTable(descriptors),
                    table,
                    mutation == null ? link : new FarLink(link),
                    simulation,
                    simulation,
                    mutation == null ? oracle.ofGateway() : mutation.ofGateway(oracle, simulation),
                    strands,
                    simulation.random::nextLong);
            gateways.add(gateway);
            if (regions > 1) {
                sweep(gateway.sweeper(engine));
            }
        }
        if (mutation == Mutation.LEASES_NEVER_END) {
            replications.forEach(replication -> replication.leaseNeverEnds = true);
        }
        tick();
        replications.forEach(this::storm);
    }

    /** Returns the first key of the {@code number}-th of {@code regions} regions, empty for the first. */
    private static byte[] bound(int number, int regions) {
        return number == 0 ? new byte[0] : KeyLayout.slotStart(Slot.COUNT / regions * number);
    }

    /** What the ranges of one store share. */
    private record Opening(
            MemoryEngine engine, RecordCache cache, TimestampSource oracle, LargeCommandBudget largeCommands) {}

    private Range start(
            long store, SimulatedReplication group, RegionDescriptor descriptor, RangeTable table, Opening opening) {
        Range range = open(descriptor, opening);
        range.splitsAt(new SplitHost() {
            @Override
            public boolean create(RegionDescriptor child, RegionId parent, long index) {
                return true;
            }

            @Override
            public void start(RegionDescriptor child, boolean leads) {
                simulation.at(simulation.delay(), () -> startChild(store, child, leads, table, opening));
            }
        });
        table.add(range);
        range.attach(group.add(new StoreId(store), range.stateMachine()));
        ranges.add(range);
        return range;
    }

    /** Only the store where the parent is led leads the child before one guard time is over (rule K3). */
    private void startChild(long store, RegionDescriptor child, boolean leads, RangeTable table, Opening opening) {
        SimulatedReplication group = children.computeIfAbsent(child.id(), id -> {
            SimulatedReplication made = new SimulatedReplication(simulation, id, RangeState.SPLIT.index());
            made.calm = !storming;
            replications.add(made);
            simulation.at(GUARD_NANOS, () -> storm(made));
            return made;
        });
        start(store, group, child, table, opening);
        if (leads && group.isNew()) {
            group.elect(group.replicas().getLast());
        }
    }

    /** Splits ranges now and then until {@link #calm}, {@code splitsMax} times at most. */
    void splitNowAndThen(int splitsMax) {
        simulation.at(TimeUnit.MILLISECONDS.toNanos(simulation.random.nextLong(100, 1_500)), () -> {
            if (storming && splits < splitsMax) {
                SimulatedReplication group = replications.get(simulation.random.nextInt(replications.size()));
                group.leaderStore().ifPresent(leader -> split(leader, group.region()));
                splitNowAndThen(splitsMax);
            }
        });
    }

    private void split(StoreId leader, RegionId region) {
        Range range = tables.get((int) leader.value() - 1).find(region).orElse(null);
        if (range == null) {
            return;
        }
        RegionDescriptor descriptor = range.descriptor();
        splitPoint((int) leader.value() - 1, descriptor).ifPresent(point -> {
            long id = 100 + splitsAsked++;
            List<ReplicaId> voters = descriptor.voters().stream()
                    .map(voter -> new ReplicaId(voter.store(), (int) id))
                    .toList();
            range.split(new RegionId(id), point, voters, objection -> splits += objection.isEmpty() ? 1 : 0);
        });
    }

    /** Returns the start of a slot, or a user key, which it may cut off from others of its slot. */
    private Optional<SplitPoint> splitPoint(int store, RegionDescriptor region) {
        List<byte[]> stems = new ArrayList<>();
        if (simulation.random.nextBoolean()) {
            try (Engine.Cursor records =
                    engines.get(store).cursor(Family.NEWEST, region.start(), region.end(), false, false)) {
                while (records.next()) {
                    if (KeyLayout.isRoot(records.key())) {
                        stems.add(Arrays.copyOf(records.key(), records.key().length - 1));
                    }
                }
            }
        }
        if (!stems.isEmpty()) {
            return Optional.of(new SplitPoint.Bound(stems.get(simulation.random.nextInt(stems.size()))));
        }
        int first = region.firstSlot() + 1;
        int end = region.end().length == 0 ? Slot.COUNT : KeyLayout.slotOf(region.end());
        return first < end
                ? Optional.of(new SplitPoint.Bound(KeyLayout.slotStart(simulation.random.nextInt(first, end))))
                : Optional.empty();
    }

    /** The replicas of each region are of one mind, and the regions of each store hold every key once. */
    void checkTiles() {
        for (RangeTable table : tables) {
            List<RegionDescriptor> tiles = table.all().stream()
                    .map(Range::descriptor)
                    .sorted(Comparator.comparing(RegionDescriptor::start, Arrays::compareUnsigned))
                    .toList();
            assertTrue(RegionTiles.tile(tiles), "regions of a store: " + tiles);
        }
        Map<RegionId, Long> keys = new HashMap<>();
        for (Range range : ranges) {
            long counted = range.keys();
            Long other = keys.putIfAbsent(range.descriptor().id(), counted);
            assertEquals(other == null ? counted : other, counted, "replicas count differently: " + range.descriptor());
        }
        for (int store = 0; store < STORES; store++) {
            for (Range range : tables.get(store).all()) {
                RegionDescriptor region = range.descriptor();
                long roots = 0;
                try (Engine.Cursor records =
                        engines.get(store).cursor(Family.NEWEST, region.start(), region.end(), false, false)) {
                    while (records.next()) {
                        roots += KeyLayout.isRoot(records.key()) ? 1 : 0;
                    }
                }
                assertEquals(roots, range.keys(), "keys counted in " + region);
            }
        }
    }

    /** Returns how many splits were applied. */
    int splits() {
        return splits;
    }

    private Range open(RegionDescriptor descriptor, Opening opening) {
        int sizes = replications.size() == 1 ? 1 : 64; // lists over several regions get long
        RangeSettings settings = new RangeSettings(
                200,
                1 << 20,
                16,
                1_000,
                TimeUnit.MILLISECONDS.toNanos(5),
                3,
                4,
                600L * sizes,
                12,
                4_000L * sizes,
                200,
                2,
                2,
                TimeUnit.SECONDS.toNanos(2),
                1_024);
        ApplyListener deaf = (region, index, entry) -> {};
        return Range.open(
                descriptor,
                new Range.Surroundings(
                        opening.engine,
                        opening.cache,
                        simulation.owner(),
                        opening.oracle,
                        simulation,
                        simulation.random.split(),
                        simulation.readPool(),
                        settings,
                        1,
                        deaf,
                        new ListenerSwitch(),
                        opening.largeCommands,
                        () -> false));
    }

    /** A procedure; if it is the snapshot read, one that may have forgotten. */
    private final class Forgetful implements Procedure {

        private final Procedure procedure;

        Forgetful(Procedure procedure) {
            this.procedure = procedure;
        }

        @Override
        public String name() {
            return procedure.name();
        }

        @Override
        public int version() {
            return procedure.version();
        }

        @Override
        public Invocation parse(Request request) {
            boolean forgets = forgetful && name().equals(SnapshotRead.NAME) && simulation.random.nextBoolean();
            return forgets ? new Forgotten() : procedure.parse(request);
        }
    }

    /** Answers that the past is not known. */
    private record Forgotten() implements Invocation {

        @Override
        public Reply run(Transaction transaction) {
            return SnapshotRead.TOO_OLD;
        }

        @Override
        public boolean readOnly() {
            return true;
        }

        @Override
        public int database() {
            return 0;
        }

        @Override
        public List<byte[]> userKeys() {
            return List.of(new byte[0]);
        }
    }

    /** Has all ranges keep the past of database 0 for {@code millis}, from soon on. */
    void keepPast(long millis) {
        HistoryPolicy policy = new HistoryPolicy(new TreeMap<>(Map.of(0, millis)), new TreeMap<>());
        for (int i = 0; i < STORES; i++) {
            HistoryKeeper keeper = new HistoryKeeper(tables.get(i), oracle, 1_000 + i);
            keeper.learn(1, policy);
            keep(keeper);
        }
    }

    private void keep(HistoryKeeper keeper) {
        keeper.keep();
        simulation.at(KEEP_NANOS, () -> keep(keeper));
    }

    private void sweep(TransactionSweeper sweeper) {
        simulation.at(TimeUnit.MILLISECONDS.toNanos(TransactionSweeper.SWEEP_MILLIS), () -> {
            sweeper.sweep();
            sweep(sweeper);
        });
    }

    /** Returns the number of locks and fates in all stores. */
    int locksAndFates() {
        int found = 0;
        for (MemoryEngine engine : engines) {
            for (Family family : List.of(Family.LOCK, Family.FATE)) {
                try (Engine.Cursor records = engine.cursor(family, new byte[0], new byte[0], false, false)) {
                    while (records.next()) {
                        found++;
                    }
                }
            }
        }
        return found;
    }

    /** Has a step of a transaction, which was sent to {@code store}, arrive there once more, much later. */
    private void copy(StoreId store, byte[] message) {
        ForwardedCommand command = ForwardedCommand.decode(message);
        Request request = command.request();
        if (!storming || !REPEATED.contains(request.procedure()) || !simulation.chance(20)) {
            return;
        }
        StreamPlace place = new StreamPlace(-1 - copies++, 1);
        simulation.at(simulation.random.nextLong(COPY_NANOS_MAX), () -> {
            Range range =
                    tables.get((int) store.value() - 1).find(command.region()).orElse(null);
            if (range == null) {
                return;
            }
            Invocation step = procedures
                    .find(request.procedure(), request.version())
                    .orElseThrow()
                    .parse(request);
            range.submit(request, step, Range.hashesOf(request, step), command.epochVersion(), place, outcome -> {});
        });
    }

    private void tick() {
        ranges.forEach(Range::tick);
        simulation.at(TimeUnit.MILLISECONDS.toNanos(100), this::tick);
    }

    /** Changes leaders, breaks links and has messages arrive twice until {@link #calm}. */
    private void storm(SimulatedReplication group) {
        Optional<StoreId> leader = group.leaderStore();
        if (storming && leader.isPresent() && simulation.chance(3)) {
            StoreId next = new StoreId(1 + simulation.random.nextInt(STORES));
            tables.get((int) leader.get().value() - 1)
                    .find(group.region())
                    .ifPresent(led -> led.transferLeadership(next, done -> {}));
        } else if (storming || leader.isEmpty()) {
            group.elect(group.replicas()
                    .get(simulation.random.nextInt(group.replicas().size())));
            if (simulation.chance(2)) {
                links.get(simulation.random.nextInt(STORES)).cut();
            }
        }
        simulation.at(TimeUnit.MILLISECONDS.toNanos(simulation.random.nextLong(5, 400)), () -> storm(group));
    }

    void calm() {
        storming = false;
        replications.forEach(replication -> replication.calm = true);
        strands.calm();
    }

    /** A link of a gateway that takes no store for its own, so that all it sends is parsed by the other side. */
    private record FarLink(Link link) implements Link {

        @Override
        public StoreId self() {
            return new StoreId(STORES + 1L);
        }

        @Override
        public void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Answer answer) {
            link.send(to, channel, request, timeoutMillis, answer);
        }

        @Override
        public void serve(Channel channel, Handler handler) {
            link.serve(channel, handler);
        }

        @Override
        public boolean isUp(StoreId to) {
            return true;
        }

        @Override
        public void close() {}
    }

    /** A link whose streams keep order and break. */
    private final class SimulatedLink implements Link {

        private final StoreId self;
        private final Map<Channel, Handler> handlers = new EnumMap<>(Channel.class);
        private final Map<StoreId, Stream> streams = new HashMap<>();
        private final Map<StoreId, Stream> lastStreams = new HashMap<>();

        /** One life of a stream to a peer. */
        private final class Stream {
            private long lastArrival;
            private boolean broken;

            /** Whether the peer has heard of a later one, since which no wait comes from this. */
            private boolean over;

            /** The one it took the place of, until the peer hears of it. */
            private @Nullable Stream before;

            private final List<Runnable> outstanding = new ArrayList<>();
        }

        SimulatedLink(StoreId self) {
            this.self = self;
        }

        void cut() {
            for (Stream stream : streams.values()) {
                stream.broken = true;
                List.copyOf(stream.outstanding).forEach(fail -> simulation.at(simulation.delay(), fail));
            }
            streams.clear();
        }

        /** The peer hears of {@code stream}: those before it are over. */
        private void begin(StoreId to, Stream stream) {
            if (stream.before != null) {
                for (Stream old = stream.before; old != null; old = old.before) {
                    old.over = true;
                }
                stream.before = null;
                links.get((int) to.value() - 1).handlers.values().forEach(handler -> handler.streamEnded(self));
            }
        }

        @Override
        public StoreId self() {
            return self;
        }

        @Override
        public void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Answer answer) {
            Stream stream = streams.computeIfAbsent(to, peer -> {
                Stream fresh = new Stream();
                fresh.before = lastStreams.put(peer, fresh);
                return fresh;
            });
            boolean[] answered = new boolean[1];
            Consumer<Runnable> once = run -> {
                if (!answered[0]) {
                    answered[0] = true;
                    run.run();
                }
            };
            Runnable fail = () -> once.accept(() -> answer.accept(null, new Failure("stream broken", true)));
            stream.outstanding.add(fail);
            if (replications.size() > 1 && channel == Channel.COMMAND) {
                copy(to, request);
            }
            stream.lastArrival = Math.max(stream.lastArrival, simulation.nanoTime() + simulation.delay());
            simulation.at(stream.lastArrival - simulation.nanoTime(), () -> {
                if (stream.broken && simulation.chance(2)) {
                    return; // lost with the stream; half of what was under way arrives all the same
                }
                if (stream.over && channel == Channel.WAIT) {
                    return;
                }
                begin(to, stream);
                Handler handler = links.get((int) to.value() - 1).handlers.get(channel);
                handler.handle(
                        self,
                        request,
                        response -> simulation.at(simulation.delay(), () -> {
                            if (!stream.broken) {
                                stream.outstanding.remove(fail);
                                once.accept(() -> answer.accept(response, null));
                            }
                        }));
            });
        }

        @Override
        public void serve(Channel channel, Handler handler) {
            handlers.put(channel, handler);
        }

        @Override
        public boolean isUp(StoreId to) {
            return true;
        }

        @Override
        public void close() {}
    }
}
