package io.kvasir.tools.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;

/**
 * The packages that this machine's apt knows, or those installed if apt was never told any.
 *
 * @param index a file of paragraphs, each of lines {@code Field: value} and continuations that begin with a blank
 * @param count how many paragraphs it has
 */
record DebianPackages(Path index, int count) {

    private static final String NAME = "Package";
    private static final Path INSTALLED = Path.of("/var/lib/dpkg/status");
    private static final int MANY = 10_000;
    private static final int SECONDS_MAX = 60;

    /** Takes a package of the index: its fields in order, {@code Package} among them. */
    @FunctionalInterface
    interface Visitor {

        void visit(SequencedMap<String, String> fields) throws IOException;
    }

    /** Returns what this machine has, using {@code file} for apt's index; {@code count} is 0 on another system. */
    static DebianPackages find(Path file) throws IOException, InterruptedException {
        if (Files.isExecutable(Path.of("/usr/bin/apt-cache"))) {
            Process process = new ProcessBuilder(List.of("/usr/bin/apt-cache", "dumpavail"))
                    .redirectErrorStream(true)
                    .redirectOutput(file.toFile())
                    .start();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("apt-cache dumpavail has not ended after " + SECONDS_MAX + " s");
            }
            DebianPackages available = of(file);
            if (available.count >= MANY) {
                return available;
            }
        }
        return Files.isReadable(INSTALLED) ? of(INSTALLED) : new DebianPackages(file, 0);
    }

    /** Visits about {@code wanted} packages, evenly chosen; all if there are fewer. Returns how many. */
    int visit(int wanted, Visitor visitor) throws IOException {
        int visited = 0;
        int index = 0;
        try (BufferedReader lines = Files.newBufferedReader(this.index, StandardCharsets.UTF_8)) {
            SequencedMap<String, String> fields = new LinkedHashMap<>();
            String last = "";
            for (String line = lines.readLine(); ; line = lines.readLine()) {
                if (line == null || line.isEmpty()) {
                    if (fields.containsKey(NAME)) {
                        if ((long) index * wanted / count != (long) (index + 1) * wanted / count || wanted >= count) {
                            visitor.visit(fields);
                            visited++;
                        }
                        index++;
                    }
                    fields.clear();
                    if (line == null) {
                        return visited;
                    }
                } else if (line.charAt(0) == ' ') {
                    fields.merge(last, line, (before, more) -> before + "\n" + more);
                } else {
                    last = line.substring(0, line.indexOf(':'));
                    fields.put(last, line.substring(last.length() + 1).strip());
                }
            }
        }
    }

    private static DebianPackages of(Path index) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(index, StandardCharsets.UTF_8)) {
            return new DebianPackages(index, (int)
                    lines.lines().filter(line -> line.startsWith(NAME + ":")).count());
        }
    }
}
