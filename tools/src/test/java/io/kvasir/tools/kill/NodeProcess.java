package io.kvasir.tools.kill;

import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.tools.launch.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A node in a process of its own, known by its pid. Confined to one thread, but for {@link #end}. */
final class NodeProcess {

    private static final long READY_MILLIS_MAX = 180_000; // a busy machine elects slowly
    private static final long END_MILLIS_MAX = 10_000;
    private static final long TERMINATION_MILLIS_MAX = 15_000;
    private static final int STATUS_TERMINATED = 143;
    private static final int TAIL_LINES = 40;

    private final int index;
    private final Path folder;
    private final Path data;
    private final Installation program;
    private final int port;
    private volatile @Nullable Process process;
    private int starts;

    /**
     * A node that is not started yet.
     *
     * @param folder with its {@code config.toml}
     * @param data its data directory
     * @param program what it runs
     * @param port at which it serves clients
     */
    NodeProcess(int index, Path folder, Path data, Installation program, int port) {
        this.index = index;
        this.folder = folder;
        this.data = data;
        this.program = program;
        this.port = port;
    }

    int index() {
        return index;
    }

    int port() {
        return port;
    }

    Path folder() {
        return folder;
    }

    Path data() {
        return data;
    }

    boolean isRunning() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /** Starts the process; {@link #awaitReady} says when it serves. */
    void start() {
        if (isRunning()) {
            throw new IllegalStateException(this + " runs already");
        }
        process = launch(console(++starts));
    }

    /** Starts one more process on the same folder and returns it once it has ended, for {@link #console} to read. */
    Process startTwice() throws InterruptedException {
        Process second = launch(console(0));
        if (!second.waitFor(READY_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
            second.destroyForcibly();
            fail("a second start on the folder of " + this + " goes on running");
        }
        return second;
    }

    private Process launch(Path console) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx192m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+PerfDisableSharedMem",
                "-XX:ErrorFile=" + folder.resolve("crash-%p.log"),
                "-ea:io.kvasir...",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.library.path=" + program.natives(),
                "-Dsofa.middleware.log.disable=true",
                "-Dcom.google.protobuf.use_unsafe_pre22_gencode=true",
                "-Dkvasir.log.directory=" + folder.resolve("log"),
                "-Dio.netty.tryReflectionSetAccessible=true"));
        program.cache().ifPresent(cache -> command.add("-XX:AOTCache=" + cache));
        command.addAll(List.of(
                "-cp",
                program.classPath(),
                program.serverMain(),
                "--config",
                folder.resolve("config.toml").toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(console.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("KVASIR_"));
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        try {
            return builder.start();
        } catch (IOException failed) {
            return fail(this + " cannot be started", failed);
        }
    }

    /** Waits until it serves; fails with the tail of its log if it does not. */
    void awaitReady() {
        Process running = require();
        Path console = console(starts);
        Pause.until(READY_MILLIS_MAX, () -> !running.isAlive() || lines(console).contains("READY"));
        if (!lines(console).contains("READY")) {
            fail(this + " is not ready" + (running.isAlive() ? "" : ", it ended with " + running.exitValue()) + tail());
        }
    }

    /** Ends it as a power cut would end a machine, but for what the page cache holds. */
    void kill() {
        end();
        if (!Pause.until(END_MILLIS_MAX, () -> !isRunning())) {
            fail(this + " outlives kill -9");
        }
    }

    /** Kills it, if it runs, and does not wait. Any thread. */
    void end() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /** Asks it to end and waits for it; returns its exit status. */
    int terminate(long millisMax) {
        Process running = require();
        running.destroy();
        if (!Pause.until(millisMax, () -> !running.isAlive())) {
            fail(this + " does not end within " + millisMax + " ms of SIGTERM" + tail());
        }
        return running.exitValue();
    }

    /** Ends it in one of the ways that a node must survive: at once, or in order. */
    void endSomehow(RandomGenerator random) {
        if (random.nextInt(4) == 0) {
            int status = terminate(TERMINATION_MILLIS_MAX);
            if (status != 0 && status != STATUS_TERMINATED) {
                fail(this + " ended with status " + status + " after SIGTERM" + tail());
            }
        } else {
            kill();
        }
    }

    /** Stops its threads where they are, as a long pause of the collector or of a virtual machine does. */
    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder(
                            "/bin/sh", "-c", "kill -" + name + " " + require().pid())
                    .start();
            if (!kill.waitFor(END_MILLIS_MAX, TimeUnit.MILLISECONDS) || kill.exitValue() != 0) {
                fail(this + " cannot be sent SIG" + name);
            }
        } catch (IOException | InterruptedException failed) {
            fail(this + " cannot be sent SIG" + name, failed);
        }
    }

    private Process require() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException(this + " was never started");
        }
        return running;
    }

    /** Returns what start {@code number}, from 1, or the one of {@link #startTwice}, 0, has printed. */
    List<String> printed(int number) {
        return lines(console(number));
    }

    /** Returns what the newest start has printed. */
    List<String> printed() {
        return printed(starts);
    }

    /** Returns the lines of any start that say why it ended. */
    List<String> fatalLines() {
        List<String> fatal = new ArrayList<>();
        for (int i = 1; i <= starts; i++) {
            printed(i).stream().filter(line -> line.startsWith("FATAL")).forEach(fatal::add);
        }
        return fatal;
    }

    /** Returns the end of what it printed and logged, for the message of a failure. */
    String tail() {
        List<String> all = new ArrayList<>(printed());
        List<String> log = lines(folder.resolve("log/kvasir.log"));
        all.addAll(log.subList(Math.max(0, log.size() - TAIL_LINES), log.size()));
        return "\n--- " + this + "\n" + String.join("\n", all);
    }

    private Path console(int start) {
        return folder.resolve("console-" + start + ".log");
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException failed) {
            return List.of(file + ": " + failed);
        }
    }

    @Override
    public String toString() {
        Process running = process;
        return "node " + index + (running == null ? "" : " (pid " + running.pid() + ")");
    }
}
