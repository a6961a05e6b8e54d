package io.kvasir.placement.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.control.ViewRevision;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.IdKind;
import io.kvasir.proto.placement.RefusalCode;
import io.kvasir.region.placement.Answer;
import io.kvasir.region.placement.PlacementClient;
import io.kvasir.region.placement.PlacementClient.Heartbeat;
import io.kvasir.region.placement.PlacementClient.Orders;
import io.kvasir.region.time.TimestampSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The placement driver as its clients see it, over simulated links and a simulated group. */
final class PlacementServiceTest {

    private static final long SECOND = 1_000 * World.MILLI;
    private static final UUID CLUSTER = new UUID(3, 4);
    private static final List<StoreId> FOUNDERS = List.of(new StoreId(1), new StoreId(2), new StoreId(3));

    @TempDir
    private Path directory;

    private final World world = new World(11);

    @Test
    void oneStoreFoundsRegistersAndGetsTimestamps() {
        Cluster cluster = Cluster.of(world, directory, 1, 0);
        PlacementClient client = cluster.node(1).client;
        assertEquals(CLUSTER, this.<UUID>granted(done -> client.bootstrap(CLUSTER, List.of(new StoreId(1)), 0, done)));
        assertEquals(
                CLUSTER,
                this.<UUID>granted(done -> client.register(store(1, 7), PlacementCodec.NO_CLUSTER, false, done)));
        long first = fetch(cluster, 1);
        assertTrue(first > 0);
        assertTrue(fetch(cluster, 1) > first);
        assertTrue(cluster.node(1).timestamps.bound() > first);
        ClusterView view = this.<ClusterView>granted(done -> client.view(ViewRevision.NONE, 0, done));
        assertEquals(1, view.regions().size());
        assertEquals(List.of(store(1, 7)), view.stores());
        assertEquals(Optional.empty(), view.regions().getFirst().leader());
    }

    @Test
    void aStoreOnTheLeaderGetsTimestampsWithoutAHop() {
        Cluster cluster = Cluster.of(world, directory, 1, 0);
        fetch(cluster, 1);
        List<Long> inline = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            cluster.node(1).timestamps.fetch(inline::add);
        }
        assertEquals(10, inline.size());
    }

    @Test
    void theViewWaitsForWhatTheReaderHasNotSeen() {
        Cluster cluster = Cluster.of(world, directory, 3, 1);
        PlacementClient client = cluster.node(4).client;
        this.<UUID>granted(done -> client.bootstrap(CLUSTER, FOUNDERS, 0, done));
        this.<UUID>granted(done -> client.register(store(2, 7), CLUSTER, false, done));
        ClusterView view = this.<ClusterView>granted(done -> client.view(ViewRevision.NONE, 30_000, done));
        List<ClusterView> next = new ArrayList<>();
        client.view(view.revision(), 30_000, answer -> next.add(value(answer)));
        world.runFor(5 * SECOND);
        assertTrue(next.isEmpty());
        this.<Orders>granted(done -> client.heartbeat(Heartbeat.well(new StoreId(2), 7, List.of(lead(5))), done));
        world.runFor(5 * SECOND);
        assertEquals(1, next.size());
        assertNotEquals(view.revision(), next.getFirst().revision());
        assertEquals(
                Optional.of(new StoreId(2)),
                next.getFirst().regions().getFirst().leader());
        assertEquals(5, next.getFirst().regions().getFirst().leaderTerm());
        ViewRevision same = this.<Orders>granted(
                        done -> client.heartbeat(Heartbeat.well(new StoreId(2), 7, List.of(lead(5))), done))
                .revision();
        assertEquals(next.getFirst().revision(), same);
    }

    @Test
    void aWaitForANewViewEnds() {
        Cluster cluster = Cluster.of(world, directory, 1, 0);
        PlacementClient client = cluster.node(1).client;
        this.<UUID>granted(done -> client.bootstrap(CLUSTER, List.of(new StoreId(1)), 0, done));
        ClusterView view = this.<ClusterView>granted(done -> client.view(ViewRevision.NONE, 0, done));
        List<ClusterView> next = new ArrayList<>();
        client.view(view.revision(), 2_000, answer -> next.add(value(answer)));
        world.runFor(SECOND);
        assertTrue(next.isEmpty());
        world.runFor(2 * SECOND);
        assertEquals(view, next.getFirst());
    }

    @Test
    void refusalsReachTheClientWithTheirReason() {
        Cluster cluster = Cluster.of(world, directory, 1, 0);
        PlacementClient client = cluster.node(1).client;
        Answer<ClusterView> answer = this.<ClusterView>answer(done -> client.view(ViewRevision.NONE, 0, done));
        assertEquals(
                RefusalCode.REFUSAL_CODE_NOT_FOUNDED,
                assertInstanceOf(Answer.Refused.class, answer).code());
        this.<UUID>granted(done -> client.bootstrap(CLUSTER, List.of(new StoreId(1)), 0, done));
        this.<UUID>granted(done -> client.register(store(1, 7), CLUSTER, false, done));
        Answer<Orders> replaced =
                this.<Orders>answer(done -> client.heartbeat(Heartbeat.well(new StoreId(1), 8, List.of()), done));
        assertEquals(
                RefusalCode.REFUSAL_CODE_STORE_REPLACED,
                assertInstanceOf(Answer.Refused.class, replaced).code());
    }

    @Test
    void stateSurvivesTheRestartOfAll() {
        Cluster cluster = Cluster.of(world, directory, 3, 1);
        PlacementClient client = cluster.node(4).client;
        this.<UUID>granted(done -> client.bootstrap(CLUSTER, FOUNDERS, 5, done));
        this.<PlacementClient.Settings>granted(
                done -> client.changeSettings(Map.of("appendonly", Optional.of("yes")), OptionalLong.of(0), done));
        int instance = granted(client::allocateInstance);
        long before = fetch(cluster, 4);
        FOUNDERS.forEach(cluster::restart);
        world.runFor(5 * SECOND);
        PlacementClient.Settings settings = granted(client::settings);
        assertEquals(Map.of("appendonly", "yes"), settings.values());
        assertEquals(1, settings.revision());
        assertTrue(granted(client::allocateInstance) > instance);
        assertTrue(fetch(cluster, 4) > before);
        assertEquals(
                5,
                this.<ClusterView>granted(done -> client.view(ViewRevision.NONE, 0, done))
                        .regions()
                        .size());
    }

    @Test
    void withoutALeaderTheAnswerIsUnavailableInBoundedTime() {
        Cluster cluster = Cluster.of(world, directory, 3, 1);
        fetch(cluster, 4);
        cluster.isolate(new StoreId(4));
        List<Object> answers = new ArrayList<>();
        cluster.node(4).timestamps.fetch(answers::add);
        cluster.node(4).client.allocateInstance(answers::add);
        world.runFor(13 * SECOND);
        assertEquals(List.of(TimestampSource.UNAVAILABLE, new Answer.Unavailable<Integer>()), answers);
        assertEquals(0, cluster.node(4).timestamps.bound());
    }

    @Test
    void numbersAreGivenOutOnceAndSettingsChangeOnceUnderFaults() {
        for (long seed = 1; seed <= 6; seed++) {
            new Churn(seed, directory.resolve("churn-" + seed)).run();
        }
    }

    /** Clients allocate and count while replicas crash, pause and are cut off. */
    private static final class Churn {
        final long seed;
        final World world;
        final Cluster cluster;
        final Set<Long> numbers = new HashSet<>();
        int granted;
        long counterAtLeast;
        long counterAtMost;

        Churn(long seed, Path directory) {
            this.seed = seed;
            this.world = new World(seed);
            this.cluster = Cluster.of(world, directory, 3, 1);
        }

        void run() {
            cluster.node(4).client.bootstrap(CLUSTER, FOUNDERS, 0, answer -> {});
            world.runFor(SECOND);
            for (long store = 1; store <= 4; store++) {
                allocateFrom(store);
            }
            count();
            disturb();
            world.runFor(40 * SECOND);
            assertTrue(granted > 100, "seed " + seed + " granted only " + granted);
            assertTrue(counterAtLeast > 10, "seed " + seed + " counted only to " + counterAtLeast);
        }

        private void allocateFrom(long store) {
            int count = 1 + world.random.nextInt(3);
            cluster.node(store).client.allocate(IdKind.ID_KIND_REGION, count, answer -> {
                if (answer instanceof Answer.Granted<Long> block) {
                    granted++;
                    for (int i = 0; i < count; i++) {
                        assertTrue(numbers.add(block.value() + i), "seed " + seed + ": number given out twice");
                    }
                }
            });
            world.after(world.millisBetween(10, 200), () -> allocateFrom(store));
        }

        /** Reads a counter and adds one to it at the revision read; one such client counts at a time. */
        private void count() {
            PlacementClient client = cluster.node(4).client;
            client.settings(read -> {
                if (!(read instanceof Answer.Granted<PlacementClient.Settings> granted)) {
                    count();
                    return;
                }
                PlacementClient.Settings settings = granted.value();
                long value = Long.parseLong(settings.values().getOrDefault("counter", "0"));
                assertTrue(value >= counterAtLeast, "seed " + seed + ": a change that was granted is lost");
                assertTrue(value <= counterAtMost, "seed " + seed + ": a change was made that nobody asked for");
                counterAtMost = value + 1;
                client.changeSettings(
                        Map.of("counter", Optional.of(Long.toString(value + 1))),
                        OptionalLong.of(settings.revision()),
                        changed -> {
                            if (changed instanceof Answer.Granted<PlacementClient.Settings>) {
                                counterAtLeast = value + 1;
                            }
                            world.after(10 * World.MILLI, this::count);
                        });
            });
        }

        private void disturb() {
            StoreId store = new StoreId(1 + world.random.nextInt(3));
            StoreId leader = cluster.consensus().leaderStore().orElse(store);
            switch (world.random.nextInt(6)) {
                case 0 -> cluster.restart(world.oneIn(2) ? leader : store);
                case 1 -> cluster.isolate(world.oneIn(2) ? leader : store);
                case 2 -> cluster.isolateReplica(leader);
                case 3 -> cluster.node(leader.value()).process().pause(world.millisBetween(10, 4_000));
                case 4 -> cluster.consensus().transfer();
                default -> cluster.heal();
            }
            world.after(world.millisBetween(100, 3_000), cluster::heal);
            world.after(world.millisBetween(500, 6_000), this::disturb);
        }
    }

    private long fetch(Cluster cluster, long store) {
        List<Long> result = new ArrayList<>();
        cluster.node(store).timestamps.fetch(result::add);
        for (int i = 0; i < 100 && result.isEmpty(); i++) {
            world.runFor(SECOND / 10);
        }
        assertEquals(1, result.size());
        assertNotEquals(TimestampSource.UNAVAILABLE, result.getFirst());
        return result.getFirst();
    }

    private <T> Answer<T> answer(Consumer<Consumer<Answer<T>>> request) {
        List<Answer<T>> result = new ArrayList<>();
        request.accept(result::add);
        for (int i = 0; i < 150 && result.isEmpty(); i++) {
            world.runFor(SECOND / 10);
        }
        assertFalse(result.isEmpty());
        return result.getFirst();
    }

    private <T> T granted(Consumer<Consumer<Answer<T>>> request) {
        return value(answer(request));
    }

    private static <T> T value(Answer<T> answer) {
        return switch (answer) {
            case Answer.Granted<T> granted -> granted.value();
            case Answer.Refused<T> refused -> throw new AssertionError(refused.toString());
            case Answer.Unavailable<T> unavailable -> throw new AssertionError("unavailable");
        };
    }

    private static StoreEntry store(long id, long nonce) {
        return new StoreEntry(new StoreId(id), "127.0.0.1:" + (7000 + id), nonce, Map.of());
    }

    private static PlacementClient.Lead lead(long term) {
        return new PlacementClient.Lead(new RegionId(1), term, Epoch.FIRST, Map.of(), 0, 0, 0);
    }
}
