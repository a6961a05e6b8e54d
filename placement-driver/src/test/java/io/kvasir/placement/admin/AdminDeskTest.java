package io.kvasir.placement.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.Controller;
import io.kvasir.placement.controller.Heartbeats;
import io.kvasir.placement.controller.Presence;
import io.kvasir.placement.heat.HeatHistory;
import io.kvasir.placement.schedule.Scheduling;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.json.Json;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.placement.BootstrapRequest;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.HeatMessage;
import io.kvasir.proto.placement.LagMessage;
import io.kvasir.proto.placement.LeadMessage;
import io.kvasir.proto.placement.RegisterRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Three stores, three ranges that store 1 leads, and what people ask of them. */
final class AdminDeskTest {

    private static final long SECOND = 1_000_000_000L;

    private final Presence presence = new Presence(0);
    private final Scheduling scheduling = new Scheduling(4, 512L << 20);
    private final HeatHistory heat = new HeatHistory(0);
    private long now = 2 * SECOND;
    private final ClusterImage image;

    AdminDeskTest() {
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
        heartbeat(3);
    }

    private void heartbeat(long store, long... leads) {
        HeartbeatRequest.Builder request = HeartbeatRequest.newBuilder()
                .setStore(store)
                .setNonce(store)
                .setUsedBytes(11)
                .setFreeBytes(22);
        for (long region : leads) {
            request.addLeads(LeadMessage.newBuilder()
                    .setRegion(region)
                    .setTerm(7)
                    .setConfVersion(1)
                    .setVersion(1)
                    .setKeys(100 * region)
                    .addLags(LagMessage.newBuilder().setStore(3).setEntries(5_000)));
        }
        Heartbeats.take(request.build(), image, presence, SECOND);
    }

    private AdminDesk.Answer ask(String path, Map<String, String> arguments, boolean change) {
        return new AdminDesk(9, new StoreId(2), image, presence, scheduling, heat, now, 1_000)
                .answer(path, arguments, change, "somebody");
    }

    private AdminDesk.Answer ask(String path) {
        return ask(path, Map.of(), false);
    }

    private AdminDesk.Answer move(String range, String store) {
        return ask("operator/transfer-leader", Map.of("range", range, "store", store), true);
    }

    private static String error(AdminDesk.Answer answer) {
        return ((Json.Text) ((Json.Members) answer.body()).values().get("error")).value();
    }

    private static void assertSays(String expected, AdminDesk.Answer answer) {
        assertTrue(answer.body().text().contains(expected), answer.body().text());
    }

    @Test
    void theClusterIsToldInNumbers() {
        assertSays("\"stores\":3,\"storesUp\":3,\"ranges\":3,\"rangesLed\":3,\"keys\":600", ask("cluster"));
    }

    @Test
    void storesRangesAndMembersAreToldAndWrongIdsRefused() {
        assertSays(
                "\"state\":\"up\",\"leaders\":3,\"replicas\":3,\"usedBytes\":11,\"freeBytes\":22,"
                        + "\"heardMillisAgo\":1000",
                ask("store/1"));
        assertSays("\"start\":\"slot 5462\",\"end\":\"slot 10923\",\"leader\":1", ask("range/2"));
        assertSays("\"lacksEntries\":5000", ask("range/2"));
        assertSays("{\"store\":2,\"leader\":true", ask("member"));
        assertEquals(404, ask("store/9").status());
        assertEquals("there is no store 9", error(ask("store/9")));
        assertEquals(404, ask("range/9").status());
        assertEquals(400, ask("range/x").status());
        assertEquals(400, ask("store/-1").status());
        assertEquals(404, ask("everything").status());
    }

    private AdminDesk.Answer overview(String name, String value) {
        return ask("overview", Map.of(name, value), false);
    }

    @Test
    void anOverviewHasAllThatThePageShowsAndTheRangesAskedFor() {
        AdminDesk.Answer all = ask("overview");
        Map<String, Json> members = ((Json.Members) all.body()).values();
        assertEquals(
                List.of("cluster", "stores", "members", "tso", "health", "schedulers", "operators", "ended", "ranges"),
                List.copyOf(members.keySet()));
        assertEquals(ask("store").body(), members.get("stores"));
        assertSays("\"found\":3,\"offset\":0,\"lines\":[{\"id\":1,", all);
        assertSays("\"lines\":[{\"id\":3,", overview("order", "keys"));
        assertSays("\"found\":3,\"offset\":2,\"lines\":[{\"id\":3,", overview("offset", "2"));
        assertSays("\"found\":3,\"offset\":0,\"lines\":[]", overview("limit", "0"));
        assertSays("\"found\":1,\"offset\":0,\"lines\":[{\"id\":2,", overview("find", "2"));
        assertSays("\"found\":0,\"offset\":0,\"lines\":[]", overview("find", "9"));
        String range = Slot.of("foo".getBytes(StandardCharsets.UTF_8)) < 10923 ? "2" : "3";
        assertSays("\"found\":1,\"offset\":0,\"lines\":[{\"id\":" + range, overview("find", "foo"));
        assertEquals(400, overview("order", "colour").status());
        assertEquals(400, overview("offset", "-1").status());
        assertEquals(400, overview("limit", "x").status());
        assertEquals(400, overview("find", "x".repeat(70_000)).status());
    }

    @Test
    void heatIsToldByRangeByStoreByTimeAndAsAMap() {
        heat.take(
                HeartbeatRequest.newBuilder()
                        .addHeat(HeatMessage.newBuilder()
                                .setFirstSlot(100)
                                .setEndSlot(200)
                                .setReads(3)
                                .setWrites(9)
                                .setSample(ByteString.copyFromUtf8("<k>\n")))
                        .build(),
                0);
        now = 20 * SECOND;
        assertEquals("[]", ask("hot/read").body().text());
        assertSays("{\"store\":1,\"leaders\":3,\"readsPerSecond\":0", ask("hot/store"));
        assertSays("\"reads\":3,\"writes\":9,", ask("hot/history"));
        assertSays("\"hottestSlots\":\"100-199\",\"percent\":100,\"key\":\"\\\"<k>\\\\x0a\\\"\"", ask("hot/history"));
        assertSays("\"sinceMillisAgo\":20000,\"placementTerm\":9,", ask("hot/map"));
        assertSays("{\"firstSlot\":100,\"lastSlot\":199,\"range\":1,", ask("hot/map"));
        assertSays("\"values\":[[0,12,0],[0,0,0]]", ask("hot/map"));
        assertSays("\"values\":[[0,9,0],[0,0,0]]", ask("hot/map", Map.of("metric", "writes"), false));
        for (Map<String, String> wrong : List.of(
                Map.of("metric", "x"), Map.of("minutes", "0"), Map.of("minutes", "1411"), Map.of("rows", "257"))) {
            assertEquals(400, ask("hot/map", wrong, false).status(), wrong.toString());
        }
        assertEquals(404, ask("hot").status());
        assertEquals(404, ask("hot/x").status());
    }

    @Test
    void theRangeOfAKeyIsFound() {
        for (String key : List.of("a", "foo", "{tag}x", "")) {
            int slot = Slot.of(key.getBytes(StandardCharsets.UTF_8));
            String range = slot < 5462 ? "1" : slot < 10923 ? "2" : "3";
            assertEquals(ask("range/" + range), ask("range/key", Map.of("key", key), false), key);
        }
        assertEquals(
                400, ask("range/key", Map.of("key", "x".repeat(70_000)), false).status());
    }

    @Test
    void aChangeWithoutPermissionChangesNothing() {
        Map<String, String> move = Map.of("range", "1", "store", "2");
        assertEquals(403, ask("operator/transfer-leader", move, false).status());
        assertEquals(
                403,
                ask("scheduler/balance-leader/pause", Map.of("seconds", "5"), false)
                        .status());
        assertTrue(scheduling.operators().running().isEmpty());
        assertEquals(0, scheduling.pausedSeconds("balance-leader", 2 * SECOND));
    }

    @Test
    void aLeaderIsMovedByHandOnceAndOnlyWhereItCanGo() {
        assertEquals(200, move("1", "2").status());
        assertEquals(1, scheduling.operators().running().size());
        assertEquals(409, move("1", "2").status());
        assertEquals("range 1 has an operator already", error(move("1", "2")));
        assertEquals(409, move("2", "3").status());
        assertEquals("the replica on store 3 lacks 5000 entries", error(move("2", "3")));
        assertEquals("store 1 leads range 2 already", error(move("2", "1")));
        assertEquals(404, move("9", "1").status());
        assertEquals(404, move("1", "9").status());
        assertEquals(400, move("", "1").status());
        long id = scheduling.operators().running().iterator().next().id();
        assertEquals(200, ask("operator/remove", Map.of("id", "" + id), true).status());
        assertEquals(404, ask("operator/remove", Map.of("id", "" + id), true).status());
        assertSays("\"state\":\"cancelled\"", ask("operator"));
    }

    @Test
    void schedulersArePausedForATimeWithinBounds() {
        assertEquals(
                200,
                ask("scheduler/balance-leader/pause", Map.of("seconds", "5"), true)
                        .status());
        assertSays("\"state\":\"paused\",\"pausedSeconds\":5", ask("scheduler"));
        assertSays("paused for 5 s more", ask("scheduler/balance-leader"));
        assertEquals(
                400,
                ask("scheduler/balance-leader/pause", Map.of("seconds", "86401"), true)
                        .status());
        assertEquals(200, ask("scheduler/balance-leader/resume", Map.of(), true).status());
        assertEquals(
                404, ask("scheduler/nobody/pause", Map.of("seconds", "5"), true).status());
    }
}
