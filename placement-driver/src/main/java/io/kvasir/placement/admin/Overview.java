package io.kvasir.placement.admin;

import io.kvasir.placement.controller.PlacedRegion;
import io.kvasir.placement.controller.Presence.Report;
import io.kvasir.placement.schedule.Scheduling;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.json.Json;
import io.kvasir.proto.key.KeyLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * All that the page of the cluster shows, as of one moment: a page that asks once a second costs one question. Ranges
 * are told at most {@link #RANGES_MAX} at a time, and bounds are shortened, so that an answer is bounded whatever the
 * cluster holds. Made for one question; used on the placement thread.
 */
record Overview(AdminDesk desk) {

    /** Ranges in one answer. */
    static final int RANGES_MAX = 200;

    /** Characters of a bound; what follows is left out. */
    static final int BOUND_LENGTH_MAX = 160;

    /** Operators that have ended, in one answer. */
    private static final int ENDED_MAX = 20;

    private static final Comparator<RegionDescriptor> BY_KEY =
            Comparator.comparing(RegionDescriptor::start, Arrays::compareUnsigned);

    /**
     * Answers with the ranges that {@code arguments} ask for: {@code find} is the number of a range, or a key of
     * database 0; {@code order} is key, keys, reads or writes; {@code offset} and {@code limit} choose among them.
     *
     * @throws NumberFormatException if a number is none
     */
    AdminDesk.Answer answer(Map<String, String> arguments) {
        Optional<Comparator<RegionDescriptor>> order = order(arguments.getOrDefault("order", "key"));
        if (order.isEmpty()) {
            return AdminDesk.error(AdminDesk.MALFORMED, "ranges are ordered by key, keys, reads or writes");
        }
        byte[] find = arguments.getOrDefault("find", "").getBytes(StandardCharsets.UTF_8);
        if (find.length > KeyLayout.USER_KEY_BYTES_MAX) {
            return AdminDesk.error(AdminDesk.MALFORMED, "a key has at most " + KeyLayout.USER_KEY_BYTES_MAX + " bytes");
        }
        long offset = atLeastZero(arguments, "offset", 0);
        long limit = Math.min(RANGES_MAX, atLeastZero(arguments, "limit", RANGES_MAX));
        return new AdminDesk.Answer(
                AdminDesk.OK,
                Json.of(
                        "cluster",
                        cluster(),
                        "stores",
                        desk.stores(),
                        "members",
                        desk.members(),
                        "tso",
                        desk.tso(),
                        "health",
                        desk.health(),
                        "schedulers",
                        Json.array(Scheduling.LIMITS.stream().map(desk::line).toList()),
                        "operators",
                        Json.array(desk.scheduling().operators().running().stream()
                                .map(desk::line)
                                .toList()),
                        "ended",
                        Json.array(desk.scheduling().operators().ended().stream()
                                .limit(ENDED_MAX)
                                .map(desk::line)
                                .toList()),
                        "ranges",
                        ranges(which(find), order.get(), offset, limit)));
    }

    private Json cluster() {
        Map<String, Json> members = new LinkedHashMap<>(((Json.Members) desk.cluster()).values());
        members.put("readsPerSecond", new Json.Whole(sum(Report::readsPerSecond)));
        members.put("writesPerSecond", new Json.Whole(sum(Report::writesPerSecond)));
        return new Json.Members(members);
    }

    private long sum(ToLongFunction<Report> value) {
        return desk.image().regions().keySet().stream()
                .map(desk.presence()::report)
                .mapToLong(value)
                .sum();
    }

    private Json ranges(
            Predicate<RegionDescriptor> which, Comparator<RegionDescriptor> order, long offset, long limit) {
        List<RegionDescriptor> found = desk.image().regions().values().stream()
                .map(PlacedRegion::descriptor)
                .filter(which)
                .sorted(order)
                .toList();
        RangeDesk ranges = new RangeDesk(desk.image(), desk.presence());
        return Json.of(
                "found",
                found.size(),
                "offset",
                offset,
                "lines",
                Json.array(found.stream()
                        .skip(offset)
                        .limit(limit)
                        .map(range -> shortened(ranges.rangeLine(range)))
                        .toList()));
    }

    private static Predicate<RegionDescriptor> which(byte[] find) {
        String text = new String(find, StandardCharsets.UTF_8);
        if (text.isEmpty()) {
            return range -> true;
        }
        if (text.matches("[0-9]{1,18}")) {
            return range -> range.id().value() == Long.parseLong(text);
        }
        byte[] key = KeyLayout.root(0, find);
        return range -> RangeDesk.contains(range, key);
    }

    private Optional<Comparator<RegionDescriptor>> order(String word) {
        return switch (word) {
            case "key" -> Optional.of(BY_KEY);
            case "keys" -> Optional.of(largestFirst(Report::keys));
            case "reads" -> Optional.of(largestFirst(Report::readsPerSecond));
            case "writes" -> Optional.of(largestFirst(Report::writesPerSecond));
            default -> Optional.empty();
        };
    }

    private Comparator<RegionDescriptor> largestFirst(ToLongFunction<Report> value) {
        ToLongFunction<RegionDescriptor> of =
                range -> value.applyAsLong(desk.presence().report(range.id()));
        return Comparator.comparingLong(of).reversed().thenComparing(BY_KEY);
    }

    private static Json shortened(Json line) {
        Map<String, Json> members = new LinkedHashMap<>(((Json.Members) line).values());
        members.replaceAll((name, value) -> value instanceof Json.Text(String text) && text.length() > BOUND_LENGTH_MAX
                ? new Json.Text(text.substring(0, BOUND_LENGTH_MAX) + "…")
                : value);
        return new Json.Members(members);
    }

    private static long atLeastZero(Map<String, String> arguments, String name, long otherwise) {
        String text = arguments.get(name);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw new NumberFormatException(name + " is no number from 0");
        }
        return Long.parseLong(text);
    }
}
