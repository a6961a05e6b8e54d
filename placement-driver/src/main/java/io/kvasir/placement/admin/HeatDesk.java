package io.kvasir.placement.admin;

import io.kvasir.placement.controller.PlacedRegion;
import io.kvasir.placement.controller.Presence.Report;
import io.kvasir.placement.heat.Heat;
import io.kvasir.placement.heat.HeatCell;
import io.kvasir.placement.heat.HeatHistory;
import io.kvasir.placement.heat.HeatMap;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.json.Json;
import io.kvasir.proto.key.KeyLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * What the admin API says of heat: which ranges and stores are read and written, and where in the key space, when. Made
 * for one question; used on the placement thread.
 */
record HeatDesk(AdminDesk desk) {

    /** Ranges that are told of. */
    static final int RANGES_MAX = 16;

    /** Times that the history tells of. */
    static final int TIMES_MAX = 30;

    /** Longest span of a map, in minutes: what is kept. */
    static final long MINUTES_MAX = 1_410;

    private static final int ROWS_DEFAULT = 96;
    private static final long MILLIS_PER_SECOND = 1_000;
    private static final long MILLIS_PER_MINUTE = 60_000;

    /** Stores tell so much of a key; it may be longer. */
    private static final int SAMPLE_BYTES = 48;

    /** Answers {@code hot/read}, {@code hot/write}, {@code hot/store}, {@code hot/history} or {@code hot/map}. */
    AdminDesk.Answer answer(List<String> words, Map<String, String> arguments) {
        return switch (words.size() == 2 ? words.get(1) : "") {
            case "read" -> new AdminDesk.Answer(AdminDesk.OK, ranges(Report::readsPerSecond));
            case "write" -> new AdminDesk.Answer(AdminDesk.OK, ranges(Report::writesPerSecond));
            case "store" -> new AdminDesk.Answer(AdminDesk.OK, stores());
            case "history" -> new AdminDesk.Answer(AdminDesk.OK, history());
            case "map" -> map(arguments);
            default -> AdminDesk.error(AdminDesk.UNKNOWN, "hot takes: read, write, store, history");
        };
    }

    private Report report(RegionDescriptor range) {
        return desk.presence().report(range.id());
    }

    private Json ranges(ToLongFunction<Report> rate) {
        ToLongFunction<RegionDescriptor> of = range -> rate.applyAsLong(report(range));
        RangeDesk ranges = new RangeDesk(desk.image(), desk.presence());
        return Json.array(desk.image().regions().values().stream()
                .map(PlacedRegion::descriptor)
                .filter(range -> of.applyAsLong(range) > 0)
                .sorted(Comparator.comparingLong(of).reversed().thenComparing(RegionDescriptor::id))
                .limit(RANGES_MAX)
                .map(ranges::rangeLine)
                .toList());
    }

    private Json stores() {
        List<Json> lines = new ArrayList<>();
        for (StoreId store : desk.image().stores().keySet()) {
            List<RegionDescriptor> led = desk.image().regions().values().stream()
                    .map(PlacedRegion::descriptor)
                    .filter(range -> desk.presence()
                            .leader(range.id())
                            .filter(lead -> lead.store().equals(store))
                            .isPresent())
                    .toList();
            lines.add(Json.of(
                    "store",
                    store.value(),
                    "leaders",
                    led.size(),
                    "readsPerSecond",
                    led.stream()
                            .mapToLong(range -> report(range).readsPerSecond())
                            .sum(),
                    "writesPerSecond",
                    led.stream()
                            .mapToLong(range -> report(range).writesPerSecond())
                            .sum()));
        }
        return new Json.Elements(lines);
    }

    // ---- the key space by time

    private Json history() {
        return Json.array(desk.heat().latest(TIMES_MAX, desk.nowNanos()).stream()
                .map(HeatDesk::line)
                .toList());
    }

    private static Json line(HeatHistory.Time time) {
        Heat sum = time.sum();
        Optional<HeatCell> hottest = time.cells().stream().max(Comparator.comparingLong(HeatDesk::commands));
        long all = Math.max(1, sum.reads() + sum.writes());
        return Json.of(
                "secondsAgo",
                time.endedMillisAgo() / MILLIS_PER_SECOND,
                "seconds",
                time.millis() / MILLIS_PER_SECOND,
                "reads",
                sum.reads(),
                "writes",
                sum.writes(),
                "readBytes",
                sum.readBytes(),
                "writtenBytes",
                sum.writtenBytes(),
                "hottestSlots",
                hottest.map(cell -> cell.firstSlot() + "-" + (cell.endSlot() - 1))
                        .orElse(""),
                "percent",
                hottest.map(HeatDesk::commands).orElse(0L) * 100 / all,
                "key",
                hottest.map(cell -> sample(cell.sample())).orElse(""));
    }

    private static long commands(HeatCell cell) {
        return cell.heat().reads() + cell.heat().writes();
    }

    private AdminDesk.Answer map(Map<String, String> arguments) {
        Optional<ToLongFunction<Heat>> metric = metric(arguments.getOrDefault("metric", "commands"));
        if (metric.isEmpty()) {
            return AdminDesk.error(
                    AdminDesk.MALFORMED, "maps are of commands, reads, writes, readBytes or writtenBytes");
        }
        long minutes = AdminDesk.number(arguments.getOrDefault("minutes", "30"), "minutes");
        long rows = AdminDesk.number(arguments.getOrDefault("rows", String.valueOf(ROWS_DEFAULT)), "rows");
        if (minutes > MINUTES_MAX || rows > HeatHistory.ROWS_MAX) {
            return AdminDesk.error(
                    AdminDesk.MALFORMED,
                    "a map has at most " + MINUTES_MAX + " minutes and " + HeatHistory.ROWS_MAX + " rows");
        }
        HeatMap map =
                desk.heat().map(metric.get(), minutes * MILLIS_PER_MINUTE, Math.toIntExact(rows), desk.nowNanos());
        return new AdminDesk.Answer(
                AdminDesk.OK,
                Json.of(
                        "sinceMillisAgo",
                        desk.heat().ageMillis(desk.nowNanos()),
                        "placementTerm",
                        desk.term(),
                        "minutes",
                        minutes,
                        "columnMillis",
                        HeatHistory.COLUMN_MILLIS,
                        "rows",
                        rows(map),
                        "columns",
                        Json.array(map.columns().stream()
                                .map(column ->
                                        Json.of("endedMillisAgo", column.endedMillisAgo(), "millis", column.millis()))
                                .toList()),
                        "values",
                        Json.array(Arrays.stream(map.values())
                                .map(column ->
                                        Json.array(Arrays.stream(column).boxed().toList()))
                                .toList())));
    }

    private static Optional<ToLongFunction<Heat>> metric(String word) {
        return switch (word) {
            case "commands" -> Optional.of(heat -> heat.reads() + heat.writes());
            case "reads" -> Optional.of(Heat::reads);
            case "writes" -> Optional.of(Heat::writes);
            case "readBytes" -> Optional.of(Heat::readBytes);
            case "writtenBytes" -> Optional.of(Heat::writtenBytes);
            default -> Optional.empty();
        };
    }

    private Json rows(HeatMap map) {
        List<RegionDescriptor> ranges = desk.image().regions().values().stream()
                .map(PlacedRegion::descriptor)
                .sorted(Comparator.comparing(RegionDescriptor::start, Arrays::compareUnsigned))
                .toList();
        List<Json> lines = new ArrayList<>();
        int range = -1;
        for (HeatMap.Row row : map.rows()) {
            byte[] start = KeyLayout.slotStart(row.firstSlot());
            while (range + 1 < ranges.size()
                    && Arrays.compareUnsigned(ranges.get(range + 1).start(), start) <= 0) {
                range++;
            }
            lines.add(Json.of(
                    "firstSlot",
                    row.firstSlot(),
                    "lastSlot",
                    row.endSlot() - 1,
                    "range",
                    range < 0 ? 0 : ranges.get(range).id().value(),
                    "key",
                    sample(row.sample())));
        }
        return new Json.Elements(lines);
    }

    private static String sample(byte[] sample) {
        return sample.length == 0 ? "" : ReadableKey.quoted(sample) + (sample.length >= SAMPLE_BYTES ? "…" : "");
    }
}
