package io.kvasir.tools.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The folder of one node: its configuration, its data and its logs. Its lock tells the process that serves it.
 *
 * @param index from 0
 * @param path absolute
 */
record NodeDirectory(int index, Path path) {

    private static final int TAIL_BYTES_MAX = 64 << 10;

    /** What is known of a node's process from outside. */
    enum State {
        RUNNING,
        PAUSED,
        STOPPED
    }

    Path configFile() {
        return path.resolve("config.toml");
    }

    Path logDirectory() {
        return path.resolve("log");
    }

    /** What the process prints: {@code READY}, or why it could not start. */
    Path consoleFile() {
        return logDirectory().resolve("console.log");
    }

    /** What the process logs. */
    Path logFile() {
        return logDirectory().resolve("kvasir.log");
    }

    /** Returns the process that serves this node; empty if it is stopped. */
    Optional<OsProcess> process() {
        return Files.isDirectory(path) ? DirectoryLock.holder(path) : Optional.empty();
    }

    State state() {
        return process().map(it -> it.isPaused() ? State.PAUSED : State.RUNNING).orElse(State.STOPPED);
    }

    /** Returns the last {@code count} lines of {@code file} at most; none if it does not exist. */
    static List<String> tail(Path file, int count) {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (var channel = Files.newByteChannel(file)) {
            channel.position(Math.max(0, channel.size() - TAIL_BYTES_MAX));
            byte[] bytes = new byte[TAIL_BYTES_MAX];
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining() && channel.read(buffer) > 0) {
                continue;
            }
            List<String> lines = new String(bytes, 0, buffer.position(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return lines.subList(Math.max(0, lines.size() - count), lines.size());
        } catch (IOException failed) {
            throw new LaunchException(file + ": cannot be read (" + failed.getMessage() + ")");
        }
    }
}
