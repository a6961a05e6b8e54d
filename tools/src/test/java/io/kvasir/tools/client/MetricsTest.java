package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.json.Json;
import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.SharedCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

/** The metrics of a node that works, and what is made of them. */
@Tag("clients")
final class MetricsTest {

    private static final int HTTP_OFFSET = 2_000;
    private static final int POLLS_MAX = 100;
    private static final long POLL_NANOS = 50_000_000;
    private static final Pattern NAME = Pattern.compile("\\b(?:kvasir|redis)_[a-z0-9_]+");
    private static final Pattern SAMPLE = Pattern.compile("([a-z0-9_]+)(?:\\{(.*)})? (\\S+)");

    private final Path root =
            Path.of(System.getProperty("kvasir.root", "..")).toAbsolutePath().normalize();

    @Test
    void panelsAndAlertsNameWhatIsExported(@SharedCluster(nodes = 1) LaunchedCluster cluster) throws Exception {
        work(cluster);
        TreeSet<String> exported = samples(cluster).keySet().stream()
                .map(sample -> sample.replaceAll("\\{.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        String dashboard = Files.readString(root.resolve("tools/monitoring/grafana.json"));
        assertInstanceOf(Json.Members.class, Json.parse(dashboard));
        String alerts = Files.readString(root.resolve("tools/monitoring/alerts.yaml"));
        for (String text : List.of(dashboard, alerts)) {
            TreeSet<String> named = names(text);
            assertTrue(named.size() > 5, named.toString());
            named.removeAll(exported);
            assertEquals(List.of(), List.copyOf(named), "named, but not exported");
        }
    }

    @Test
    void everyAlertHasARunbook() throws IOException {
        String document = Files.readString(root.resolve("docs/monitoring.md"));
        List<String> alerts = Files.readAllLines(root.resolve("tools/monitoring/alerts.yaml"));
        List<String> missing = new ArrayList<>();
        int count = 0;
        for (String line : alerts) {
            if (line.contains("runbook:")) {
                count++;
                String anchor = line.substring(line.indexOf('#') + 1);
                if (!document.contains("\n### " + anchor + "\n")) {
                    missing.add(anchor);
                }
            }
        }
        assertEquals(List.of(), missing);
        assertEquals(alerts.stream().filter(line -> line.contains("- alert:")).count(), count);
    }

    @Test
    void theDocumentNamesEveryMetricOfOurOwn(@SharedCluster(nodes = 1) LaunchedCluster cluster) throws Exception {
        TreeSet<String> exported = samples(cluster).keySet().stream()
                .map(sample -> sample.replaceAll("\\{.*", "").replaceAll("(_seconds)_(bucket|sum|count)$", "$1"))
                .filter(name -> name.startsWith("kvasir_"))
                .collect(Collectors.toCollection(TreeSet::new));
        TreeSet<String> documented = names(Files.readString(root.resolve("docs/monitoring.md")));
        documented.removeIf(name -> !name.startsWith("kvasir_"));
        assertEquals(documented, exported);
    }

    @Test
    void whatIsDoneIsCounted(@SharedCluster(nodes = 1) LaunchedCluster cluster) throws Exception {
        Map<String, Double> before = samples(cluster);
        work(cluster);
        Map<String, Double> after = samples(cluster);
        assertEquals(10, grown(before, after, "redis_commands_total{cmd=\"set\"}"));
        assertTrue(grown(before, after, "kvasir_range_writes_total{region=\"1\"}") >= 10);
        for (String stage :
                List.of("queue", "timestamp", "evaluate", "propose", "append", "sync", "commit", "apply", "reply")) {
            String labels = "{stage=\"" + stage + "\"}";
            assertTrue(grown(before, after, "kvasir_stage_duration_seconds_count" + labels) >= 10, stage);
            assertTrue(grown(before, after, "kvasir_stage_duration_seconds_sum" + labels) > 0, stage);
        }
        assertEquals(1, after.get("kvasir_range_led{region=\"1\"}"));
        assertTrue(after.get("kvasir_range_keys{region=\"1\"}") >= 10);
        assertEquals(1, after.get("redis_up"));
    }

    @Test
    void thePlacementDriverIsMeasuredWhereItLeads(@SharedCluster(nodes = 1) LaunchedCluster cluster) throws Exception {
        Map<String, Double> before = samples(cluster);
        work(cluster);
        Map<String, Double> after = samples(cluster);
        for (int i = 0; i < POLLS_MAX && grown(before, after, "kvasir_oracle_timestamps_total") < 10; i++) {
            LockSupport.parkNanos(POLL_NANOS); // what it measures is up to half a second old
            after = samples(cluster);
        }
        assertTrue(grown(before, after, "kvasir_oracle_timestamps_total") >= 10);
        assertEquals(1, after.get("kvasir_placement_leads"));
        assertTrue(after.get("kvasir_placement_term") >= 1);
        assertEquals(1, after.get("kvasir_placement_stores{state=\"up\"}"));
        assertEquals(0, after.get("kvasir_placement_stores{state=\"down\"}"));
        assertEquals(1, after.get("kvasir_placement_ranges"));
        assertEquals(0, after.get("kvasir_placement_ranges_without_leader"));
        assertEquals(0, after.get("kvasir_placement_operators{scheduler=\"balance-leader\"}"));
        assertTrue(after.get("kvasir_placement_heartbeats_total") >= 1);
        assertTrue(after.get("kvasir_oracle_windows_total") >= 1);
        assertTrue(after.get("kvasir_oracle_clock_seconds") > 1e9);
    }

    private static double grown(Map<String, Double> before, Map<String, Double> after, String sample) {
        return after.getOrDefault(sample, 0.0) - before.getOrDefault(sample, 0.0);
    }

    /** Writes ten keys, each when the one before is answered, and makes an error. */
    private static void work(LaunchedCluster cluster) {
        try (Jedis jedis = new Jedis("127.0.0.1", cluster.port(0))) {
            for (int i = 0; i < 10; i++) {
                jedis.set("metric:" + i, "v");
            }
            assertThrows(JedisDataException.class, () -> jedis.incr("metric:0"));
        }
    }

    private static TreeSet<String> names(String text) {
        return NAME.matcher(text).results().map(found -> found.group()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the samples of the page, by name and labels as they stand there. */
    private static Map<String, Double> samples(LaunchedCluster cluster) throws IOException {
        URI page = URI.create("http://127.0.0.1:" + (cluster.port(0) + HTTP_OFFSET) + "/metrics");
        Map<String, Double> samples = new TreeMap<>();
        try (InputStream in = page.toURL().openStream()) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                Matcher matcher = SAMPLE.matcher(line);
                if (!line.startsWith("#")) {
                    assertTrue(matcher.matches(), line);
                    samples.put(line.substring(0, line.lastIndexOf(' ')), Double.valueOf(matcher.group(3)));
                }
            }
        }
        return samples;
    }
}
