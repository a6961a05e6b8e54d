package io.kvasir.txn.simulation;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.region.Procedure;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.link.Link;
import io.kvasir.region.range.ApplyListener;
import io.kvasir.region.range.CommandService;
import io.kvasir.region.range.LargeCommandBudget;
import io.kvasir.region.range.ListenerSwitch;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeSettings;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.range.RecordCache;
import io.kvasir.store.engine.MemoryEngine;
import io.kvasir.txn.RouteTable;
import io.kvasir.txn.Router;
import io.kvasir.txn.percolator.Percolator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Three stores with one range each led somewhere, and a gateway beside each. */
final class SimulatedCluster {

    static final int STORES = 3;

    /** Room for a few records, so that the cache forgets some all the time. */
    private static final int CACHE_BYTES = 1_000;

    final Simulation simulation;
    final List<SimulatedReplication> replications = new ArrayList<>();

    /** That of the first region. */
    final SimulatedReplication replication;

    final BatonStrands strands;
    final List<Range> ranges = new ArrayList<>();
    final List<Router> gateways = new ArrayList<>();
    private final List<SimulatedLink> links = new ArrayList<>();
    private boolean storming = true;

    /** A cluster of one region. */
    SimulatedCluster(long seed) {
        this(seed, 1);
    }

    SimulatedCluster(long seed, int regions) {
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
        all.addAll(Percolator.procedures());
        ProcedureTable procedures = new ProcedureTable(all);
        Simulation.Oracle oracle = new Simulation.Oracle(simulation);
        for (int i = 1; i <= STORES; i++) {
            RangeTable table = new RangeTable();
            MemoryEngine engine = new MemoryEngine(() -> simulation.chance(20));
            RecordCache cache = new RecordCache(engine, CACHE_BYTES);
            LargeCommandBudget largeCommands = new LargeCommandBudget(1 << 20, 2);
            for (int r = 0; r < regions; r++) {
                Range range = open(descriptors.get(r), engine, cache, oracle, largeCommands);
                table.add(range);
                range.attach(replications.get(r).add(new StoreId(i), range.stateMachine()));
                ranges.add(range);
            }
            SimulatedLink link = new SimulatedLink(new StoreId(i));
            link.serve(Link.Channel.COMMAND, new CommandService(table, procedures));
            links.add(link);
            gateways.add(new Router(
                    i,
                    new RouteTable(descriptors),
                    table,
                    link,
                    simulation,
                    simulation,
                    oracle,
                    strands,
                    simulation.random::nextLong));
        }
        tick();
        replications.forEach(this::storm);
    }

    /** Returns the first key of the {@code number}-th of {@code regions} regions, empty for the first. */
    private static byte[] bound(int number, int regions) {
        return number == 0 ? new byte[0] : KeyLayout.slotStart(Slot.COUNT / regions * number);
    }

    private Range open(
            RegionDescriptor descriptor,
            MemoryEngine engine,
            RecordCache cache,
            Simulation.Oracle oracle,
            LargeCommandBudget largeCommands) {
        int sizes = replications.size() == 1 ? 1 : 64; // lists over several regions get long
        RangeSettings settings = new RangeSettings(
                200,
                1 << 20,
                16,
                1_000,
                3,
                4,
                600L * sizes,
                12,
                4_000L * sizes,
                200,
                2,
                2,
                TimeUnit.SECONDS.toNanos(2));
        ApplyListener deaf = (region, index, entry) -> {};
        return Range.open(
                descriptor,
                new Range.Surroundings(
                        engine,
                        cache,
                        simulation.owner(),
                        oracle,
                        simulation,
                        simulation.random.split(),
                        simulation.readPool(),
                        settings,
                        1,
                        deaf,
                        new ListenerSwitch(),
                        largeCommands,
                        () -> false));
    }

    private void tick() {
        ranges.forEach(Range::tick);
        simulation.at(TimeUnit.MILLISECONDS.toNanos(100), this::tick);
    }

    /** Changes leaders and breaks links until {@link #calm}. */
    private void storm(SimulatedReplication group) {
        if (storming || group.leaderStore().isEmpty()) {
            group.elect(group.replicas().get(simulation.random.nextInt(STORES)));
            if (simulation.chance(2)) {
                links.get(simulation.random.nextInt(STORES)).cut();
            }
        }
        simulation.at(TimeUnit.MILLISECONDS.toNanos(simulation.random.nextLong(5, 400)), () -> storm(group));
    }

    void calm() {
        storming = false;
        strands.calm();
    }

    /** A link whose streams keep order and break. */
    private final class SimulatedLink implements Link {

        private final StoreId self;
        private final Map<Channel, Handler> handlers = new EnumMap<>(Channel.class);
        private final Map<StoreId, Stream> streams = new HashMap<>();

        /** One life of a stream to a peer. */
        private final class Stream {
            private long lastArrival;
            private boolean broken;
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

        @Override
        public StoreId self() {
            return self;
        }

        @Override
        public void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Answer answer) {
            Stream stream = streams.computeIfAbsent(to, peer -> new Stream());
            boolean[] answered = new boolean[1];
            Consumer<Runnable> once = run -> {
                if (!answered[0]) {
                    answered[0] = true;
                    run.run();
                }
            };
            Runnable fail = () -> once.accept(() -> answer.accept(null, new Failure("stream broken", true)));
            stream.outstanding.add(fail);
            stream.lastArrival = Math.max(stream.lastArrival, simulation.nanoTime() + simulation.delay());
            simulation.at(stream.lastArrival - simulation.nanoTime(), () -> {
                if (stream.broken && simulation.chance(2)) {
                    return; // lost with the stream; half of what was under way arrives all the same
                }
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
