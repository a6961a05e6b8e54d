package io.kvasir.tools.admin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * {@code ./kvasir ctl} without a command: at a terminal a shell with history and completion, otherwise one command from
 * each line of the input. Used by one thread.
 */
final class Shell {

    private static final String PROMPT = "kvasir> ";
    private static final int HISTORY_LINES_MAX = 1_000;
    private static final List<String> ENDS = List.of("exit", "quit");
    private static final String COMMENT = "#";

    private final List<String> flags;
    private final PrintStream out;
    private final PrintStream err;
    private final Parser parser = new DefaultParser().eofOnUnclosedQuote(true).eofOnEscapedNewLine(true);

    /** @param flags that each command is given besides its own */
    Shell(List<String> flags, PrintStream out, PrintStream err) {
        this.flags = List.copyOf(flags);
        this.out = out;
        this.err = err;
    }

    /**
     * Reads commands at the terminal of this process until {@code exit} or the end of the input.
     *
     * @return 0: each command has told for itself what became of it
     * @throws IOException if the terminal cannot be used
     */
    int interact() throws IOException {
        try (Terminal terminal = TerminalBuilder.builder()
                .system(true)
                .exec(true)
                .jni(false)
                .ffm(false)
                .build()) {
            LineReader reader = reader(terminal);
            out.println("Commands of ./kvasir ctl; Tab completes, help lists them, exit or Ctrl-D ends.");
            while (true) {
                String line;
                try {
                    line = reader.readLine(PROMPT);
                } catch (UserInterruptException given) {
                    continue; // Ctrl-C: the line is dropped
                } catch (EndOfFileException over) {
                    return Ctl.DONE;
                }
                if (ENDS.contains(line.strip())) {
                    return Ctl.DONE;
                }
                perform(line);
            }
        }
    }

    private LineReader reader(Terminal terminal) {
        LineReaderBuilder builder = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("kvasir")
                .parser(parser)
                .completer(new Completions(new Ctl(out, err), flags))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true) // a key may hold a '!'
                .option(LineReader.Option.HISTORY_IGNORE_SPACE, true)
                .variable(LineReader.HISTORY_SIZE, HISTORY_LINES_MAX)
                .variable(LineReader.HISTORY_FILE_SIZE, HISTORY_LINES_MAX);
        Path history = historyFile();
        try {
            Files.createDirectories(history.resolveSibling(""));
            builder.variable(LineReader.HISTORY_FILE, history);
        } catch (IOException none) {
            err.println("kvasir: ctl: the history is not kept: " + none.getMessage());
        }
        return builder.build();
    }

    private static Path historyFile() {
        String state = System.getenv("XDG_STATE_HOME");
        Path folder = state == null || state.isEmpty()
                ? Path.of(System.getProperty("user.home", "."), ".local", "state")
                : Path.of(state);
        return folder.resolve("kvasir").resolve("ctl-history");
    }

    /**
     * Carries out each line of {@code input} in turn, also after one that failed; empty ones and those that begin with
     * # are passed over.
     *
     * @return the largest exit code of all; {@link Ctl#USAGE} if there is no command
     */
    int performAll(BufferedReader input) throws IOException {
        int worst = Ctl.DONE;
        boolean any = false;
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            if (ENDS.contains(line.strip())) {
                break;
            }
            if (!line.isBlank() && !line.strip().startsWith(COMMENT)) {
                any = true;
                worst = Math.max(worst, perform(line));
            }
        }
        return any ? worst : Ctl.run(List.of(), out, err);
    }

    /** Carries out one line; returns its exit code, as {@link Ctl#run}. */
    int perform(String line) {
        List<String> words;
        try {
            ParsedLine parsed = parser.parse(line, line.length(), Parser.ParseContext.ACCEPT_LINE);
            words = parsed.words().stream().filter(word -> !word.isEmpty()).toList();
        } catch (EOFError open) {
            err.println("kvasir: ctl: a quote or backslash is left open: " + line);
            return Ctl.USAGE;
        }
        if (words.isEmpty()) {
            return Ctl.DONE;
        }
        if (words.equals(List.of("help"))) {
            words = List.of("--help");
        }
        List<String> all = new ArrayList<>(flags);
        all.addAll(words);
        return Ctl.run(all, out, err);
    }
}
