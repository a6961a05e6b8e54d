package io.kvasir.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Where and of what the numbers are.
 *
 * @param machine processor, cores and memory
 * @param system kernel
 * @param jdk version of the JDK that runs Kvasir
 * @param redis what {@code redis-server --version} prints
 * @param commit of the sources, with a plus sign if they were changed since
 * @param loadAverage of the machine over the last minute when the comparison began: work of others on its cores
 */
record Surroundings(String machine, String system, String jdk, String redis, String commit, double loadAverage) {

    static Surroundings now(Path root) throws IOException {
        String processor = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
        long memoryKib = Long.parseLong(
                Files.readAllLines(Path.of("/proc/meminfo")).getFirst().replaceAll("[^0-9]", ""));
        String git = "git -C '" + root + "' ";
        String changed = output("sh", "-c", git + "status --porcelain --untracked-files=no 2>/dev/null")
                        .isEmpty()
                ? ""
                : "+";
        return new Surroundings(
                processor + ", " + Runtime.getRuntime().availableProcessors() + " cores, " + (memoryKib >> 20) + " GiB",
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.vendor") + " " + Runtime.version(),
                output("redis-server", "--version").split(" sha=")[0],
                output("sh", "-c", git + "rev-parse --short=10 HEAD 2>/dev/null") + changed,
                Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]));
    }

    /** Returns what {@code command} prints, without blanks at its ends. */
    private static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(List.of(command)).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return printed.strip();
    }
}
