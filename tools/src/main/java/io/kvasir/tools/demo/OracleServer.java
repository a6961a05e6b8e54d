package io.kvasir.tools.demo;

import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A redis-server of this machine on a free port, with a folder of its own, which is deleted in the end. It ends with
 * this process.
 */
final class OracleServer implements AutoCloseable {

    private static final int POLLS_MAX = 2_000;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int END_SECONDS_MAX = 10;

    private final Process process;
    private final Folder folder;
    private final Path file;
    private final int port;
    private final Thread whenEnded = new Thread(this::kill, "redis-end");

    private OracleServer(Process process, Path folder, int port) {
        this.process = process;
        this.folder = new Folder(folder);
        this.file = folder.resolve("dump.rdb");
        this.port = port;
        Runtime.getRuntime().addShutdownHook(whenEnded);
    }

    /** Returns where this machine has a redis-server: what system property kvasir.redis-server says, or on the path. */
    static Optional<Path> find() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(
                        Stream.of(System.getProperty("kvasir.redis-server", "/usr/bin/redis-server")),
                        Stream.of(path.split(":")).map(folder -> folder + "/redis-server"))
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts {@code binary}, which loads the dump file in {@code folder} if there is one and keeps there what it
     * writes; waits until it serves.
     */
    static OracleServer start(Path binary, Path folder, String... options) throws IOException {
        Files.createDirectories(folder);
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        Stream<String> fixed = Stream.of(
                binary.toString(), "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "", "--dir", ".");
        Process process = new ProcessBuilder(
                        Stream.concat(fixed, Stream.of(options)).toList())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        OracleServer server = new OracleServer(process, folder, port);
        server.awaitServing();
        return server;
    }

    /** Returns its port at 127.0.0.1. */
    int port() {
        return port;
    }

    /** Returns the dump file that SAVE writes. */
    Path file() {
        return file;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(whenEnded);
    }

    private void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS);
            folder.delete();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitServing() throws IOException {
        for (int poll = 0; poll < POLLS_MAX && process.isAlive(); poll++) {
            try (Connection connection = new Connection(port)) {
                if (connection.call("PING") instanceof Reply.Status) {
                    return;
                }
            } catch (IOException notYet) {
                // it does not listen yet
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        close();
        throw new IOException("redis-server does not serve");
    }
}
