package io.kvasir.placement.admin;

import io.kvasir.placement.controller.Controller;
import io.kvasir.proto.control.HistoryPolicy;
import io.kvasir.proto.control.HistoryPolicy.Hold;
import io.kvasir.proto.json.Json;
import io.kvasir.proto.placement.AdminRequest;
import io.kvasir.proto.placement.ChangeSettingsRequest;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.placement.SettingChangedRecord;
import io.kvasir.proto.time.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the admin API says of the past that databases keep, and how it is changed: retentions and holds are replicated
 * settings of the placement driver ({@link HistoryPolicy}). Stateless; used on the placement thread.
 */
public final class HistoryDesk {

    private static final String ROOT = "history";
    private static final long MILLIS_PER_SECOND = 1_000;

    /** Numbers from here on are whole timestamps: milliseconds fit below. */
    private static final long TIMESTAMP_MIN = 1L << 46;

    private HistoryDesk() {}

    /** Thrown where an order is wrong; the text says why in one line. */
    private static final class Refused extends Exception {

        private static final long serialVersionUID = 1;
        private final int status;

        Refused(int status, String text) {
            super(text, null, false, false);
            this.status = status;
        }
    }

    /** A setting and what becomes of it; empty removes it. */
    private record Change(String setting, Optional<String> value) {}

    /** Returns whether {@code path} asks for a change that is made here. */
    public static boolean takes(String path) {
        return path.startsWith(ROOT + "/");
    }

    /** Answers {@code path} to somebody who may not change anything. */
    static AdminDesk.Answer answer(String path, Map<String, String> settings, long clockMillis) {
        return takes(path)
                ? AdminDesk.error(AdminDesk.FORBIDDEN, "changes need the admin token")
                : new AdminDesk.Answer(AdminDesk.OK, show(settings, clockMillis));
    }

    /** Returns what is kept, how far back, and who holds the safe points, at {@code clockMillis} of the oracle. */
    static Json show(Map<String, String> settings, long clockMillis) {
        HistoryPolicy policy = HistoryPolicy.of(settings);
        long now = now(clockMillis);
        Optional<Map.Entry<String, Hold>> lowest = policy.lowestHold(now);
        List<Json> databases = new ArrayList<>();
        policy.retentionMillis().forEach((database, millis) -> {
            long safePoint = policy.safePoint(database, now);
            boolean held = safePoint < policy.unheld(database, now);
            databases.add(Json.of(
                    "database",
                    database,
                    "retentionSeconds",
                    millis / MILLIS_PER_SECOND,
                    "safePoint",
                    time(safePoint),
                    "safePointTimestamp",
                    safePoint,
                    "heldBy",
                    held ? "hold " + lowest.map(Map.Entry::getKey).orElse("") : "retention"));
        });
        List<Json> holds = new ArrayList<>();
        policy.holds()
                .forEach((name, hold) -> holds.add(Json.of(
                        "name",
                        name,
                        "from",
                        time(hold.timestamp()),
                        "timestamp",
                        hold.timestamp(),
                        "until",
                        Instant.ofEpochMilli(hold.untilMillis()).toString(),
                        "stands",
                        clockMillis < hold.untilMillis())));
        return Json.of(
                "time",
                Instant.ofEpochMilli(clockMillis).toString(),
                "databases",
                Json.array(databases),
                "holds",
                Json.array(holds));
    }

    private static String time(long timestamp) {
        return Instant.ofEpochMilli(Timestamp.millis(timestamp)).toString();
    }

    private static long now(long clockMillis) {
        return Timestamp.of(Math.max(0, clockMillis), 0);
    }

    /**
     * Carries out {@code request} at {@code clockMillis} of the oracle: {@code history/retention}, {@code history/hold}
     * or {@code history/release}.
     */
    public static Controller.Result carryOut(Controller controller, AdminRequest request, long clockMillis) {
        Controller.Result result;
        AdminDesk.Answer answer;
        try {
            Map<String, String> settings = controller.image().settings();
            Change change = change(HistoryPolicy.of(settings), request, now(clockMillis));
            SettingChangedRecord.Builder setting =
                    SettingChangedRecord.newBuilder().setName(change.setting);
            change.value.ifPresent(setting::setValue);
            result = controller.changeSettings(
                    ChangeSettingsRequest.newBuilder().addChanges(setting).build());
            answer = result.reply().hasRefusal()
                    ? AdminDesk.error(
                            AdminDesk.REFUSED, result.reply().getRefusal().getText())
                    : new AdminDesk.Answer(AdminDesk.OK, show(controller.image().settings(), clockMillis));
        } catch (Refused refused) {
            result = new Controller.Result(List.of(), PlacementReply.getDefaultInstance());
            answer = AdminDesk.error(refused.status, String.valueOf(refused.getMessage()));
        }
        AdminDesk.audit(request.getPath(), request.getArgumentsMap(), request.getWho(), answer);
        return new Controller.Result(result.records(), answer.reply());
    }

    private static Change change(HistoryPolicy policy, AdminRequest request, long now) throws Refused {
        Map<String, String> arguments = request.getArgumentsMap();
        return switch (request.getPath()) {
            case ROOT + "/retention" -> retention(arguments);
            case ROOT + "/hold" -> hold(policy, arguments, now);
            case ROOT + "/release" -> release(policy, arguments.getOrDefault("name", ""));
            default -> throw new Refused(AdminDesk.UNKNOWN, "history takes: retention, hold, release");
        };
    }

    private static Change retention(Map<String, String> arguments) throws Refused {
        long database = number(arguments, "database");
        long seconds = number(arguments, "seconds");
        if (!HistoryPolicy.isDatabase(database)) {
            throw new Refused(AdminDesk.MALFORMED, "databases are numbered from 0 to " + (HistoryPolicy.DATABASES - 1));
        }
        long secondsMax = HistoryPolicy.RETENTION_MILLIS_MAX / MILLIS_PER_SECOND;
        if (seconds != 0
                && (seconds < 0 || seconds > secondsMax || !HistoryPolicy.isRetention(seconds * MILLIS_PER_SECOND))) {
            throw new Refused(
                    AdminDesk.MALFORMED,
                    "a retention is 0, for none, or from " + HistoryPolicy.RETENTION_MILLIS_MIN / MILLIS_PER_SECOND
                            + " to " + secondsMax + " seconds");
        }
        return new Change(
                HistoryPolicy.retentionSetting((int) database),
                seconds == 0 ? Optional.empty() : Optional.of(Long.toString(seconds * MILLIS_PER_SECOND)));
    }

    private static Change hold(HistoryPolicy policy, Map<String, String> arguments, long now) throws Refused {
        String name = arguments.getOrDefault("name", "");
        if (!name.matches("[A-Za-z0-9._-]{1," + HistoryPolicy.HOLD_NAME_LENGTH_MAX + "}")) {
            throw new Refused(
                    AdminDesk.MALFORMED,
                    "a hold has a name of 1 to " + HistoryPolicy.HOLD_NAME_LENGTH_MAX
                            + " letters, digits, '.', '_' and '-'");
        }
        long seconds = number(arguments, "seconds");
        long secondsMax = HistoryPolicy.HOLD_MILLIS_MAX / MILLIS_PER_SECOND;
        if (seconds < 1 || seconds > secondsMax) {
            throw new Refused(AdminDesk.MALFORMED, "a hold lasts from 1 to " + secondsMax + " seconds");
        }
        if (!policy.holds().containsKey(name) && policy.holds().size() >= HistoryPolicy.HOLDS_MAX) {
            throw new Refused(AdminDesk.REFUSED, "there are " + HistoryPolicy.HOLDS_MAX + " holds already");
        }
        long at = moment(number(arguments, "at"), now);
        if (at > now) {
            throw new Refused(AdminDesk.REFUSED, "the time to hold lies in the future");
        }
        boolean known =
                policy.retentionMillis().keySet().stream().anyMatch(database -> at >= policy.safePoint(database, now));
        if (!known) {
            throw new Refused(
                    AdminDesk.REFUSED,
                    policy.retentionMillis().isEmpty()
                            ? "no database keeps its past"
                            : "the time to hold lies below every safe point: what stood then may be gone");
        }
        Hold hold = new Hold(at, Timestamp.millis(now) + seconds * MILLIS_PER_SECOND);
        return new Change(HistoryPolicy.holdSetting(name), Optional.of(HistoryPolicy.text(hold)));
    }

    /** Returns the timestamp that {@code number} names, as AT does. */
    private static long moment(long number, long now) {
        if (number >= TIMESTAMP_MIN) {
            return number;
        }
        return Timestamp.of(
                number < 0 ? Math.max(0, Timestamp.millis(now) + Math.max(number, -TIMESTAMP_MIN)) : number, 0);
    }

    private static Change release(HistoryPolicy policy, String name) throws Refused {
        if (!policy.holds().containsKey(name)) {
            throw new Refused(AdminDesk.UNKNOWN, "there is no such hold");
        }
        return new Change(HistoryPolicy.holdSetting(name), Optional.empty());
    }

    private static long number(Map<String, String> arguments, String name) throws Refused {
        try {
            return Long.parseLong(arguments.getOrDefault(name, ""));
        } catch (NumberFormatException wrong) {
            throw new Refused(AdminDesk.MALFORMED, name + " is missing or no whole number");
        }
    }
}
