package io.kvasir.tools.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Says which process uses a directory: a lock of the operating system on the file {@code lock} in it, whose text is the
 * process' number and start time. The lock ends with the process, however that ends.
 *
 * <p>Confined to the thread that acquired it. Keep a reference: a lock that nobody refers to ends with its collection.
 */
public final class DirectoryLock implements AutoCloseable {

    private static final String NAME = "lock";

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes {@code directory}, which must exist, for this process.
     *
     * @throws LaunchException if another process has it, or it cannot be written
     */
    public static DirectoryLock acquire(Path directory) {
        Path file = directory.resolve(NAME);
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!tryLock(channel)) {
                channel.close();
                String holder =
                        holder(directory).map(it -> " (pid " + it.pid() + ")").orElse("");
                throw new LaunchException(directory + " is in use by another process" + holder);
            }
            byte[] text = OsProcess.current().toString().getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(text), 0);
            return new DirectoryLock(channel);
        } catch (IOException failed) {
            throw new LaunchException(directory + ": cannot be locked (" + failed.getMessage() + ")");
        }
    }

    /** Returns whether a process has {@code directory}. */
    static boolean isHeld(Path directory) {
        Path file = directory.resolve(NAME);
        if (!Files.exists(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return !tryLock(channel);
        } catch (IOException failed) {
            throw new LaunchException(file + ": cannot be looked at (" + failed.getMessage() + ")");
        }
    }

    /** Returns the process that has {@code directory}, empty if none has or if it did not say which it is. */
    static Optional<OsProcess> holder(Path directory) {
        if (!isHeld(directory)) {
            return Optional.empty();
        }
        try {
            return OsProcess.parse(Files.readString(directory.resolve(NAME), StandardCharsets.US_ASCII))
                    .filter(OsProcess::isAlive);
        } catch (IOException failed) {
            throw new LaunchException(directory + ": its lock cannot be read (" + failed.getMessage() + ")");
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failed) {
            throw new LaunchException("a lock cannot be given back (" + failed.getMessage() + ")");
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException heldHere) {
            return false;
        }
    }
}
