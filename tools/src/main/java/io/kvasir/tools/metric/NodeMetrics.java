package io.kvasir.tools.metric;

import io.kvasir.placement.PlacementReadings;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.Stage;
import io.kvasir.region.range.StageTimes;
import io.kvasir.region.time.DurationCounts;
import io.kvasir.store.engine.EngineStatistics;
import io.kvasir.tools.metric.MetricPage.Point;
import io.kvasir.tools.metric.MetricPage.Times;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The metrics of a node: each stage of a write, each range, the store, and what INFO says under the names of
 * redis_exporter. Safe for any thread; reads memory and {@code /proc}, never a disk.
 */
public final class NodeMetrics {

    private final Supplier<Facts> facts;
    private final Supplier<String> info;
    private final MeasuredDisk log;
    private final Supplier<Optional<PlacementReadings>> placement;

    /**
     * What a page says of the process and its store.
     *
     * @param ranges replicas of ranges here
     * @param engine what the record engine holds
     * @param recordCacheBytes bytes of the record cache, which is in the heap
     * @param heapBytes used bytes of the heap
     * @param directBytes bytes of direct buffers
     * @param residentBytes resident memory of the process
     * @param budgetBytes memory the process may use
     * @param groupsAwake raft groups that do not sleep
     * @param diskFreeBytes free bytes of the fullest disk
     * @param diskLow whether writes are refused for want of room
     * @param diskSlow whether a disk stalls
     */
    public record Facts(
            Collection<Range> ranges,
            EngineStatistics engine,
            long recordCacheBytes,
            long heapBytes,
            long directBytes,
            long residentBytes,
            long budgetBytes,
            int groupsAwake,
            long diskFreeBytes,
            boolean diskLow,
            boolean diskSlow) {}

    /**
     * @param info gives the reply of INFO ALL
     * @param log the disk of the raft log
     * @param placement gives what the replica of the placement driver measures, if one is here
     */
    public NodeMetrics(
            Supplier<Facts> facts,
            Supplier<String> info,
            MeasuredDisk log,
            Supplier<Optional<PlacementReadings>> placement) {
        this.facts = facts;
        this.info = info;
        this.log = log;
        this.placement = placement;
    }

    /** Returns all metrics as they are now, in the text format of Prometheus. */
    public String page() {
        Facts now = facts.get();
        MetricPage page = new MetricPage();
        stages(page, now.ranges);
        ranges(page, now.ranges);
        store(page, now);
        placement.get().ifPresent(replica -> PlacementMetrics.add(page, replica));
        new InfoMetrics(info.get()).addTo(page);
        return page.text();
    }

    private void stages(MetricPage page, Collection<Range> ranges) {
        List<Times> stages = new ArrayList<>();
        for (Stage stage : Stage.values()) {
            List<DurationCounts> counts = ranges.stream()
                    .map(Range::times)
                    .map((StageTimes times) -> times.of(stage))
                    .toList();
            stages.add(new Times(counts, List.of("stage", stage.name().toLowerCase(Locale.ROOT))));
        }
        stages.add(new Times(List.of(log.writes()), List.of("stage", "append")));
        stages.add(new Times(List.of(log.syncs()), List.of("stage", "sync")));
        page.durations(
                "kvasir_stage_duration_seconds",
                "how long batches were in each stage, append and sync those of the log of all ranges",
                stages);
    }

    private static void ranges(MetricPage page, Collection<Range> ranges) {
        page.gauge("kvasir_ranges", "replicas of ranges here", ranges.size());
        page.gauge(
                "kvasir_ranges_led",
                "ranges led here",
                ranges.stream().filter(range -> range.servingTerm() != 0).count());
        page.gauge(
                "kvasir_ranges_without_leader",
                "ranges here whose leader is not known",
                ranges.stream().filter(range -> range.leader().isEmpty()).count());
        page.gauge(
                "kvasir_range_led",
                "whether the range is led here",
                each(ranges, range -> range.servingTerm() == 0 ? 0 : 1));
        page.counter(
                "kvasir_range_reads_total",
                "reads that the range answered here, or took into its queue",
                each(ranges, Range::readsAnswered));
        page.counter(
                "kvasir_range_writes_total",
                "writes that the range took into its queue here",
                each(ranges, Range::writesTaken));
        page.gauge("kvasir_range_keys", "records of keys in the range", each(ranges, Range::keys));
        page.gauge("kvasir_range_applied_index", "index of the entry applied last", each(ranges, Range::appliedIndex));
        page.gauge("kvasir_range_queued", "commands admitted and not answered yet", each(ranges, Range::queued));
    }

    private static List<Point> each(Collection<Range> ranges, ToLongFunction<Range> value) {
        return ranges.stream()
                .map(range -> Point.of(
                        value.applyAsLong(range),
                        "region",
                        Long.toString(range.descriptor().id().value())))
                .toList();
    }

    private static void store(MetricPage page, Facts now) {
        EngineStatistics engine = now.engine;
        page.gauge(
                "kvasir_memory_bytes",
                "memory by component; the record cache is part of the heap, memtables are part of the block cache",
                List.of(
                        Point.of(now.heapBytes, "component", "heap"),
                        Point.of(now.directBytes, "component", "direct"),
                        Point.of(now.recordCacheBytes, "component", "record_cache"),
                        Point.of(engine.cacheUsedBytes(), "component", "block_cache"),
                        Point.of(engine.memtableBytes(), "component", "memtables"),
                        Point.of(engine.tableReaderBytes(), "component", "table_readers")));
        page.gauge("kvasir_memory_resident_bytes", "resident memory of the process", now.residentBytes);
        page.gauge("kvasir_memory_budget_bytes", "memory the process may use", now.budgetBytes);
        page.gauge("kvasir_raft_groups_awake", "raft groups that do not sleep", now.groupsAwake);
        page.gauge("kvasir_disk_free_bytes", "free bytes of the fullest disk", now.diskFreeBytes);
        page.gauge("kvasir_disk_low", "whether writes are refused for want of room", now.diskLow ? 1 : 0);
        page.gauge(
                "kvasir_disk_slow", "whether a disk stalls, so that nothing should be led here", now.diskSlow ? 1 : 0);
        page.gauge("kvasir_engine_disk_bytes", "bytes of table files", engine.diskBytes());
        page.gauge(
                "kvasir_engine_pending_compaction_bytes",
                "bytes that compaction has yet to rewrite",
                engine.pendingCompactionBytes());
        page.gauge("kvasir_engine_running_flushes", "flushes under way", engine.runningFlushes());
        page.gauge("kvasir_engine_running_compactions", "compactions under way", engine.runningCompactions());
        page.gauge(
                "kvasir_engine_stall",
                "what the engine does to writers: 0 nothing, 1 it slows them down, 2 it stops them",
                engine.stall().ordinal());
        page.gauge("kvasir_engine_records", "records, as the engine estimates them", engine.keysEstimate());
    }
}
