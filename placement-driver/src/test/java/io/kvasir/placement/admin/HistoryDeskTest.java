package io.kvasir.placement.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.Controller;
import io.kvasir.placement.controller.Presence;
import io.kvasir.proto.control.HistoryPolicy;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.placement.AdminReply;
import io.kvasir.proto.placement.AdminRequest;
import io.kvasir.proto.placement.BootstrapRequest;
import io.kvasir.proto.time.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How long the past is kept, and who holds it: what is asked for, refused, and seen. */
final class HistoryDeskTest {

    private static final long NOW = 10_000_000;

    private final Controller controller = new Controller(ClusterImage.EMPTY, new Presence(0), 0);

    HistoryDeskTest() {
        controller.bootstrap(BootstrapRequest.newBuilder()
                .setClusterId(PlacementCodec.clusterId(new UUID(1, 2)))
                .addAllFounders(List.of(1L))
                .build());
    }

    private AdminReply order(String path, String... namesAndValues) {
        AdminRequest.Builder request =
                AdminRequest.newBuilder().setPath(path).setChange(true).setWho("somebody");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            request.putArguments(namesAndValues[i], namesAndValues[i + 1]);
        }
        return HistoryDesk.carryOut(controller, request.build(), NOW).reply().getAdmin();
    }

    private HistoryPolicy policy() {
        return HistoryPolicy.of(controller.image().settings());
    }

    private static long at(long millis) {
        return Timestamp.of(millis, 0);
    }

    @Test
    void theSafePointIsNowLessTheRetention() {
        assertEquals(
                200,
                order("history/retention", "database", "3", "seconds", "60").getStatus());
        assertEquals(Map.of(3, 60_000L), policy().retentionMillis());
        assertEquals(at(NOW - 60_000), policy().safePoint(3, at(NOW)));
        String shown = HistoryDesk.show(controller.image().settings(), NOW).text();
        assertTrue(shown.contains("\"heldBy\":\"retention\""), shown);
        assertEquals(
                200, order("history/retention", "database", "3", "seconds", "0").getStatus());
        assertEquals(Map.of(), policy().retentionMillis());
    }

    @Test
    void whatHoldsASafePointIsNamedAndItsTimeIsBounded() {
        order("history/retention", "database", "0", "seconds", "60");
        assertEquals(
                200,
                order("history/hold", "name", "nightly", "at", "-50000", "seconds", "100")
                        .getStatus());
        assertEquals(at(NOW - 50_000), policy().safePoint(0, at(NOW + 20_000)));
        String shown =
                HistoryDesk.show(controller.image().settings(), NOW + 20_000).text();
        assertTrue(shown.contains("\"heldBy\":\"hold nightly\""), shown);
        long later = NOW + 100_000;
        assertEquals(at(later - 60_000), policy().safePoint(0, at(later)), "the hold is over");
        assertTrue(HistoryDesk.show(controller.image().settings(), later).text().contains("\"stands\":false"));
        assertEquals(200, order("history/release", "name", "nightly").getStatus());
        assertEquals(Map.of(), policy().holds());
    }

    @Test
    void wrongOrdersChangeNothing() {
        assertEquals(
                409,
                order("history/hold", "name", "early", "at", "-1", "seconds", "9")
                        .getStatus());
        order("history/retention", "database", "0", "seconds", "60");
        assertEquals(
                400,
                order("history/retention", "database", "16", "seconds", "60").getStatus());
        assertEquals(
                400, order("history/retention", "database", "0", "seconds", "9").getStatus());
        assertEquals(
                400,
                order("history/retention", "database", "0", "seconds", "9223372036854775807")
                        .getStatus());
        assertEquals(400, order("history/retention", "database", "0").getStatus());
        assertEquals(
                400,
                order("history/hold", "name", "a b", "at", "-1", "seconds", "9").getStatus());
        assertEquals(
                400,
                order("history/hold", "name", "a", "at", "-1", "seconds", "604801")
                        .getStatus());
        assertEquals(
                409,
                order("history/hold", "name", "a", "at", "-60001", "seconds", "9")
                        .getStatus());
        assertEquals(
                409,
                order("history/hold", "name", "a", "at", Long.toString(NOW + 1), "seconds", "9")
                        .getStatus());
        assertEquals(404, order("history/release", "name", "a").getStatus());
        assertEquals(404, order("history/other").getStatus());
        assertEquals(Map.of(0, 60_000L), policy().retentionMillis());
        assertEquals(Map.of(), policy().holds());
    }

    @Test
    void holdsAreBounded() {
        order("history/retention", "database", "0", "seconds", "60");
        for (int i = 0; i < HistoryPolicy.HOLDS_MAX; i++) {
            assertEquals(
                    200,
                    order("history/hold", "name", "h" + i, "at", "-1", "seconds", "9")
                            .getStatus());
        }
        assertEquals(
                409,
                order("history/hold", "name", "more", "at", "-1", "seconds", "9")
                        .getStatus());
        assertEquals(
                200,
                order("history/hold", "name", "h0", "at", "-2", "seconds", "9").getStatus());
    }
}
