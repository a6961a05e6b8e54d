package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.launch.Installation;
import io.kvasir.tools.process.BuiltProgram;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A program that differs from ours in one thing: the raft log does not sync what it appends. Made of our source by
 * taking out one line, compiled, and put before ours on a class path.
 */
final class UnsyncedLog {

    private static final Path SOURCE = Path.of("../store/src/main/java/io/kvasir/store/log/LogWriter.java");
    private static final String LINES = "        segments.active().file.datasync();\n        syncs++;\n";

    private UnsyncedLog() {}

    /** Compiles it below {@code folder} and returns the program with it. */
    static Installation program(Path folder) throws IOException {
        String source = Files.readString(SOURCE);
        assertTrue(source.contains(LINES), () -> SOURCE + " has no " + LINES);
        Path changed = Files.createDirectories(folder.resolve("source")).resolve("LogWriter.java");
        Files.writeString(changed, source.replace(LINES, "        syncs++;\n"));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Installation ours = BuiltProgram.installation();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            said,
                            files,
                            null,
                            List.of("-d", classes.toString(), "-cp", ours.classPath(), "-proc:none"),
                            null,
                            files.getJavaFileObjects(changed))
                    .call();
            assertTrue(compiled, said::toString);
        }
        return new Installation(
                ours.root(),
                classes + ":" + ours.classPath(),
                ours.natives(),
                folder.resolve("no-cache"),
                ours.serverMain());
    }
}
