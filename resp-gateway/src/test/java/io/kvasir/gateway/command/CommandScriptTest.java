package io.kvasir.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the scripts in {@code script/*.txt} of the test resources: a line with {@code >} is a command, the lines after
 * it are its reply. The replies are those of a redis-server, recorded with {@code -Drecord=true}, and compared with one
 * again where there is one.
 */
final class CommandScriptTest {

    private static final Path SCRIPTS = Path.of("src/test/resources/io/kvasir/gateway/command/script");

    /** Answers one command, given and answered as text. */
    private interface Target {

        String run(String line) throws IOException;
    }

    @TestFactory
    Stream<DynamicTest> everyReplyIsTheRecordedOne() throws IOException {
        return scripts()
                .map(script -> DynamicTest.dynamicTest(script.getFileName().toString(), () -> {
                    CommandRunner runner = new CommandRunner();
                    assertEquals(Files.readString(script), play(script, runner::run));
                    runner.transaction().check();
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyRecordedReplyIsThatOfRedis() throws IOException {
        return scripts()
                .map(script -> DynamicTest.dynamicTest(script.getFileName().toString(), () -> {
                    Optional<Path> program = RedisOracle.find();
                    assumeTrue(program.isPresent(), "no redis-server on the PATH to compare with");
                    try (RedisOracle redis = RedisOracle.start(program.orElseThrow())) {
                        String played = play(script, redis::run);
                        if (Boolean.getBoolean("record")) {
                            Files.writeString(script, played);
                        }
                        assertEquals(Files.readString(script), played);
                    }
                }));
    }

    private static Stream<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.sorted().toList().stream();
        }
    }

    /** Returns the script with the replies that {@code target} gives. */
    private static String play(Path script, Target target) throws IOException {
        StringBuilder played = new StringBuilder();
        List<String> lines = Files.readAllLines(script);
        for (String line : lines) {
            if (line.startsWith("> ")) {
                played.append(line).append('\n');
                played.append(target.run(line.substring(2))).append('\n');
            } else if (line.isEmpty() || line.startsWith("#")) {
                played.append(line).append('\n');
            }
        }
        return played.toString();
    }
}
