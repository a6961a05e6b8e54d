package io.kvasir.tools.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The packages of a distribution, in the format of {@code apt-cache dumpavail}: paragraphs of lines {@code Field:
 * value}, and continuations that begin with a blank. Of a name that comes several times the first counts.
 *
 * @param packages each package's fields in order, {@code Package} among them
 */
record PackageIndex(List<SequencedMap<String, String>> packages) {

    static final String NAME = "Package";

    private static final Path APT_CACHE = Path.of("/usr/bin/apt-cache");
    private static final int SECONDS_MAX = 60;
    private static final int FIELD_CHARS_MAX = 100_000;

    PackageIndex {
        packages = List.copyOf(packages);
    }

    /** Writes what apt knows into {@code file} and reads it; empty if this machine has no apt. */
    static Optional<PackageIndex> ofApt(Path file) throws IOException {
        if (!Files.isExecutable(APT_CACHE)) {
            return Optional.empty();
        }
        Process process = new ProcessBuilder(APT_CACHE.toString(), "dumpavail")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(file.toFile())
                .start();
        try {
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new IOException("apt-cache dumpavail has not ended after " + SECONDS_MAX + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } finally {
            process.destroyForcibly();
        }
        return Optional.of(read(file));
    }

    /** Reads {@code file}; what is no UTF-8 in it is replaced, and a line that is no field is left out. */
    static PackageIndex read(Path file) throws IOException {
        List<SequencedMap<String, String>> packages = new ArrayList<>();
        Set<String> names = new HashSet<>();
        SequencedMap<String, String> fields = new LinkedHashMap<>();
        String last = "";
        try (BufferedReader lines = new BufferedReader(Channels.newReader(
                Files.newByteChannel(file),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPLACE)
                        .onUnmappableCharacter(CodingErrorAction.REPLACE),
                -1))) {
            for (String line = lines.readLine(); ; line = lines.readLine()) {
                if (line == null || line.isEmpty()) {
                    String name = fields.get(NAME);
                    if (name != null && names.add(name)) {
                        packages.add(fields);
                    }
                    fields = new LinkedHashMap<>();
                    if (line == null) {
                        return new PackageIndex(packages);
                    }
                } else if (line.charAt(0) == ' ' || line.charAt(0) == '\t') {
                    fields.put(last, joined(fields.getOrDefault(last, ""), line));
                } else if (line.indexOf(':') > 0) {
                    last = line.substring(0, line.indexOf(':'));
                    fields.put(
                            last, joined("", line.substring(last.length() + 1).strip()));
                }
            }
        }
    }

    private static String joined(String before, String more) {
        String text = before.isEmpty() ? more : before + "\n" + more;
        return text.length() <= FIELD_CHARS_MAX ? text : text.substring(0, FIELD_CHARS_MAX);
    }
}
