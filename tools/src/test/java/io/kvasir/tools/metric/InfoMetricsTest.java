package io.kvasir.tools.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.region.time.DurationCounts;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How fields of INFO and times look on the page. */
final class InfoMetricsTest {

    @Test
    void fieldsAndTheirPartsBecomeSamplesUnderTheNamesOfTheExporter() {
        String info = String.join(
                "\r\n",
                "# Server",
                "redis_version:7.2.4",
                "redis_mode:standalone",
                "uptime_in_seconds:12",
                "# Stats",
                "total_commands_processed:5",
                "keyspace_hits:0",
                "# Commandstats",
                "cmdstat_client|list:calls=2,usec=30,usec_per_call=15.00,rejected_calls=1,failed_calls=0",
                "errorstat_ERR:count=3",
                "latency_percentiles_usec_get:p50=1.003,p99.9=7.007",
                "# Keyspace",
                "db3:keys=4,expires=0,avg_ttl=0",
                "dbx:keys=9",
                "");
        MetricPage page = new MetricPage();
        new InfoMetrics(info).addTo(page);
        List<String> lines = page.text().lines().toList();
        for (String line : List.of(
                "redis_up 1.0",
                "redis_uptime_in_seconds 12.0",
                "redis_commands_processed_total 5.0",
                "redis_commands_total{cmd=\"client|list\"} 2.0",
                "redis_commands_rejected_calls_total{cmd=\"client|list\"} 1.0",
                "redis_errors_total{err=\"ERR\"} 3.0",
                "redis_latency_percentiles_usec{cmd=\"get\",quantile=\"0.5\"} 1.003",
                "redis_latency_percentiles_usec{cmd=\"get\",quantile=\"0.999\"} 7.007",
                "redis_db_keys{db=\"db3\"} 4.0")) {
            assertTrue(lines.contains(line), () -> line + " is not among " + lines);
        }
        assertFalse(page.text().contains("hits"), "what nobody counts is left out");
        assertFalse(page.text().contains("dbx"));
    }

    @Test
    void timesAreSummedIntoBucketsThatHoldAllBelowTheirEnd() {
        DurationCounts one = new DurationCounts();
        DurationCounts other = new DurationCounts();
        one.add(1_023);
        one.add(1_024);
        other.add(-5);
        other.add(Long.MAX_VALUE / 2);
        MetricPage page = new MetricPage();
        page.durations("x_seconds", "times", List.of(new MetricPage.Times(List.of(one, other), List.of("a", "b"))));
        List<String> lines = page.text().lines().toList();
        assertEquals("x_seconds_bucket{a=\"b\",le=\"1.024E-6\"} 2", lines.get(2));
        assertEquals("x_seconds_bucket{a=\"b\",le=\"2.048E-6\"} 3", lines.get(3));
        assertEquals("x_seconds_bucket{a=\"b\",le=\"+Inf\"} 4", lines.get(2 + DurationCounts.BUCKETS - 1));
        assertEquals("x_seconds_count{a=\"b\"} 4", lines.get(2 + DurationCounts.BUCKETS));
    }
}
