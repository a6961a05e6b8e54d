package io.kvasir.tools.transfer;

import io.kvasir.region.time.SystemTicker;
import io.kvasir.tools.config.ConfigException;
import io.kvasir.tools.config.Topology;
import io.kvasir.tools.launch.Flags;
import io.kvasir.tools.launch.LaunchException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The main class behind {@code ./kvasir export} and {@code ./kvasir import}. */
public final class Transfer {

    private Transfer() {}

    /** Runs the command in {@code arguments}; the process ends with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    /** Runs the command in {@code arguments} and returns its exit code: 0 if everything was transferred. */
    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        String command = arguments.isEmpty() ? "" : arguments.getFirst();
        List<String> rest = arguments.isEmpty() ? List.of() : arguments.subList(1, arguments.size());
        try {
            return switch (command) {
                case "export" -> export(rest, out);
                case "import" -> importInto(rest, out);
                default -> throw new LaunchException("'" + command + "' is no command; see ./kvasir help");
            };
        } catch (LaunchException | ConfigException | IOException refused) {
            err.println("kvasir: " + (refused instanceof TransferException ? "" : command + ": ") + reason(refused));
            return 1;
        }
    }

    private static String reason(Exception refused) {
        return refused.getMessage() == null ? refused.getClass().getSimpleName() : refused.getMessage();
    }

    private static int export(List<String> arguments, PrintStream out) throws IOException {
        Flags flags = Flags.parse("export", arguments, List.of("dir", "at"), List.of(), 1);
        if (flags.words().isEmpty()) {
            throw new TransferException("export needs the name of the file to write, as in: ./kvasir export dump.rdb");
        }
        Path file = Path.of(flags.words().getFirst()).toAbsolutePath();
        try (RedisConnection connection = connect(flags)) {
            return Export.run(connection, new Progress(out, new SystemTicker()), file) ? 0 : 1;
        }
    }

    private static int importInto(List<String> arguments, PrintStream out) throws IOException {
        Flags flags = Flags.parse("import", arguments, List.of("dir", "at", "from", "state"), List.of("pass-over"), 1);
        if (flags.has("from") == !flags.words().isEmpty()) {
            throw new TransferException(
                    "import needs either a file, as in: ./kvasir import dump.rdb, or --from redis://host:port");
        }
        Progress progress = new Progress(out, new SystemTicker());
        if (!flags.has("from")) {
            Path file = Path.of(flags.words().getFirst()).toAbsolutePath();
            if (!Files.isRegularFile(file)) {
                throw new TransferException(file + " is no file");
            }
            try (RedisConnection target = connect(flags)) {
                return code(new FileImport(target, progress, out).run(file), progress, flags, out);
            }
        }
        RedisAddress from = RedisAddress.parse(flags.text("from").orElseThrow());
        // The target is in the name, so that what is copied into another one begins anew.
        String name = "kvasir-import-" + from.host() + "-" + from.port() + "-into-" + target(flags) + ".state";
        ImportState state =
                new ImportState(Path.of(flags.text("state").orElse(name)).toAbsolutePath(), from.name());
        try (RedisConnection source = RedisConnection.open(from);
                RedisConnection target = connect(flags)) {
            boolean whole = new LiveImport(source, target, progress, state).run(from.database(), out);
            return code(whole, progress, flags, out);
        } catch (IOException broken) {
            if (Files.exists(state.file())) {
                out.println("Run the same command again: it goes on where it stopped (" + state.file() + ").");
            }
            throw broken;
        }
    }

    /** Returns what tells the target of an import from others: its address, or the id of the directory's cluster. */
    private static String target(Flags flags) throws IOException {
        Optional<String> at = flags.text("at");
        if (at.isPresent()) {
            RedisAddress address = RedisAddress.parse(at.get());
            return address.host() + "-" + address.port();
        }
        return Long.toString(topology(flags).clusterId());
    }

    /** Returns the exit code of an import: what was passed over is a failure unless the flag allows it. */
    private static int code(boolean whole, Progress progress, Flags flags, PrintStream out) {
        if (!whole) {
            return 1;
        }
        if (progress.passedOver() > 0 && !flags.has("pass-over")) {
            out.println("Keys were passed over, so this counts as failed; --pass-over allows it.");
            return 1;
        }
        return 0;
    }

    /** Connects to the node that {@code --at} names, else to the first of the directory's that answers. */
    private static RedisConnection connect(Flags flags) throws IOException {
        Optional<String> at = flags.text("at");
        if (at.isPresent()) {
            return RedisConnection.open(RedisAddress.parse(at.get()));
        }
        Topology topology = topology(flags);
        TransferException last = new TransferException("no node");
        for (int node = 0; node < topology.nodes(); node++) {
            try {
                return RedisConnection.open(
                        new RedisAddress("127.0.0.1", topology.redisPort(node), "", "", Optional.empty()));
            } catch (TransferException refused) {
                last = refused;
            }
        }
        throw new TransferException(last.getMessage() + " (start the cluster with ./kvasir up, or name it with --at)");
    }

    private static Topology topology(Flags flags) throws IOException {
        Path root = Path.of(System.getProperty("kvasir.root", "."));
        Path directory =
                flags.text("dir").map(Path::of).orElse(root.resolve("data")).toAbsolutePath();
        Path file = directory.resolve("cluster.toml");
        if (!Files.isRegularFile(file)) {
            throw new TransferException(
                    directory + " holds no cluster; name one with --dir DIR or --at redis://[:password@]host:port");
        }
        return Topology.read(file);
    }
}
