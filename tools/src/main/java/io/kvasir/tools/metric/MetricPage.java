package io.kvasir.tools.metric;

import io.kvasir.region.time.DurationCounts;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Metrics of one page. Confined to the thread that builds it. */
final class MetricPage {

    private static final double NANOS = 1e9;
    private static final String TOTAL = "_total";
    private static final String INFO = "_info";

    private final MetricSnapshots.Builder metrics = MetricSnapshots.builder();

    /** A value with the labels that tell it from others of its metric, names and values in turn. */
    record Point(double value, List<String> labels) {

        static Point of(double value, String... labels) {
            return new Point(value, List.of(labels));
        }

        static Point of(long value, String... labels) {
            return new Point((double) value, List.of(labels));
        }

        private Labels asLabels() {
            return Labels.of(labels.toArray(String[]::new));
        }
    }

    /** Times with the labels that tell them from others of their metric. */
    record Times(List<DurationCounts> counts, List<String> labels) {}

    void gauge(String name, String help, double value) {
        gauge(name, help, List.of(Point.of(value)));
    }

    void gauge(String name, String help, long value) {
        gauge(name, help, List.of(Point.of(value)));
    }

    void gauge(String name, String help, List<Point> points) {
        GaugeSnapshot.Builder metric = GaugeSnapshot.builder().name(name).help(help);
        for (Point point : points) {
            metric.dataPoint(GaugeDataPointSnapshot.builder()
                    .value(point.value)
                    .labels(point.asLabels())
                    .build());
        }
        metrics.metricSnapshot(metric.build());
    }

    /** @param name ends in "_info", as on the page, where the value is 1 */
    void info(String name, String help, String... labels) {
        metrics.metricSnapshot(InfoSnapshot.builder()
                .name(stem(name, INFO))
                .help(help)
                .dataPoint(InfoDataPointSnapshot.builder()
                        .labels(Labels.of(labels))
                        .build())
                .build());
    }

    /** @param name ends in "_total", as the counter's name does on the page */
    void counter(String name, String help, double value) {
        counter(name, help, List.of(Point.of(value)));
    }

    void counter(String name, String help, List<Point> points) {
        CounterSnapshot.Builder metric =
                CounterSnapshot.builder().name(stem(name, TOTAL)).help(help);
        for (Point point : points) {
            metric.dataPoint(CounterDataPointSnapshot.builder()
                    .value(point.value)
                    .labels(point.asLabels())
                    .build());
        }
        metrics.metricSnapshot(metric.build());
    }

    private static String stem(String name, String ending) {
        if (!name.endsWith(ending)) {
            throw new IllegalArgumentException(name + " does not end in " + ending);
        }
        return name.substring(0, name.length() - ending.length());
    }

    /** Adds times in seconds; what one point has several counts of is summed. */
    void durations(String name, String help, List<Times> points) {
        HistogramSnapshot.Builder metric =
                HistogramSnapshot.builder().name(name).help(help);
        for (Times times : points) {
            long[] sums = new long[DurationCounts.BUCKETS];
            long nanos = 0;
            for (DurationCounts counts : times.counts) {
                counts.addTo(sums);
                nanos += counts.nanos();
            }
            ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
            for (int i = 0; i < sums.length; i++) {
                long end = DurationCounts.endNanos(i);
                buckets.bucket(end == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : end / NANOS, sums[i]);
            }
            metric.dataPoint(HistogramDataPointSnapshot.builder()
                    .classicHistogramBuckets(buckets.build())
                    .sum(nanos / NANOS)
                    .labels(Labels.of(times.labels.toArray(String[]::new)))
                    .build());
        }
        metrics.metricSnapshot(metric.build());
    }

    /** Returns the page. */
    String text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, metrics.build());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
