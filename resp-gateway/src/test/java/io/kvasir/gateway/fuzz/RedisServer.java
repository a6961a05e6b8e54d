package io.kvasir.gateway.fuzz;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A redis-server of this machine, started on a free port without persistence; the reference of what Redis answers. */
public final class RedisServer implements AutoCloseable {

    private static final Path BINARY = Path.of(System.getProperty("kvasir.redis-server", "/usr/bin/redis-server"));
    private static final long START_MILLIS_MAX = 5_000;

    private final Process process;
    private final Path directory;
    private final int port;

    private RedisServer(Process process, Path directory, int port) {
        this.process = process;
        this.directory = directory;
        this.port = port;
    }

    /** Starts one; empty if this machine has no redis-server. */
    public static Optional<RedisServer> start() throws IOException {
        if (!Files.isExecutable(BINARY)) {
            return Optional.empty();
        }
        int port;
        try (ServerSocket probe = new ServerSocket(0)) {
            port = probe.getLocalPort();
        }
        Path directory = Files.createTempDirectory("redis-oracle");
        Process process = new ProcessBuilder(
                        BINARY.toString(),
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--sanitize-dump-payload",
                        "yes",
                        "--dir",
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        RedisServer server = new RedisServer(process, directory, port);
        server.awaitReady();
        return Optional.of(server);
    }

    /** Returns the port on this machine. */
    public int port() {
        return port;
    }

    /** Opens a connection; the caller closes it. */
    public RespTarget connect() throws IOException {
        return new RespTarget("redis", "127.0.0.1", port);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(directory);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void awaitReady() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS_MAX);
        while (true) {
            try (RespTarget connection = connect()) {
                connection.send(Words.of("PING"));
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline || !process.isAlive()) {
                    close();
                    throw new IOException("redis-server does not start", e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }
}
