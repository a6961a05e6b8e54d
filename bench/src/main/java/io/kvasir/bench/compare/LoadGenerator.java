package io.kvasir.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs {@code redis-benchmark} on a target, for as many requests as the target's last speed makes of the time wanted.
 * Confined to the thread that made it.
 */
final class LoadGenerator {

    private static final int FIRST_REQUESTS = 4_000;
    private static final int REQUESTS_MIN = 2_000;
    private static final int REQUESTS_MAX = 50_000_000;

    private final double seconds;
    private final Map<String, Double> speeds = new HashMap<>();

    LoadGenerator(double seconds) {
        this.seconds = seconds;
    }

    Sample run(Target target, Workload load) throws IOException {
        String pair = target.name() + "/" + load.name();
        int requests = speeds.containsKey(pair)
                ? (int) Math.clamp(speeds.get(pair) * seconds, REQUESTS_MIN, REQUESTS_MAX)
                : FIRST_REQUESTS * load.pipeline();
        Target.LogCounts logBefore = target.logCounts();
        double cpuBefore = Processes.cpuSeconds(target.processes());
        double[] numbers = measure(target, load, requests);
        double cpu = Processes.cpuSeconds(target.processes()) - cpuBefore;
        Target.LogCounts log = target.logCounts().minus(logBefore);
        speeds.put(pair, numbers[0]);
        return new Sample(
                numbers[0],
                numbers[3],
                numbers[5],
                cpu * 1e6 / requests,
                log.syncs() * 1e3 / requests,
                log.appends() * 1e3 / requests,
                Processes.residentBytes(target.processes()));
    }

    /** Returns the numbers of the CSV line: requests a second, then average, least, p50, p95, p99, most, in ms. */
    private static double[] measure(Target target, Workload load, int requests) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "redis-benchmark",
                "-p",
                String.valueOf(target.port()),
                "-c",
                String.valueOf(Workload.CONNECTIONS),
                "-n",
                String.valueOf(requests),
                "-P",
                String.valueOf(load.pipeline()),
                "-r",
                String.valueOf(Workload.KEYS),
                "-d",
                String.valueOf(Workload.VALUE_BYTES),
                "--csv",
                load.command()));
        command.addAll(load.arguments());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = Processes.await(process);
        List<String> lines = printed.lines().toList();
        if (code != 0 || lines.size() < 2) {
            throw new BenchException(
                    target.name() + ", " + load.name() + ": redis-benchmark ended with " + code + ": " + printed);
        }
        String[] fields = lines.getLast().split("\",\"");
        double[] numbers = new double[fields.length - 1];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Double.parseDouble(fields[i + 1].replace("\"", ""));
        }
        return numbers;
    }
}
