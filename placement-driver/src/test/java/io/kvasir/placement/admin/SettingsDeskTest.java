package io.kvasir.placement.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.ClusterSettings;
import io.kvasir.placement.controller.Controller;
import io.kvasir.placement.controller.Presence;
import io.kvasir.proto.control.PlacementCodec;
import io.kvasir.proto.placement.AdminReply;
import io.kvasir.proto.placement.AdminRequest;
import io.kvasir.proto.placement.BootstrapRequest;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is wanted of stores and replicas: what is set, refused, and seen. */
final class SettingsDeskTest {

    private final Controller controller = new Controller(ClusterImage.EMPTY, new Presence(0), 0);

    SettingsDeskTest() {
        controller.bootstrap(BootstrapRequest.newBuilder()
                .setClusterId(PlacementCodec.clusterId(new UUID(1, 2)))
                .addAllFounders(List.of(1L, 2L))
                .build());
    }

    private AdminReply set(String name, String value) {
        AdminRequest request = AdminRequest.newBuilder()
                .setPath("config/set")
                .putArguments("name", name)
                .putArguments("value", value)
                .setChange(true)
                .setWho("somebody")
                .build();
        assertTrue(SettingsDesk.takes(request.getPath()));
        return SettingsDesk.carryOut(controller, request).reply().getAdmin();
    }

    private String shown() {
        return SettingsDesk.settings(controller.image().settings()).text();
    }

    @Test
    void whatIsSetIsSeen() {
        assertEquals(0, ClusterSettings.replicas(controller.image().settings()));
        assertTrue(shown().contains("\"name\":\"replicas\",\"value\":0"), shown());
        assertEquals(200, set("replicas", "3").getStatus());
        assertEquals(3, ClusterSettings.replicas(controller.image().settings()));
        assertTrue(shown().contains("\"name\":\"replicas\",\"value\":3"), shown());
        assertEquals(200, set("down-seconds", "60").getStatus());
        assertEquals(60_000, ClusterSettings.downMillis(controller.image().settings()));
        assertTrue(shown().contains("\"name\":\"down-seconds\",\"value\":60"), shown());
    }

    @Test
    void wrongSettingsChangeNothingAndAreToldInALine() {
        for (String replicas : List.of("0", "2", "4", "7", "-1", "many", "")) {
            assertEquals(400, set("replicas", replicas).getStatus(), replicas);
        }
        assertEquals(
                "{\"error\":\"a range has 1, 3 or 5 replicas\"}",
                set("replicas", "2").getBody());
        assertEquals(400, set("down-seconds", "9").getStatus());
        assertEquals(400, set("down-seconds", "604801").getStatus());
        assertEquals(
                "{\"error\":\"there is no setting 'colour'; there are replicas and down-seconds\"}",
                set("colour", "blue").getBody());
        assertTrue(controller.image().settings().isEmpty());
        assertFalse(SettingsDesk.takes("config"));
    }
}
