package io.kvasir.placement.admin;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.ClusterSettings;
import io.kvasir.placement.controller.Controller;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.json.Json;
import io.kvasir.proto.placement.AdminReply;
import io.kvasir.proto.placement.AdminRequest;
import io.kvasir.proto.placement.ChangeSettingsRequest;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.placement.SettingChangedRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Changes of what is wanted of stores and replicas, which are settings of the cluster and so outlive any leader of the
 * placement driver. Stateless; used on the placement thread.
 */
public final class SettingsDesk {

    private static final String DRAIN = "store/drain";
    private static final String CANCEL = "store/cancel-drain";
    private static final String SET = "config/set";
    private static final Set<String> PATHS = Set.of(DRAIN, CANCEL, SET);

    private static final String DOWN_SECONDS = "down-seconds";
    private static final String REPLICAS = "replicas";

    private SettingsDesk() {}

    /** Returns all that may be set, with its value. */
    static Json settings(Map<String, String> settings) {
        return Json.array(List.of(
                Json.of(
                        "name",
                        REPLICAS,
                        "value",
                        ClusterSettings.replicas(settings),
                        "meaning",
                        "replicas of each range: 1, 3 or 5; 0 if nobody has said, then they have as many as they had"),
                Json.of(
                        "name",
                        DOWN_SECONDS,
                        "value",
                        ClusterSettings.downMillis(settings) / 1_000,
                        "meaning",
                        "a store that is silent for so long is down, and its replicas are made anew elsewhere")));
    }

    /** Returns whether {@code path} is a change of settings. */
    public static boolean takes(String path) {
        return PATHS.contains(path);
    }

    /** Carries out {@code request}, which {@link #takes} and which may change something. */
    public static Controller.Result carryOut(Controller controller, AdminRequest request) {
        Controller.Result result = new Controller.Result(List.of(), PlacementReply.getDefaultInstance());
        AdminDesk.Answer answer;
        try {
            Map<String, String> arguments = request.getArgumentsMap();
            ClusterImage image = controller.image();
            Optional<String> objection = request.getPath().equals(SET)
                    ? Optional.empty()
                    : objection(image, store(arguments), request.getPath().equals(DRAIN));
            if (objection.isPresent()) {
                answer = AdminDesk.error(AdminDesk.REFUSED, objection.get());
            } else {
                result = controller.changeSettings(ChangeSettingsRequest.newBuilder()
                        .addChanges(change(request.getPath(), arguments))
                        .build());
                answer = result.reply().hasRefusal()
                        ? AdminDesk.error(
                                AdminDesk.REFUSED, result.reply().getRefusal().getText())
                        : new AdminDesk.Answer(AdminDesk.OK, Json.of("done", request.getPath()));
            }
        } catch (NumberFormatException wrong) {
            answer = AdminDesk.error(AdminDesk.MALFORMED, String.valueOf(wrong.getMessage()));
        }
        AdminDesk.audit(request.getPath(), request.getArgumentsMap(), request.getWho(), answer);
        return new Controller.Result(
                result.records(),
                PlacementReply.newBuilder()
                        .setAdmin(AdminReply.newBuilder()
                                .setStatus(answer.status())
                                .setBody(answer.body().text()))
                        .build());
    }

    private static StoreId store(Map<String, String> arguments) {
        return new StoreId(AdminDesk.number(arguments.getOrDefault("store", ""), "a store"));
    }

    private static Optional<String> objection(ClusterImage image, StoreId store, boolean drains) {
        if (!image.stores().containsKey(store)) {
            return Optional.of("there is no store " + store.value());
        }
        boolean votes = image.placementGroup().stream().map(ReplicaId::store).anyMatch(store::equals);
        return drains && votes
                ? Optional.of("store " + store.value()
                        + " has a replica of the placement driver, which cannot be moved to another store yet")
                : Optional.empty();
    }

    private static SettingChangedRecord change(String path, Map<String, String> arguments) {
        if (path.equals(SET)) {
            return setting(arguments.getOrDefault("name", ""), arguments.getOrDefault("value", ""));
        }
        SettingChangedRecord.Builder change = SettingChangedRecord.newBuilder();
        change.setName(ClusterSettings.draining(store(arguments)));
        return path.equals(DRAIN) ? change.setValue("yes").build() : change.build();
    }

    private static SettingChangedRecord setting(String name, String value) {
        SettingChangedRecord.Builder change = SettingChangedRecord.newBuilder();
        switch (name) {
            case DOWN_SECONDS -> {
                long seconds = AdminDesk.number(value, "seconds");
                if (seconds < ClusterSettings.DOWN_SECONDS_MIN || seconds > ClusterSettings.DOWN_SECONDS_MAX) {
                    throw new NumberFormatException("a store is down after " + ClusterSettings.DOWN_SECONDS_MIN + " to "
                            + ClusterSettings.DOWN_SECONDS_MAX + " seconds");
                }
                change.setName(ClusterSettings.DOWN_SECONDS).setValue(Long.toString(seconds));
            }
            case REPLICAS -> {
                long replicas = AdminDesk.number(value, "replicas");
                if (!ClusterSettings.REPLICAS_ALLOWED.contains(replicas)) {
                    throw new NumberFormatException("a range has 1, 3 or 5 replicas");
                }
                change.setName(ClusterSettings.REPLICAS).setValue(Long.toString(replicas));
            }
            default ->
                throw new NumberFormatException(
                        "there is no setting '" + name + "'; there are " + REPLICAS + " and " + DOWN_SECONDS);
        }
        return change.build();
    }
}
