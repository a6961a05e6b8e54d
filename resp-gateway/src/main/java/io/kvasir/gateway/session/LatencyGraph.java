package io.kvasir.gateway.session;

import java.util.Arrays;
import java.util.List;

/** The samples of an event as LATENCY GRAPH draws them (redis latency.c and sparkline.c). Stateless. */
final class LatencyGraph {

    private static final int COLUMNS = 80;
    private static final int ROWS = 4;

    /** What the top of a column looks like, by the third of its row that it reaches. */
    private static final String TOPS = "_o#";

    private LatencyGraph() {}

    /**
     * Returns the graph, a column for each sample, with its age below.
     *
     * @param samples the oldest first, at least one; the newest are shown if there are too many
     */
    static String of(LatencyMonitor.Latest event, List<LatencyMonitor.Sample> samples, long nowSeconds) {
        List<LatencyMonitor.Sample> shown = samples.subList(Math.max(0, samples.size() - COLUMNS), samples.size());
        long high =
                shown.stream().mapToLong(LatencyMonitor.Sample::millis).max().orElseThrow();
        long low = shown.stream().mapToLong(LatencyMonitor.Sample::millis).min().orElseThrow();
        StringBuilder text = new StringBuilder();
        text.append(event.event())
                .append(" - high ")
                .append(high)
                .append(" ms, low ")
                .append(low);
        text.append(" ms (all time high ").append(event.mostMillis()).append(" ms)\n");
        text.append("-".repeat(COLUMNS)).append('\n');
        for (int row = ROWS - 1; row >= 0; row--) {
            char[] line = new char[shown.size()];
            for (int i = 0; i < line.length; i++) {
                line[i] = cell(height(shown.get(i).millis() - low, high - low) - row * TOPS.length());
            }
            text.append(line).append('\n');
        }
        return text.append(" ".repeat(shown.size()))
                .append('\n')
                .append(ages(shown, nowSeconds))
                .toString();
    }

    /** Returns how high a column is, in thirds of a row. */
    private static int height(long above, long span) {
        int steps = TOPS.length() * ROWS;
        return (int) Math.min(steps - 1, span == 0 ? 0 : above * steps / span);
    }

    private static char cell(int thirds) {
        return thirds < 0 ? ' ' : thirds < TOPS.length() ? TOPS.charAt(thirds) : '|';
    }

    /** Returns the age of each sample, from top to bottom below its column. */
    private static String ages(List<LatencyMonitor.Sample> shown, long nowSeconds) {
        List<String> ages = shown.stream()
                .map(sample -> age(Math.max(0, nowSeconds - sample.unixSeconds())))
                .toList();
        int longest = ages.stream().mapToInt(String::length).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < longest; at++) {
            char[] line = new char[ages.size()];
            Arrays.fill(line, ' ');
            for (int i = 0; i < line.length; i++) {
                if (at < ages.get(i).length()) {
                    line[i] = ages.get(i).charAt(at);
                }
            }
            text.append(line).append('\n');
        }
        return text.toString();
    }

    private static String age(long seconds) {
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + "m";
        }
        return seconds < 86_400 ? seconds / 3_600 + "h" : seconds / 86_400 + "d";
    }
}
