package io.kvasir.tools.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A redis-server of this machine on a free port, without persistence: the reference of what Redis holds. */
public final class RedisProcess implements AutoCloseable {

    private static final Path BINARY = Path.of(System.getProperty("kvasir.redis-server", "/usr/bin/redis-server"));
    private static final int START_SECONDS_MAX = 20;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Process process;
    private final int port;

    private RedisProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one that keeps nothing in {@code directory}; empty if this machine has no redis-server. */
    public static Optional<RedisProcess> start(Path directory) throws IOException {
        return start(directory, BINARY);
    }

    /** As {@link #start(Path)}, from the program {@code binary}; empty if that is none. */
    public static Optional<RedisProcess> start(Path directory, Path binary) throws IOException {
        if (!Files.isExecutable(binary)) {
            return Optional.empty();
        }
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        List<String> command = List.of(
                binary.toString(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--sanitize-dump-payload",
                "yes");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        RedisProcess server = new RedisProcess(process, port);
        server.awaitListening();
        return Optional.of(server);
    }

    /** Returns its port at 127.0.0.1. */
    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void awaitListening() throws IOException {
        long begin = System.nanoTime();
        while (true) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException refused) {
                if (!process.isAlive() || System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(START_SECONDS_MAX)) {
                    close();
                    throw new IOException("redis-server does not listen", refused);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }
}
