package io.kvasir.store.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A data directory that this process has locked, and its file {@code FORMAT}: the format version of all that is in the
 * directory, and whose it is. The file is replaced as a whole and synced, so that it is either the old or the new one
 * after a power cut. Its text:
 *
 * <pre>
 *   kvasir-data 1
 *   cluster 77
 *   store 3
 * </pre>
 *
 * The last two lines are missing until {@link #claim}. Guarded by {@code this}.
 */
public final class DataDirectory implements AutoCloseable {

    /** The format version that this program writes; it reads 1 up to this. */
    public static final int VERSION = 1;

    /** Longest {@code FORMAT} that is read, in bytes. */
    private static final int FORMAT_BYTES_MAX = 1_024;

    private static final String FORMAT = "FORMAT";
    private static final String FORMAT_NEW = "FORMAT.new";
    private static final String LOCK = "LOCK";
    private static final Pattern FIRST_LINE = Pattern.compile("kvasir-data (\\d{1,9})\n");
    private static final Pattern TEXT =
            Pattern.compile("kvasir-data \\d{1,9}\n(?:cluster (\\d{1,18})\nstore (\\d{1,18})\n)?");

    private final Path path;
    private final FileChannel lockFile;
    private Optional<Owner> owner;

    private DataDirectory(Path path, FileChannel lockFile, Optional<Owner> owner) {
        this.path = path;
        this.lockFile = lockFile;
        this.owner = owner;
    }

    /** The cluster and the store that the data belong to; both are given once and never change. */
    public record Owner(long cluster, long store) {

        public Owner {
            if (cluster < 0 || store < 1) {
                throw new IllegalArgumentException("no owner: cluster " + cluster + ", store " + store);
            }
        }
    }

    /**
     * Creates {@code path} where it is missing, locks it and reads or creates its {@code FORMAT}.
     *
     * @throws EngineFault with one line that says why it cannot be used
     */
    public static DataDirectory open(Path path) {
        FileChannel lockFile;
        try {
            Files.createDirectories(path);
            lockFile = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new EngineFault("data directory " + path + " cannot be written: " + e.getMessage(), e);
        }
        try {
            lock(path, lockFile);
            return new DataDirectory(path, lockFile, readOrCreate(path));
        } catch (IOException | RuntimeException e) {
            closeFile(lockFile);
            if (e instanceof EngineFault fault) {
                throw fault;
            }
            throw new EngineFault("data directory " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Returns the directory itself. */
    public Path path() {
        return path;
    }

    /** Returns whose data this is; empty until {@link #claim}. */
    public synchronized Optional<Owner> owner() {
        return owner;
    }

    /**
     * Notes durably whose data this is; does nothing if it is noted already.
     *
     * @throws EngineFault if the data belong to another cluster or store, in one line
     */
    public synchronized void claim(Owner claimed) {
        if (owner.isPresent()) {
            if (!owner.get().equals(claimed)) {
                throw new EngineFault("data directory " + path + " belongs to store "
                        + owner.get().store() + " of cluster " + owner.get().cluster() + ", not to store "
                        + claimed.store() + " of cluster " + claimed.cluster());
            }
            return;
        }
        try {
            write(path, Optional.of(claimed));
        } catch (IOException e) {
            throw new EngineFault("data directory " + path + " cannot be written: " + e.getMessage(), e);
        }
        owner = Optional.of(claimed);
    }

    /** Unlocks the directory. */
    @Override
    public void close() {
        closeFile(lockFile);
    }

    /**
     * The lock lives as long as the channel: the file itself is never deleted, or two processes could lock two files.
     */
    private static void lock(Path path, FileChannel lockFile) throws IOException {
        FileLock lock;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            throw new EngineFault("data directory " + path + " is already open in this process", e);
        }
        if (lock == null) {
            throw new EngineFault("data directory " + path + " is in use by another process");
        }
    }

    private static Optional<Owner> readOrCreate(Path path) throws IOException {
        byte[] bytes;
        try (FileChannel file = FileChannel.open(path.resolve(FORMAT), StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(FORMAT_BYTES_MAX + 1);
            while (buffer.hasRemaining() && file.read(buffer) >= 0) {
                // Until the end of the file, or more than a FORMAT can be.
            }
            bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
        } catch (NoSuchFileException e) {
            requireEmpty(path);
            write(path, Optional.empty());
            return Optional.empty();
        }
        return parse(path, new String(bytes, StandardCharsets.ISO_8859_1));
    }

    private static Optional<Owner> parse(Path path, String text) {
        Matcher first = FIRST_LINE.matcher(text);
        if (first.lookingAt()) {
            int version = Integer.parseInt(first.group(1));
            if (version > VERSION) {
                throw new EngineFault("data directory " + path + " has format version " + version
                        + ", written by a newer program; this one reads 1 to " + VERSION);
            }
        }
        Matcher whole = TEXT.matcher(text);
        if (!whole.matches()) {
            throw new EngineFault("data directory " + path + " is corrupt: file " + FORMAT + " is not readable text");
        }
        return whole.group(1) == null
                ? Optional.empty()
                : Optional.of(new Owner(Long.parseLong(whole.group(1)), Long.parseLong(whole.group(2))));
    }

    /** A directory with data but without FORMAT is not ours, or has lost a file that is never deleted. */
    private static void requireEmpty(Path path) throws IOException {
        if (Files.exists(path.resolve(RocksEngine.RECORDS))) {
            throw new EngineFault("data directory " + path + " is corrupt: file " + FORMAT + " is missing");
        }
    }

    private static void write(Path path, Optional<Owner> owner) throws IOException {
        String text = "kvasir-data " + VERSION + "\n"
                + owner.map(it -> "cluster " + it.cluster() + "\nstore " + it.store() + "\n")
                        .orElse("");
        Path fresh = path.resolve(FORMAT_NEW);
        try (FileChannel file = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.move(fresh, path.resolve(FORMAT), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static void closeFile(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            throw new EngineFault("cannot close the lock file", e);
        }
    }
}
