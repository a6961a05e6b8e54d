package io.kvasir.tools.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Lines of the shell where no cluster answers. */
final class ShellTest {

    /** Nobody listens there. */
    private static final List<String> NOWHERE = List.of("--http-port", "1");

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8);
    private final Shell shell = new Shell(NOWHERE, both, both);

    private int perform(String lines) throws IOException {
        said.reset();
        return shell.performAll(new BufferedReader(new StringReader(lines)));
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLineIsOneCommandWithItsExitCode() {
        assertEquals(3, shell.perform("cluster"));
        assertTrue(said().contains("no node answers at port 1 of 127.0.0.1"), said());
        assertEquals(2, shell.perform("nonsense"));
        assertEquals(2, shell.perform("operator add"));
        assertEquals(0, shell.perform("  "));
        assertEquals(0, shell.perform("help"));
        assertTrue(said().contains("health"), said());
    }

    @Test
    void aPipeOfLinesGoesOnAfterOneThatFailedAndSaysTheWorst() throws IOException {
        assertEquals(3, perform("nonsense\n\n# a comment\ncluster\nhelp\n"));
        assertEquals(2, perform("help\nnonsense\nhelp\n"));
        assertEquals(0, perform("help\nexit\nnonsense\n"));
        assertFalse(said().contains("nonsense"), said());
    }

    @Test
    void anEmptyPipeIsAWrongCommandLine() throws IOException {
        assertEquals(2, perform(""));
        assertTrue(said().contains("COMMAND"), said());
    }

    @Test
    void quotesHoldAKeyTogether() {
        assertEquals(3, shell.perform("range key 'a key with blanks!'"));
        assertEquals(3, shell.perform("range key \"a key\""));
        assertEquals(2, shell.perform("range key a key"));
        assertEquals(2, shell.perform("range key 'open"));
        assertTrue(said().contains("left open"), said());
    }

    @Test
    void onlyACommandLineWithoutACommandOpensTheShell() {
        assertTrue(Ctl.isWithoutCommand(List.of()));
        assertTrue(Ctl.isWithoutCommand(List.of("--json", "--http-port=1")));
        for (List<String> words : List.of(List.of("cluster"), List.of("--help"), List.of("--nonsense"), List.of("x"))) {
            assertFalse(Ctl.isWithoutCommand(words), words.toString());
        }
    }

    @Test
    void everyCommandIsCompleted() {
        TreeSet<String> known = new TreeSet<>(
                new CommandLine(new Ctl(both, both)).getSubcommands().keySet());
        known.addAll(List.of("help", "exit"));
        assertEquals(known, new TreeSet<>(Completions.commands()));
    }

    @Test
    void verbsAreCompletedAndNamesAreNotWhereNobodyAnswers() {
        Completions completions = new Completions(new Ctl(both, both), NOWHERE);
        assertEquals(List.of("show", "add", "remove"), completions.after(List.of("operator")));
        assertEquals(List.of("transfer-leader", "split-region"), completions.after(List.of("operator", "add")));
        assertEquals(List.of("read", "write", "store", "history"), completions.after(List.of("hot")));
        assertEquals(List.of("key"), completions.after(List.of("range")));
        assertEquals(List.of(), completions.after(List.of("store")));
        assertEquals(List.of(), completions.after(List.of("member")));
        assertEquals(List.of(), completions.after(List.of("nonsense")));
    }
}
