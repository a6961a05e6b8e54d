package io.kvasir.tools.server;

import com.sun.management.OperatingSystemMXBean;
import io.kvasir.gateway.session.NodeReadings;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.range.Range;
import io.kvasir.store.engine.DiskSpace;
import io.kvasir.store.engine.EngineStatistics;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.metric.NodeMetrics;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What a node measures of itself for INFO. Safe for any thread; reads memory and {@code /proc}, never a disk. */
final class Readings {

    private static final int DATABASES = 16;

    /** Length of a clock tick in {@code /proc/self/stat}, in us: 100 a second on every Linux. */
    private static final long TICK_MICROS = 10_000;

    private final NodeConfig config;
    private final NodeStore store;
    /** Most ranges that have a line of their own: INFO is read by people and polled by programs. */
    private static final int REGION_LINES_MAX = 64;

    private final AtomicLong peakBytes = new AtomicLong();

    Readings(NodeConfig config, NodeStore store) {
        this.config = config;
        this.store = store;
    }

    NodeReadings now() {
        long used = usedBytes();
        long peak = peakBytes.accumulateAndGet(used, Math::max);
        OperatingSystemMXBean machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long[] cpu = cpuTicks();
        Collection<Range> ranges = store.ranges().all();
        return new NodeReadings(
                keyspace(ranges),
                used,
                peak,
                residentBytes(),
                config.memory().totalBytes(),
                machine.getTotalMemorySize(),
                0,
                0,
                0,
                ranges.stream().mapToLong(Range::appliedIndex).sum(),
                cpu[1] * TICK_MICROS,
                cpu[0] * TICK_MICROS,
                own(ranges));
    }

    /** Returns what the page of metrics says of the process and its store. */
    NodeMetrics.Facts facts() {
        Runtime runtime = Runtime.getRuntime();
        return new NodeMetrics.Facts(
                store.ranges().all(),
                store.engine().statistics(),
                store.recordCacheBytes(),
                runtime.totalMemory() - runtime.freeMemory(),
                directBytes(),
                residentBytes(),
                config.memory().totalBytes(),
                store.awakeGroups(),
                store.disks().freeBytes(),
                store.disks().state() != DiskSpace.State.AMPLE,
                store.isSlow());
    }

    private static long directBytes() {
        long bytes = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            bytes += pool.getMemoryUsed();
        }
        return bytes;
    }

    private static List<NodeReadings.Keyspace> keyspace(Collection<Range> ranges) {
        List<NodeReadings.Keyspace> databases = new ArrayList<>();
        for (int number = 0; number < DATABASES; number++) {
            int database = number;
            long keys = ranges.stream()
                    .mapToLong(range -> range.keys(range.instance(database)))
                    .sum();
            if (keys > 0) {
                databases.add(new NodeReadings.Keyspace(database, keys, 0, 0));
            }
        }
        return databases;
    }

    private Map<String, String> own(Collection<Range> ranges) {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("node_id", Long.toString(config.nodeId()));
        lines.put("regions", Integer.toString(ranges.size()));
        lines.put(
                "regions_led",
                Long.toString(ranges.stream()
                        .filter(range -> range.servingTerm() != 0)
                        .count()));
        lines.put("raft_groups_awake", Integer.toString(store.awakeGroups()));
        lines.put(
                "instances_retired",
                Integer.toString(ranges.stream()
                        .mapToInt(range -> range.retiredInstances().size())
                        .sum()));
        lines.put("disk_state", store.disks().state().name().toLowerCase(Locale.ROOT));
        lines.put("disk_free_bytes", Long.toString(store.disks().freeBytes()));
        lines.put("raft_log_syncs", Long.toString(store.logs().syncs()));
        lines.put("raft_log_appends", Long.toString(store.logs().appends()));
        lines.put(
                "commands_queued",
                Integer.toString(ranges.stream().mapToInt(Range::queued).sum()));
        ranges.stream()
                .limit(REGION_LINES_MAX)
                .forEach(range -> lines.put("region_" + range.descriptor().id().value(), line(range)));
        return lines;
    }

    /** The replica here of a range: it leads if its term is not 0. */
    private static String line(Range range) {
        return "first_slot=" + range.descriptor().firstSlot() + ",term=" + range.servingTerm() + ",applied="
                + range.appliedIndex()
                + range.keptPast()
                        .map(past -> ",horizon=" + Timestamp.millis(past.horizon()) + ",history_records="
                                + past.records() + ",history_bytes=" + past.bytes())
                        .orElse("");
    }

    private long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        long bytes = runtime.totalMemory() - runtime.freeMemory() + directBytes();
        EngineStatistics engine = store.engine().statistics();
        return bytes + engine.cacheUsedBytes() + engine.tableReaderBytes();
    }

    private static long residentBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
                }
            }
        } catch (IOException | NumberFormatException unknown) {
            return 0;
        }
        return 0;
    }

    /** Returns the ticks spent outside and inside the kernel; zeros where they are not known. */
    private static long[] cpuTicks() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return new long[] {Long.parseLong(fields[11]), Long.parseLong(fields[12])};
        } catch (IOException | RuntimeException unknown) {
            return new long[2];
        }
    }
}
