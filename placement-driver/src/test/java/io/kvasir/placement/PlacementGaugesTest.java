package io.kvasir.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.Controller;
import io.kvasir.placement.controller.CurrentPicture;
import io.kvasir.placement.controller.Heartbeats;
import io.kvasir.placement.controller.Presence;
import io.kvasir.placement.oracle.Oracle;
import io.kvasir.placement.schedule.ClusterPicture;
import io.kvasir.placement.schedule.Scheduling;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.BootstrapRequest;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.LeadMessage;
import io.kvasir.proto.placement.RegisterRequest;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a replica of the placement driver measures: three stores, of which one is heard and leads all three ranges. */
final class PlacementGaugesTest {

    private static final long SECOND = 1_000_000_000L;

    private final Presence presence = new Presence(0);
    private final Scheduling scheduling = new Scheduling(4, Long.MAX_VALUE);
    private final Oracle oracle = new Oracle();
    private final PlacementGauges gauges = new PlacementGauges();
    private final ClusterImage image;

    PlacementGaugesTest() {
        UUID cluster = new UUID(1, 2);
        Controller controller = new Controller(ClusterImage.EMPTY, presence, 0);
        controller.bootstrap(BootstrapRequest.newBuilder()
                .setClusterId(PlacementCodec.clusterId(cluster))
                .addAllFounders(List.of(1L, 2L, 3L))
                .build());
        for (long store = 1; store <= 3; store++) {
            StoreEntry entry = new StoreEntry(new StoreId(store), "h:" + store, store, Map.of());
            controller.register(RegisterRequest.newBuilder()
                    .setClusterId(PlacementCodec.clusterId(cluster))
                    .setStore(PlacementCodec.store(entry))
                    .build());
        }
        image = controller.image();
        heartbeat(1, 1, 2, 3);
        heartbeat(2);
    }

    private void heartbeat(long store, long... leads) {
        HeartbeatRequest.Builder request =
                HeartbeatRequest.newBuilder().setStore(store).setNonce(store);
        for (long region : leads) {
            request.addLeads(LeadMessage.newBuilder().setRegion(region).setTerm(7));
        }
        gauges.heard(
                Heartbeats.take(request.build(), image, presence, 4 * SECOND).refusal() != null);
    }

    private PlacementReadings look(long second) {
        gauges.look(9, image, presence, scheduling, oracle, second * SECOND);
        return gauges.readings();
    }

    private void move(long second) {
        ClusterPicture picture = CurrentPicture.of(image, presence, second * SECOND);
        assertTrue(scheduling
                .transfer(picture, new RegionId(1), new StoreId(2), second * SECOND)
                .isEmpty());
    }

    @Test
    void storesRangesAndHeartbeatsAreCounted() {
        heartbeat(9);
        PlacementReadings now = look(5);
        assertEquals(List.of(true, 9L), List.of(now.leads(), now.term()));
        assertEquals(Map.of("up", 2L, "disconnected", 1L, "down", 0L), now.stores());
        assertEquals(List.of(3L, 0L), List.of(now.ranges(), now.leaderlessRanges()));
        assertEquals(List.of(3L, 1L), List.of(now.heartbeats(), now.refusedHeartbeats()));
    }

    @Test
    void anOperatorIsUnderWayThenEndedOnce() {
        move(5);
        assertEquals(1, look(5).running().get("admin"));
        assertEquals(0, look(5).ended().get("cancelled"));
        long id = scheduling.operators().running().iterator().next().id();
        scheduling.operators().cancel(id, "a test", 6 * SECOND);
        assertEquals(0, look(6).running().get("admin"));
        assertEquals(1, look(6).ended().get("cancelled"));
        assertEquals(1, look(7).ended().get("cancelled"));
        assertEquals(Map.of("finished", 0L, "failed", 0L, "timed_out", 0L, "cancelled", 1L), look(8).ended());
    }

    @Test
    void pausesAreTold() {
        scheduling.pause("balance-leader", 60, 5 * SECOND);
        Map<String, Long> paused = look(10).pausedSeconds();
        assertEquals(List.of(55L, 0L), List.of(paused.get("balance-leader"), paused.get("evict-leader")));
    }

    @Test
    void whoLeadsNoMoreHasTotalsAlone() {
        look(5);
        gauges.leave(oracle);
        PlacementReadings now = gauges.readings();
        assertFalse(now.leads());
        assertEquals(9, now.term());
        assertEquals(2, now.heartbeats());
        assertTrue(now.stores().isEmpty() && now.running().isEmpty() && now.ranges() == 0);
    }
}
