package io.kvasir.placement.admin;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.Controller;
import io.kvasir.placement.controller.StoreSettings;
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
 * Changes of what is wanted of stores, which are settings of the cluster and so outlive any leader of the placement
 * driver. Stateless; used on the placement thread.
 */
public final class StoreDesk {

    private static final String DRAIN = "store/drain";
    private static final String CANCEL = "store/cancel-drain";
    private static final String DOWN_SECONDS = "store/down-seconds";
    private static final Set<String> PATHS = Set.of(DRAIN, CANCEL, DOWN_SECONDS);

    private StoreDesk() {}

    /** Returns whether {@code path} is a change of a store. */
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
            Optional<String> objection = request.getPath().equals(DOWN_SECONDS)
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
        SettingChangedRecord.Builder change = SettingChangedRecord.newBuilder();
        if (path.equals(DOWN_SECONDS)) {
            long seconds = AdminDesk.number(arguments.getOrDefault("seconds", ""), "seconds");
            if (seconds < StoreSettings.DOWN_SECONDS_MIN || seconds > StoreSettings.DOWN_SECONDS_MAX) {
                throw new NumberFormatException("a store is down after " + StoreSettings.DOWN_SECONDS_MIN + " to "
                        + StoreSettings.DOWN_SECONDS_MAX + " seconds");
            }
            return change.setName(StoreSettings.DOWN_SECONDS)
                    .setValue(Long.toString(seconds))
                    .build();
        }
        change.setName(StoreSettings.draining(store(arguments)));
        return path.equals(DRAIN) ? change.setValue("yes").build() : change.build();
    }
}
