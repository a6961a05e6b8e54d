package io.kvasir.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * All that a comparison measured, and its two forms: Markdown for people, JSON for later comparisons.
 *
 * @param date day of the comparison, as in 2026-11-21
 * @param plan what was asked for
 * @param surroundings where it ran
 * @param series of each load on each target, loads in order and targets in order within a load
 * @param resting of each target
 */
record Results(String date, Plan plan, Surroundings surroundings, List<Series> series, List<Resting> resting) {

    Results {
        series = List.copyOf(series);
        resting = List.copyOf(resting);
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("# Kvasir beside Redis, ").append(date).append("\n\n");
        text.append("`./kvasir bench --seconds ")
                .append(plan.seconds())
                .append(" --rounds ")
                .append(plan.rounds());
        text.append("` at ").append(surroundings.commit()).append("\n\n");
        text.append("- machine: ").append(surroundings.machine()).append(", ").append(surroundings.system());
        text.append("; load average at the beginning ")
                .append(surroundings.loadAverage())
                .append('\n');
        text.append("- ")
                .append(surroundings.jdk())
                .append("; ")
                .append(surroundings.redis())
                .append("\n\n");
        text.append(Workload.CONNECTIONS).append(" connections of redis-benchmark on the same machine, ");
        text.append(Workload.KEYS).append(" keys with values of ").append(Workload.VALUE_BYTES);
        text.append(
                " bytes. Targets take turns within a round. Medians over the rounds; in brackets the least and the ");
        text.append("most.\nRatios are taken within each round. CPU, syncs, appends and memory are summed over a ");
        text.append("target's processes.\n");
        for (Workload load : plan.workloads()) {
            text.append("\n## ").append(load.name()).append("\n\n").append(table(load));
        }
        text.append("\n## At rest\n\n| target | start to first answer, s | idle, % of a core | resident, MiB |\n");
        text.append("|---|--:|--:|--:|\n");
        for (Resting it : resting) {
            text.append(format(
                    "| %s | %.2f | %.1f | %d |%n",
                    it.target(), it.startSeconds(), it.idleCorePercent(), it.residentBytes() >> 20));
        }
        return text.toString();
    }

    private String table(Workload load) {
        StringBuilder text = new StringBuilder("| target | ops/s | to Redis without AOF | to Redis with AOF always ");
        text.append("| p50, ms | p99, ms | CPU s per 1 M | syncs per 1,000 | appends per 1,000 |\n");
        text.append("|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        Series volatileRedis = series(load, RedisServer.Durability.NONE.title);
        Series durableRedis = series(load, RedisServer.Durability.ALWAYS.title);
        for (Series it : of(load)) {
            boolean logs = load.writes() && it.median(Sample::appendsPerThousand) > 0;
            text.append(format(
                    "| %s | %,.0f (%,.0f to %,.0f) | %.3f | %.3f | %.2f | %.2f | %.1f | %s | %s |%n",
                    it.target(),
                    it.median(Sample::opsPerSecond),
                    it.least(Sample::opsPerSecond),
                    it.most(Sample::opsPerSecond),
                    it.ratioTo(volatileRedis),
                    it.ratioTo(durableRedis),
                    it.median(Sample::p50Millis),
                    it.median(Sample::p99Millis),
                    it.median(Sample::cpuSecondsPerMillion),
                    logs ? format("%.1f", it.median(Sample::syncsPerThousand)) : "",
                    logs ? format("%.1f", it.median(Sample::appendsPerThousand)) : ""));
        }
        return text.toString();
    }

    String json() {
        List<String> rows = new ArrayList<>();
        for (Series it : series) {
            rows.add(format(
                    "{\"load\": %s, \"target\": %s, \"opsPerSecond\": %s, \"p50Millis\": %s, \"p99Millis\": %s, "
                            + "\"cpuSecondsPerMillion\": %s, \"syncsPerThousand\": %s, \"appendsPerThousand\": %s, "
                            + "\"residentBytes\": %s}",
                    quoted(it.load().name()),
                    quoted(it.target()),
                    values(it, Sample::opsPerSecond),
                    values(it, Sample::p50Millis),
                    values(it, Sample::p99Millis),
                    values(it, Sample::cpuSecondsPerMillion),
                    values(it, Sample::syncsPerThousand),
                    values(it, Sample::appendsPerThousand),
                    values(it, Sample::residentBytes)));
        }
        List<String> rests = resting.stream()
                .map(it -> format(
                        "{\"target\": %s, \"startSeconds\": %.3f, \"idleCorePercent\": %.2f, \"residentBytes\": %d}",
                        quoted(it.target()), it.startSeconds(), it.idleCorePercent(), it.residentBytes()))
                .toList();
        return format(
                """
                {
                  "date": %s,
                  "commit": %s,
                  "machine": %s,
                  "system": %s,
                  "jdk": %s,
                  "redis": %s,
                  "loadAverage": %.2f,
                  "seconds": %.3f,
                  "rounds": %d,
                  "connections": %d,
                  "keys": %d,
                  "valueBytes": %d,
                  "series": [
                    %s
                  ],
                  "resting": [
                    %s
                  ]
                }
                """,
                quoted(date),
                quoted(surroundings.commit()),
                quoted(surroundings.machine()),
                quoted(surroundings.system()),
                quoted(surroundings.jdk()),
                quoted(surroundings.redis()),
                surroundings.loadAverage(),
                plan.seconds(),
                plan.rounds(),
                Workload.CONNECTIONS,
                Workload.KEYS,
                Workload.VALUE_BYTES,
                String.join(",\n    ", rows),
                String.join(",\n    ", rests));
    }

    private List<Series> of(Workload load) {
        return series.stream().filter(it -> it.load().equals(load)).toList();
    }

    private Series series(Workload load, String target) {
        return of(load).stream()
                .filter(it -> it.target().equals(target))
                .findFirst()
                .orElseThrow();
    }

    private static String values(Series series, ToDoubleFunction<Sample> field) {
        List<String> texts = series.samples().stream()
                .map(sample -> format("%.3f", field.applyAsDouble(sample)))
                .toList();
        return "[" + String.join(", ", texts) + "]";
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
