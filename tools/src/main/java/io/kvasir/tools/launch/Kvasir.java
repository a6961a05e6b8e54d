package io.kvasir.tools.launch;

import io.kvasir.tools.config.ConfigException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** The main class behind {@code ./kvasir}: one command, one exit code; what goes wrong is said in a line on stderr. */
public final class Kvasir {

    private Kvasir() {}

    /** Runs the command in {@code arguments}; the process ends with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), Installation::current, System.out, System.err));
    }

    /**
     * Runs the command in {@code arguments} in this process and returns its exit code.
     *
     * @param installation called when a command starts nodes
     */
    public static int run(
            List<String> arguments, Supplier<Installation> installation, PrintStream out, PrintStream err) {
        String command = arguments.isEmpty() ? "" : arguments.getFirst();
        List<String> rest = arguments.isEmpty() ? List.of() : arguments.subList(1, arguments.size());
        Path root =
                Path.of(System.getProperty("kvasir.root", ".")).toAbsolutePath().normalize();
        try {
            return switch (command) {
                case "preflight" -> {
                    UpPlan.of(rest, root, System.getenv()).requireMachine();
                    yield 0;
                }
                case "up" -> new Up(UpPlan.of(rest, root, System.getenv()), installation.get(), out).run();
                case "prepare" -> new Preparation(installation.get()).run();
                case "down" -> new NodeCommands(out, root, installation).down(rest);
                case "status" -> new NodeCommands(out, root, installation).status(rest);
                case "node" -> new NodeCommands(out, root, installation).node(rest);
                case "restart" -> new NodeCommands(out, root, installation).restart(rest);
                case "verify" -> new Verify(out, root, installation).run(rest);
                case "logs" -> new NodeCommands(out, root, installation).logs(rest);
                case "config" -> new NodeCommands(out, root, installation).config(rest);
                case "doctor" -> new Doctor(out, root).run(rest);
                default -> throw new LaunchException("'" + command + "' is no command; see ./kvasir help");
            };
        } catch (LaunchException | ConfigException refused) {
            err.println("kvasir: " + refused.getMessage());
            return 1;
        }
    }

    /** Returns the directory that {@code --dir} names, {@code data} of the installation if none. */
    static Path directory(Flags flags, Path root) {
        return flags.text("dir")
                .map(given -> Path.of(given).toAbsolutePath().normalize())
                .orElse(root.resolve("data"));
    }

    /** Returns what must be added to a command so that it means the directory {@code path}. */
    static String dirFlag(Path path, Path root) {
        if (path.equals(root.resolve("data"))) {
            return "";
        }
        String text = path.toString();
        boolean plain = Arrays.stream(text.split("")).allMatch(c -> c.matches("[A-Za-z0-9_./-]"));
        return " --dir " + (plain ? text : "'" + text.replace("'", "'\\''") + "'");
    }
}
