package io.kvasir.tools.metric;

import io.kvasir.tools.metric.MetricPage.Point;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of INFO as the metrics that redis_exporter makes of them, under its names, so that dashboards made for it
 * show a node of Kvasir. What INFO says as 0 because it is not counted is left out.
 */
final class InfoMetrics {

    private static final double MICRO = 1e-6;

    private enum Kind {
        GAUGE,
        COUNTER
    }

    /** A field that holds one number. */
    private record Field(Kind kind, String field, String metric, String help) {}

    private static final List<Field> FIELDS = List.of(
            gauge("uptime_in_seconds", "redis_uptime_in_seconds", "seconds since the start"),
            gauge("process_id", "redis_process_id", "id of the process"),
            gauge("connected_clients", "redis_connected_clients", "client connections"),
            gauge("blocked_clients", "redis_blocked_clients", "clients that wait for data"),
            gauge("tracking_clients", "redis_tracking_clients", "clients told of what they cache"),
            gauge("maxclients", "redis_max_clients", "client connections that are allowed"),
            gauge(
                    "client_recent_max_input_buffer",
                    "redis_client_recent_max_input_buffer_bytes",
                    "largest request that is being read"),
            gauge(
                    "client_recent_max_output_buffer",
                    "redis_client_recent_max_output_buffer_bytes",
                    "most replies that a client has not read"),
            gauge("used_memory", "redis_memory_used_bytes", "heap, direct buffers and engine"),
            gauge("used_memory_rss", "redis_memory_used_rss_bytes", "resident memory of the process"),
            gauge("used_memory_peak", "redis_memory_used_peak_bytes", "most memory that was in use"),
            gauge("maxmemory", "redis_memory_max_bytes", "memory that the process may use"),
            gauge("total_system_memory", "redis_total_system_memory_bytes", "memory of the machine"),
            gauge("mem_fragmentation_ratio", "redis_mem_fragmentation_ratio", "resident to used memory"),
            gauge("instantaneous_ops_per_sec", "redis_instantaneous_ops_per_sec", "commands a second, lately"),
            gauge("pubsub_channels", "redis_pubsub_channels", "channels with subscribers at this node"),
            gauge("pubsub_patterns", "redis_pubsub_patterns", "patterns with subscribers at this node"),
            gauge("connected_slaves", "redis_connected_slaves", "replicas that follow by Redis' protocol"),
            gauge("cluster_enabled", "redis_cluster_enabled", "whether clients are told of slots"),
            counter("total_connections_received", "redis_connections_received_total", "connections accepted"),
            counter("rejected_connections", "redis_rejected_connections_total", "connections refused"),
            counter("total_commands_processed", "redis_commands_processed_total", "commands answered"),
            counter("total_net_input_bytes", "redis_net_input_bytes_total", "bytes read from clients"),
            counter("total_net_output_bytes", "redis_net_output_bytes_total", "bytes written to clients"),
            counter("total_error_replies", "redis_total_error_replies_total", "error replies"),
            counter("used_cpu_sys", "redis_cpu_sys_seconds_total", "CPU seconds inside the kernel"),
            counter("used_cpu_user", "redis_cpu_user_seconds_total", "CPU seconds outside the kernel"),
            counter("acl_access_denied_auth", "redis_acl_access_denied_auth_total", "passwords refused"),
            counter("acl_access_denied_cmd", "redis_acl_access_denied_cmd_total", "commands refused"),
            counter("acl_access_denied_key", "redis_acl_access_denied_key_total", "keys refused"),
            counter("acl_access_denied_channel", "redis_acl_access_denied_channel_total", "channels refused"));

    private final Map<String, String> lines = new LinkedHashMap<>();

    private static Field gauge(String field, String metric, String help) {
        return new Field(Kind.GAUGE, field, metric, help);
    }

    private static Field counter(String field, String metric, String help) {
        return new Field(Kind.COUNTER, field, metric, help);
    }

    /** @param info the reply of INFO ALL */
    InfoMetrics(String info) {
        for (String line : info.split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.charAt(0) != '#') {
                lines.put(line.substring(0, colon), line.substring(colon + 1));
            }
        }
    }

    void addTo(MetricPage page) {
        page.gauge("redis_up", "whether the node answers", 1);
        page.info(
                "redis_instance_info",
                "what answers",
                "redis_version",
                text("redis_version"),
                "redis_mode",
                text("redis_mode"),
                "role",
                text("role"),
                "kvasir_version",
                text("kvasir_version"));
        for (Field field : FIELDS) {
            String value = lines.get(field.field);
            if (value != null && field.kind == Kind.GAUGE) {
                page.gauge(field.metric, field.help, Double.parseDouble(value));
            } else if (value != null) {
                page.counter(field.metric, field.help, Double.parseDouble(value));
            }
        }
        page.gauge("redis_db_keys", "keys by database, in the ranges of this node", points("db", "keys", "db", 1));
        addCommands(page);
    }

    private void addCommands(MetricPage page) {
        page.counter("redis_commands_total", "calls by command", commands("calls", 1));
        page.counter("redis_commands_duration_seconds_total", "seconds by command", commands("usec", MICRO));
        page.counter("redis_commands_rejected_calls_total", "calls refused", commands("rejected_calls", 1));
        page.counter("redis_commands_failed_calls_total", "calls answered by an error", commands("failed_calls", 1));
        page.counter("redis_errors_total", "error replies by code", points("errorstat_", "count", "err", 1));
        List<Point> percentiles = new ArrayList<>();
        lines.forEach((name, value) -> {
            if (name.startsWith("latency_percentiles_usec_")) {
                String command = name.substring("latency_percentiles_usec_".length());
                parts(value)
                        .forEach((part, micros) -> percentiles.add(Point.of(
                                Double.parseDouble(micros), "cmd", command, "quantile", fraction(part.substring(1)))));
            }
        });
        page.gauge("redis_latency_percentiles_usec", "microseconds that calls took", percentiles);
    }

    private static String fraction(String percent) {
        return new BigDecimal(percent).movePointLeft(2).stripTrailingZeros().toPlainString();
    }

    private List<Point> commands(String part, double scale) {
        return points("cmdstat_", part, "cmd", scale);
    }

    /**
     * Returns a point for each line whose name begins with {@code prefix}, labelled by the rest, or by all of "db0".
     */
    private List<Point> points(String prefix, String part, String label, double scale) {
        List<Point> points = new ArrayList<>();
        lines.forEach((name, value) -> {
            if (name.startsWith(prefix) && (!prefix.equals("db") || name.matches("db[0-9]+"))) {
                String text = parts(value).get(part);
                if (text != null) {
                    String rest = prefix.equals("db") ? name : name.substring(prefix.length());
                    points.add(Point.of(Double.parseDouble(text) * scale, label, rest));
                }
            }
        });
        return points;
    }

    private static Map<String, String> parts(String value) {
        Map<String, String> parts = new LinkedHashMap<>();
        for (String part : value.split(",")) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                parts.put(part.substring(0, equals), part.substring(equals + 1));
            }
        }
        return parts;
    }

    private String text(String field) {
        return lines.getOrDefault(field, "");
    }
}
