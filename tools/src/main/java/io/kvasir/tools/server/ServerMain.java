package io.kvasir.tools.server;

import io.kvasir.tools.config.ConfigException;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.launch.DirectoryLock;
import io.kvasir.tools.launch.LaunchException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;

/**
 * The process of a node: {@code ServerMain --config FILE [--set key=value ...]}. Prints one line READY on standard
 * output when it serves, or one line FATAL on standard error and ends with a status other than 0. SIGTERM and SIGINT
 * stop it in order.
 */
public final class ServerMain {

    /** Exit status for a wrong command line or configuration. */
    private static final int STATUS_USAGE = 64;

    /** Exit status when the node cannot start. */
    private static final int STATUS_START = 69;

    private ServerMain() {}

    /** Runs a node until it is told to stop. */
    public static void main(String[] args) {
        try {
            run(args);
        } catch (ConfigException | LaunchException wrong) {
            end(STATUS_USAGE, wrong);
        } catch (Throwable fault) {
            LoggerFactory.getLogger(ServerMain.class).error("the node cannot start", fault);
            end(STATUS_START, fault);
        }
    }

    private static void run(String[] args) throws Exception {
        Path file = configurationFile(args);
        NodeConfig config = NodeConfig.load(file, System.getenv(), settings(args));
        try (DirectoryLock _ = DirectoryLock.acquire(file.toAbsolutePath().resolveSibling(""))) {
            serve(config);
        }
    }

    private static void serve(NodeConfig config) throws Exception {
        System.setProperty("kvasir.log.directory", config.logDirectory().toString());
        System.setProperty("kvasir.log.level", config.logLevel());
        Halt halt = new Halt();
        Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> halt.now(fault));
        Node node = Node.start(config, halt);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("kvasir-stop").unstarted(() -> {
                    node.close();
                    stopped.countDown();
                }));
        System.out.println("READY");
        System.out.flush();
        stopped.await();
    }

    private static Path configurationFile(String[] args) {
        return values(args, "--config").stream()
                .findFirst()
                .map(Path::of)
                .orElseThrow(() -> new ConfigException("--config FILE is missing"));
    }

    private static List<String> settings(String[] args) {
        return values(args, "--set");
    }

    private static List<String> values(String[] args, String option) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!args[i].equals("--config") && !args[i].equals("--set")) {
                throw new ConfigException("unknown option " + args[i]);
            }
            if (i + 1 == args.length) {
                throw new ConfigException(args[i] + " needs a value");
            }
            if (args[i].equals(option)) {
                values.add(args[i + 1]);
            }
        }
        return values;
    }

    private static void end(int status, Throwable fault) {
        System.err.println("FATAL: " + line(fault));
        Runtime.getRuntime().halt(status);
    }

    /** Returns what {@code fault} says, in one line. */
    static String line(Throwable fault) {
        String message = fault.getMessage();
        String text = message == null || message.isBlank() ? fault.toString() : message;
        return text.replace('\n', ' ').strip();
    }
}
