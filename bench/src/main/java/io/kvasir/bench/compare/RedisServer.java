package io.kvasir.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A {@code redis-server} of this machine. */
final class RedisServer implements Target {

    /** When Redis writes what it was told to its disk. */
    enum Durability {
        NONE("redis, no AOF", "no", "no"),
        ALWAYS("redis, AOF always", "yes", "always");

        final String title;
        private final String appendOnly;
        private final String sync;

        Durability(String title, String appendOnly, String sync) {
            this.title = title;
            this.appendOnly = appendOnly;
            this.sync = sync;
        }
    }

    private final Durability durability;
    private final int port;
    private final Process process;
    private final double startSeconds;

    private RedisServer(Durability durability, int port, Process process, double startSeconds) {
        this.durability = durability;
        this.port = port;
        this.process = process;
        this.startSeconds = startSeconds;
    }

    static RedisServer start(Durability durability, int port, Path directory) throws IOException {
        Files.createDirectories(directory);
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(
                        "redis-server",
                        "--port",
                        String.valueOf(port),
                        "--bind",
                        "127.0.0.1",
                        "--dir",
                        directory.toString(),
                        "--save",
                        "",
                        "--appendonly",
                        durability.appendOnly,
                        "--appendfsync",
                        durability.sync,
                        "--auto-aof-rewrite-percentage",
                        "0")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("console.log").toFile())
                .start();
        Processes.awaitPong(process, port, durability.title);
        return new RedisServer(durability, port, process, (System.nanoTime() - begin) / 1e9);
    }

    @Override
    public String name() {
        return durability.title;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public List<Long> processes() {
        return List.of(process.pid());
    }

    @Override
    public double startSeconds() {
        return startSeconds;
    }

    @Override
    public LogCounts logCounts() {
        return LogCounts.NONE;
    }

    @Override
    public void close() {
        Processes.stop(process);
    }
}
