package io.kvasir.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open file of a {@link Disk}. Reads are safe for any thread at any time, also for threads that get interrupted;
 * writes and syncs are confined to one thread at a time.
 */
public interface DiskFile extends AutoCloseable {

    /** Returns the length in bytes. */
    long size() throws IOException;

    /**
     * Writes all remaining bytes of {@code source} at {@code offset}, growing the file if need be. Not durable before
     * {@link #datasync}; after an exception any part may have been written.
     */
    void write(ByteBuffer source, long offset) throws IOException;

    /**
     * Fills {@code target} from {@code offset} on.
     *
     * @return whether all remaining bytes of {@code target} were filled; false: the file ends before
     */
    boolean read(ByteBuffer target, long offset) throws IOException;

    /**
     * Makes the bytes written so far durable, and the length with them (fdatasync). Never to be repeated after it
     * failed: the kernel may have dropped the pages it could not write and report success the second time.
     */
    void datasync() throws IOException;

    @Override
    void close() throws IOException;
}
