package io.kvasir.tools.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.tools.process.LaunchedCluster;
import io.kvasir.tools.process.Program;
import io.kvasir.tools.process.SharedCluster;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell at a terminal, and beside a cluster whose names it completes. */
@Tag("clients")
final class ShellTerminalTest {

    private static final int SECONDS_MAX = 40;
    private static final int HTTP_OFFSET = 2_000;

    @TempDir
    private Path folder;

    private static List<String> flags(LaunchedCluster cluster) {
        return List.of("--http-port", Integer.toString(cluster.port(0) + HTTP_OFFSET));
    }

    @Test
    void namesOfTheClusterAreCompleted(@SharedCluster(nodes = 3) LaunchedCluster cluster) {
        PrintStream none = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Completions completions = new Completions(new Ctl(none, none), flags(cluster));
        assertEquals(List.of("1", "2", "3"), completions.after(List.of("store")));
        assertEquals(List.of("1", "2", "3", "key"), completions.after(List.of("range")));
        assertEquals(List.of("1", "2", "3"), completions.after(List.of("operator", "add", "transfer-leader", "2")));
        assertTrue(completions
                .after(List.of("scheduler", "pause"))
                .containsAll(List.of("evict-leader", "balance-leader")));
    }

    @Test
    void aTerminalHasCompletionAndHistory(@SharedCluster(nodes = 3) LaunchedCluster cluster) throws Exception {
        String command = "stty rows 30 cols 120; " + Path.of(System.getProperty("java.home"), "bin", "java") + " -cp "
                + System.getProperty("java.class.path") + " " + Ctl.class.getName() + " "
                + String.join(" ", flags(cluster));
        // Tab completes the command; Ctrl-P brings it again.
        Path keys = Files.writeString(folder.resolve("keys"), "clus\t\n\u0010\nexit\n");
        Map<String, String> environment =
                Map.of("XDG_STATE_HOME", folder.toString(), "TERM", "xterm", "SHELL", "/bin/sh");
        Program.Result result =
                Program.run(List.of("/usr/bin/script", "-qec", command, "/dev/null"), keys, environment, SECONDS_MAX);
        assertEquals(0, result.exitCode(), result.printed());
        assertEquals(3, result.printed().split("stores-up", -1).length, result.printed());
        assertTrue(result.printed().contains("kvasir> "), result.printed());
        assertTrue(!result.printed().contains("WARNING"), result.printed());
        String history = Files.readString(folder.resolve("kvasir").resolve("ctl-history"));
        assertTrue(history.contains("cluster"), history);
    }
}
