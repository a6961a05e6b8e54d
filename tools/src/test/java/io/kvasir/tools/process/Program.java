package io.kvasir.tools.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program of this machine that a test runs to its end. Stateless. */
public final class Program {

    private static final Path NOTHING = Path.of("/dev/null");

    private Program() {}

    /** What a program left: its exit code and everything it printed. */
    public record Result(int exitCode, String printed) {

        /** Returns what it printed without blanks around it. */
        public String text() {
            return printed.strip();
        }
    }

    /** Returns where the program {@code name} is: the folders of the machine first, then the PATH. */
    public static Optional<Path> find(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of("/usr/bin", "/usr/local/bin"), Stream.of(path.split(":")))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Runs {@code command} with {@code input} on its standard input.
     *
     * @throws IOException also if it has not ended after {@code secondsMax}; then it is killed
     */
    public static Result run(List<String> command, Path input, Map<String, String> environment, int secondsMax)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("program", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(input.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(secondsMax, TimeUnit.SECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            String printed = new String(Files.readAllBytes(output), StandardCharsets.ISO_8859_1);
            if (!ended) {
                throw new IOException(command + " has not ended after " + secondsMax + " s; it printed: " + printed);
            }
            return new Result(process.exitValue(), printed);
        } finally {
            Files.delete(output);
        }
    }

    /** Runs {@code command} without input. */
    public static Result run(int secondsMax, String... command) throws IOException, InterruptedException {
        return run(List.of(command), NOTHING, Map.of(), secondsMax);
    }
}
