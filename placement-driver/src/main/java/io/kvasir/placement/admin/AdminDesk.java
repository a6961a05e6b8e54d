package io.kvasir.placement.admin;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.CurrentPicture;
import io.kvasir.placement.controller.PlacedRegion;
import io.kvasir.placement.controller.Presence;
import io.kvasir.placement.heat.HeatHistory;
import io.kvasir.placement.schedule.ClusterPicture;
import io.kvasir.placement.schedule.Move;
import io.kvasir.placement.schedule.Operator;
import io.kvasir.placement.schedule.Operators;
import io.kvasir.placement.schedule.PeerChange;
import io.kvasir.placement.schedule.Scheduling;
import io.kvasir.placement.schedule.Split;
import io.kvasir.placement.schedule.StopRules;
import io.kvasir.placement.schedule.StoreState;
import io.kvasir.placement.schedule.StoreView;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.json.Json;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.placement.AdminReply;
import io.kvasir.proto.placement.PlacementReply;
import io.kvasir.proto.time.Timestamp;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where the admin API is answered; CLI and HTTP only carry it. A question is a path of words such as
 * {@code store/2}; the answer is JSON and a status of HTTP, and an error says in one line what is wrong. Every change
 * asked for is logged: who, what, and what became of it. Made for one question; used on the placement thread.
 *
 * <p>This file is long because every path of the API begins here.
 *
 * @param nowNanos the local instant that ages are told from
 * @param clockMillis the oracle's clock
 */
public record AdminDesk(
        long term,
        StoreId leader,
        ClusterImage image,
        Presence presence,
        Scheduling scheduling,
        HeatHistory heat,
        long nowNanos,
        long clockMillis) {

    private static final Logger LOG = LoggerFactory.getLogger("io.kvasir.audit");

    static final int OK = 200;
    static final int MALFORMED = 400;
    static final int FORBIDDEN = 403;
    static final int UNKNOWN = 404;
    static final int REFUSED = 409;

    private static final int WHO_LENGTH_MAX = 128;

    /** What is answered: 200, or an object whose {@code error} says in a line why not. */
    public record Answer(int status, Json body) {

        /** Returns this as the placement driver answers it. */
        public PlacementReply reply() {
            return PlacementReply.newBuilder()
                    .setAdmin(AdminReply.newBuilder().setStatus(status).setBody(body.text()))
                    .build();
        }
    }

    /**
     * Answers a question or carries out an order.
     *
     * @param change whether the asker may change anything
     * @param who for the log
     */
    public Answer answer(String path, Map<String, String> arguments, boolean change, String who) {
        List<String> words = List.of(path.split("/"));
        try {
            return switch (words.getFirst()) {
                case "cluster" -> new Answer(OK, cluster());
                case "hot" -> new HeatDesk(this).answer(words, arguments);
                case "overview" -> new Overview(this).answer(arguments);
                case "store" -> store(path, words);
                case "range" -> new RangeDesk(image, presence).answer(words, arguments);
                case "config" -> config(path, words);
                case "member" -> new Answer(OK, members());
                case "tso" -> new Answer(OK, tso());
                case "history" -> HistoryDesk.answer(path, image.settings(), clockMillis);
                case "health" -> new Answer(OK, health());
                case "operator" ->
                    words.size() > 1
                            ? audited(path, arguments, change, who, () -> changeOperators(words.get(1), arguments))
                            : new Answer(OK, operators());
                case "scheduler" -> scheduler(words, path, arguments, change, who);
                default -> error(UNKNOWN, "there is no '" + words.getFirst() + "'");
            };
        } catch (NumberFormatException wrong) {
            return error(MALFORMED, String.valueOf(wrong.getMessage()));
        }
    }

    /** Carries out a change and says in the log what it was and what became of it. */
    private Answer audited(String path, Map<String, String> arguments, boolean change, String who, Order order) {
        Answer answer = change ? order.carryOut() : error(FORBIDDEN, "changes need the admin token");
        audit(path, arguments, who, answer);
        return answer;
    }

    static void audit(String path, Map<String, String> arguments, String who, Answer answer) {
        // As JSON, so that nothing in it can look like a line of the log.
        Map<String, Json> words = new LinkedHashMap<>();
        words.put("who", new Json.Text(who.substring(0, Math.min(who.length(), WHO_LENGTH_MAX))));
        words.put("what", new Json.Text(path));
        new TreeMap<>(arguments).forEach((name, value) -> words.put(name, new Json.Text(value)));
        LOG.info(
                "admin change {}, status={}, answer={}",
                new Json.Members(words).text(),
                answer.status(),
                answer.body().text());
    }

    private interface Order {
        Answer carryOut();
    }

    static Answer error(int status, String text) {
        return new Answer(status, Json.of("error", text));
    }

    static long number(String text, String what) {
        try {
            long number = Long.parseLong(text);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException wrong) {
            // told below
        }
        throw new NumberFormatException("'" + text + "' is no number of " + what);
    }

    // ---- cluster, stores, members

    private ClusterPicture picture() {
        return CurrentPicture.of(image, presence, nowNanos);
    }

    Json cluster() {
        ClusterPicture picture = picture();
        long up = picture.stores().values().stream()
                .filter(store -> store.state() == StoreState.UP)
                .count();
        long led = picture.ranges().stream()
                .filter(range -> range.leader().isPresent())
                .count();
        return Json.of(
                "id",
                image.clusterId().toString(),
                "stores",
                picture.stores().size(),
                "storesUp",
                up,
                "ranges",
                picture.ranges().size(),
                "rangesLed",
                led,
                "keys",
                picture.ranges().stream()
                        .mapToLong(range -> presence.report(range.id()).keys())
                        .sum(),
                "operators",
                scheduling.operators().running().size(),
                "placementLeader",
                leader.value(),
                "placementTerm",
                term,
                "revision",
                image.revision());
    }

    Json stores() {
        ClusterPicture picture = picture();
        return Json.array(image.stores().values().stream()
                .map(store -> storeLine(store, picture))
                .toList());
    }

    private Answer config(String path, List<String> words) {
        if (SettingsDesk.takes(path)) {
            return error(FORBIDDEN, "changes need the admin token");
        }
        return words.size() == 1
                ? new Answer(OK, SettingsDesk.settings(image.settings()))
                : error(UNKNOWN, "there is no '" + path + "'");
    }

    private Answer store(String path, List<String> words) {
        if (words.size() == 1) {
            return new Answer(OK, stores());
        }
        if (SettingsDesk.takes(path)) {
            return error(FORBIDDEN, "changes need the admin token");
        }
        long id = number(words.get(1), "a store");
        return words.size() == 3 && words.get(2).equals("stop") ? mayStop(id) : store(id);
    }

    /** Says why a store should not be stopped now; two empty texts if it may. */
    private Answer mayStop(long id) {
        StoreId store = new StoreId(id);
        if (!image.stores().containsKey(store)) {
            return error(UNKNOWN, "there is no store " + id);
        }
        List<StoreId> placement =
                image.placementGroup().stream().map(ReplicaId::store).toList();
        StopRules rules = StopRules.of(picture(), placement, store);
        return new Answer(
                OK,
                Json.of("refused", String.join("; ", rules.refused()), "awaited", String.join("; ", rules.awaited())));
    }

    private Answer store(long id) {
        StoreEntry store = image.stores().get(new StoreId(id));
        return store == null ? error(UNKNOWN, "there is no store " + id) : new Answer(OK, storeLine(store, picture()));
    }

    private Json storeLine(StoreEntry store, ClusterPicture picture) {
        StoreView view = picture.stores().get(store.id());
        long replicas = image.regions().values().stream()
                .filter(region -> region.descriptor().replicaOn(store.id()).isPresent())
                .count();
        return Json.of(
                "id",
                store.id().value(),
                "state",
                view == null ? "" : stateOf(view, replicas),
                "leaders",
                picture.leaders().getOrDefault(store.id(), 0),
                "replicas",
                replicas,
                "usedBytes",
                presence.usage(store.id()).usedBytes(),
                "freeBytes",
                presence.usage(store.id()).freeBytes(),
                "heardMillisAgo",
                presence.silentMillis(store.id(), nowNanos),
                "address",
                store.address(),
                "labels",
                store.labels().entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(",")));
    }

    private static String stateOf(StoreView store, long replicas) {
        if (store.state() != StoreState.UP) {
            return store.state().name().toLowerCase(Locale.ROOT);
        }
        if (store.draining()) {
            return replicas == 0 ? "drained" : "draining";
        }
        return store.leaving() ? "stopping" : store.slow() ? "slow" : "up";
    }

    Json members() {
        return Json.array(image.placementGroup().stream()
                .map(member -> Json.of(
                        "store",
                        member.store().value(),
                        "leader",
                        member.store().equals(leader),
                        "incarnation",
                        member.incarnation(),
                        "address",
                        Optional.ofNullable(image.stores().get(member.store()))
                                .map(StoreEntry::address)
                                .orElse("")))
                .toList());
    }

    Json tso() {
        return Json.of(
                "time",
                Instant.ofEpochMilli(clockMillis).toString(),
                "millis",
                clockMillis,
                "timestamp",
                Timestamp.of(Math.max(0, clockMillis), 0),
                "windowEndMillis",
                image.windowEndMillis(),
                "placementLeader",
                leader.value(),
                "placementTerm",
                term);
    }

    Json health() {
        ClusterPicture picture = picture();
        List<Json> lines = new ArrayList<>();
        picture.stores()
                .values()
                .forEach(store -> lines.add(Json.of(
                        "what",
                        "store " + store.id().value(),
                        "healthy",
                        store.mayLead(),
                        "reason",
                        store.objection())));
        long leaderless = picture.ranges().stream()
                .filter(range ->
                        range.leader().map(store -> !isUp(picture, store)).orElse(true))
                .count();
        lines.add(Json.of(
                "what",
                "ranges",
                "healthy",
                leaderless == 0,
                "reason",
                leaderless == 0 ? "" : leaderless + " have no leader that is up"));
        return new Json.Elements(lines);
    }

    private static boolean isUp(ClusterPicture picture, StoreId store) {
        StoreView view = picture.stores().get(store);
        return view != null && view.state() == StoreState.UP;
    }

    // ---- operators and schedulers

    private Json operators() {
        List<Json> lines = new ArrayList<>();
        scheduling.operators().running().forEach(operator -> lines.add(line(operator)));
        scheduling.operators().ended().forEach(operator -> lines.add(line(operator)));
        return new Json.Elements(lines);
    }

    Json line(Operator operator) {
        return Json.of(
                "id",
                operator.id(),
                "kind",
                operator.task().kind(),
                "range",
                operator.task().region().value(),
                "from",
                operator.task() instanceof PeerChange change
                        ? change.remove().map(StoreId::value).orElse(0L)
                        : operator.task().from().value(),
                "to",
                switch (operator.task()) {
                    case Move move -> String.valueOf(move.to().value());
                    case Split split -> place(split.at());
                    case PeerChange change ->
                        change.add().map(store -> String.valueOf(store.value())).orElse("");
                },
                "state",
                operator.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                "millis",
                operator.millis(nowNanos),
                "timeoutMillis",
                Operators.TIMEOUT_MILLIS,
                "by",
                operator.task().scheduler(),
                "reason",
                operator.task().reason(),
                "outcome",
                operator.outcome());
    }

    private Answer changeOperators(String verb, Map<String, String> arguments) {
        return switch (verb) {
            case "transfer-leader" -> transferLeader(arguments);
            case "split-region" -> splitRegion(arguments);
            case "transfer-peer" ->
                changePeers(arguments, optionalStore(arguments, "to"), optionalStore(arguments, "from"));
            case "add-peer" -> changePeers(arguments, optionalStore(arguments, "store"), Optional.empty());
            case "remove-peer" -> changePeers(arguments, Optional.empty(), optionalStore(arguments, "store"));
            case "remove" -> removeOperator(number(arguments.getOrDefault("id", ""), "an operator"));
            default -> error(UNKNOWN, "there is no operator '" + verb + "'");
        };
    }

    private Answer transferLeader(Map<String, String> arguments) {
        RegionId region = new RegionId(number(arguments.getOrDefault("range", ""), "a range"));
        StoreId to = new StoreId(number(arguments.getOrDefault("store", ""), "a store"));
        ClusterPicture picture = picture();
        boolean known = image.regions().containsKey(region) && picture.stores().containsKey(to);
        return scheduling
                .transfer(picture, region, to, nowNanos)
                .map(reason -> error(known ? REFUSED : UNKNOWN, reason))
                .orElseGet(() -> new Answer(
                        OK, Json.array(underWay(region).map(this::line).toList())));
    }

    private static Optional<StoreId> optionalStore(Map<String, String> arguments, String name) {
        return Optional.of(new StoreId(number(arguments.getOrDefault(name, ""), "a store")));
    }

    private Answer changePeers(Map<String, String> arguments, Optional<StoreId> add, Optional<StoreId> remove) {
        RegionId region = new RegionId(number(arguments.getOrDefault("range", ""), "a range"));
        ClusterPicture picture = picture();
        boolean known = image.regions().containsKey(region)
                && Stream.concat(add.stream(), remove.stream()).allMatch(picture.stores()::containsKey);
        if (add.equals(remove)) {
            return error(REFUSED, "a replica is not moved to the store that it is on");
        }
        return scheduling
                .changePeers(picture, region, add, remove, nowNanos)
                .map(reason -> error(known ? REFUSED : UNKNOWN, reason))
                .orElseGet(() -> new Answer(
                        OK, Json.array(underWay(region).map(this::line).toList())));
    }

    private Answer splitRegion(Map<String, String> arguments) {
        RegionId id = new RegionId(number(arguments.getOrDefault("range", ""), "a range"));
        PlacedRegion region = image.regions().get(id);
        if (region == null) {
            return error(UNKNOWN, "there is no range " + id.value());
        }
        return scheduling
                .split(picture(), id, splitPoint(region.descriptor(), arguments), nowNanos)
                .map(reason -> error(REFUSED, reason))
                .orElseGet(() ->
                        new Answer(OK, Json.array(underWay(id).map(this::line).toList())));
    }

    /**
     * Returns where {@code arguments} want {@code range} split: at a slot, at a key, or in the middle.
     *
     * @throws NumberFormatException in one line, if it cannot be split there
     */
    private static SplitPoint splitPoint(RegionDescriptor range, Map<String, String> arguments) {
        String key = arguments.get("key");
        String slot = arguments.get("slot");
        if (key != null) {
            return new SplitPoint.UserKey(
                    database(arguments.getOrDefault("db", "0")), key.getBytes(StandardCharsets.UTF_8));
        }
        if (slot == null) {
            return new SplitPoint.Middle();
        }
        long number = number(slot, "a slot");
        int first = range.firstSlot();
        int end = range.end().length == 0 ? Slot.COUNT : KeyLayout.slotOf(range.end());
        if (number <= first || number >= end) {
            throw new NumberFormatException(
                    end - first < 2
                            ? "range " + range.id().value() + " holds keys of one slot"
                            : "range " + range.id().value() + " can be split at slots " + (first + 1) + " to "
                                    + (end - 1) + ", not at " + slot);
        }
        return new SplitPoint.Bound(KeyLayout.slotStart((int) number));
    }

    private static int database(String text) {
        return text.equals("0") ? 0 : (int) Math.min(Integer.MAX_VALUE, number(text, "a database"));
    }

    private static String place(SplitPoint point) {
        return switch (point) {
            case SplitPoint.Bound(byte[] key) -> ReadableKey.start(key);
            case SplitPoint.UserKey(int database, byte[] userKey) ->
                "db " + database + " key " + ReadableKey.quoted(userKey);
            case SplitPoint.Middle() -> "middle";
        };
    }

    private Answer removeOperator(long id) {
        return scheduling.operators().cancel(id, "removed by hand", nowNanos)
                ? new Answer(OK, Json.of("removed", id))
                : error(UNKNOWN, "operator " + id + " is not under way");
    }

    private Stream<Operator> underWay(RegionId region) {
        return scheduling.operators().running().stream()
                .filter(operator -> operator.task().region().equals(region));
    }

    private Answer scheduler(
            List<String> words, String path, Map<String, String> arguments, boolean change, String who) {
        if (words.size() == 1) {
            return new Answer(
                    OK, Json.array(Scheduling.LIMITS.stream().map(this::line).toList()));
        }
        String name = words.get(1);
        if (!Scheduling.isScheduler(name)) {
            return error(UNKNOWN, "there is no scheduler '" + name + "'");
        }
        if (words.size() == 2) {
            List<Json> lines = scheduling.describe(name, picture(), nowNanos).stream()
                    .map(text -> Json.of("scheduler", name, "says", text))
                    .toList();
            return new Answer(OK, new Json.Elements(lines));
        }
        return audited(path, arguments, change, who, () -> changeScheduler(name, words.get(2), arguments));
    }

    private Answer changeScheduler(String name, String verb, Map<String, String> arguments) {
        if (verb.equals("pause")) {
            long seconds = number(arguments.getOrDefault("seconds", ""), "seconds");
            if (seconds > Scheduling.PAUSE_SECONDS_MAX) {
                return error(MALFORMED, "a pause has at most " + Scheduling.PAUSE_SECONDS_MAX + " seconds");
            }
            scheduling.pause(name, seconds, nowNanos);
        } else if (verb.equals("resume")) {
            scheduling.resume(name);
        } else {
            return error(UNKNOWN, "a scheduler cannot be told to '" + verb + "'");
        }
        return new Answer(
                OK,
                Json.array(Scheduling.LIMITS.stream()
                        .filter(limit -> limit.scheduler().equals(name))
                        .map(this::line)
                        .toList()));
    }

    Json line(Scheduling.Limit limit) {
        long paused = scheduling.pausedSeconds(limit.scheduler(), nowNanos);
        return Json.of(
                "name",
                limit.scheduler(),
                "state",
                paused > 0 ? "paused" : "running",
                "pausedSeconds",
                paused,
                "operators",
                scheduling.operators().running(limit.scheduler()),
                "operatorsMax",
                limit.operatorsMax());
    }
}
