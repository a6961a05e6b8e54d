package io.kvasir.store.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system, reduced to what a log needs. Two implementations: {@code RealDisk}, and {@code SimulatedDisk}, which
 * loses, tears and reorders what was not synced, and fails on demand.
 *
 * <p>What survives a power cut: the bytes of a file up to its last {@link DiskFile#datasync}, and the names of a
 * directory up to its last {@link #syncDirectory}. Everything later may survive in any part and in any order.
 *
 * <p>Safe for any thread. Whoever opens a directory makes sure that no other process has it open.
 */
public interface Disk {

    /** Creates {@code directory} and its parents where they are missing, durably. */
    void createDirectories(Path directory) throws IOException;

    /** Returns the names of the files in {@code directory}, sorted. */
    List<String> list(Path directory) throws IOException;

    /**
     * Creates a file of {@code bytes} zero bytes whose blocks are allocated and written, so that a later write into it
     * changes no metadata and cannot find the disk full. Neither its bytes nor its name are durable yet.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is a file of this name
     */
    DiskFile create(Path file, long bytes) throws IOException;

    /**
     * Opens an existing file for reading and writing.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    DiskFile open(Path file) throws IOException;

    /**
     * Renames within one directory, atomically. Open files stay usable.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is a file named {@code to}
     */
    void rename(Path from, Path to) throws IOException;

    /** Removes a name. A file that is open stays readable until closed. */
    void delete(Path file) throws IOException;

    /** Makes the names in {@code directory} durable. Never to be repeated after it failed. */
    void syncDirectory(Path directory) throws IOException;

    /** Returns the bytes that may still be allocated on the disk of {@code directory}. */
    long freeBytes(Path directory) throws IOException;

    /** Returns a number that nobody can guess, so that no stored value can be made to look like a record of a file. */
    long nonce();
}
