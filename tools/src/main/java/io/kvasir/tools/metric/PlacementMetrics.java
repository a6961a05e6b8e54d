package io.kvasir.tools.metric;

import io.kvasir.placement.PlacementReadings;
import io.kvasir.tools.metric.MetricPage.Point;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The metrics of a replica of the placement driver. Stateless. */
final class PlacementMetrics {

    private static final double MILLIS = 1e3;

    private PlacementMetrics() {}

    /** Adds {@code now} to {@code page}. */
    static void add(MetricPage page, PlacementReadings now) {
        page.gauge("kvasir_placement_leads", "whether the leader of the placement driver is here", now.leads() ? 1 : 0);
        page.gauge("kvasir_placement_term", "term in which it leads here, or led last", now.term());
        page.gauge("kvasir_placement_stores", "stores by state", points("state", now.stores()));
        page.gauge("kvasir_placement_ranges", "ranges of the cluster", now.ranges());
        page.gauge(
                "kvasir_placement_ranges_without_leader",
                "ranges of the cluster whose leader is not known",
                now.leaderlessRanges());
        page.gauge(
                "kvasir_placement_operators",
                "operators under way, by who wanted them",
                points("scheduler", now.running()));
        page.counter(
                "kvasir_placement_operators_ended_total",
                "operators that have ended, by what became of them",
                points("state", now.ended()));
        page.gauge(
                "kvasir_placement_scheduler_paused_seconds",
                "for how long schedulers are paused",
                points("scheduler", now.pausedSeconds()));
        page.counter("kvasir_placement_heartbeats_total", "heartbeats of stores heard here", (double) now.heartbeats());
        page.counter("kvasir_placement_heartbeats_refused_total", "heartbeats of stores refused here", (double)
                now.refusedHeartbeats());
        page.counter("kvasir_oracle_timestamps_total", "timestamps issued here", (double) now.timestamps());
        page.counter("kvasir_oracle_windows_total", "windows of the oracle put on disk here", (double) now.windows());
        page.gauge(
                "kvasir_oracle_clock_seconds", "the oracle's clock, since the Unix epoch", now.clockMillis() / MILLIS);
    }

    private static List<Point> points(String label, Map<String, Long> values) {
        return new TreeMap<>(values)
                .entrySet().stream()
                        .map(entry -> Point.of((long) entry.getValue(), label, entry.getKey()))
                        .toList();
    }
}
