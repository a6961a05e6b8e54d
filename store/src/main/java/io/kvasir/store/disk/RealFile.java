package io.kvasir.store.disk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A file of a {@link RealDisk}. Writes and syncs go through a channel; reads go through a {@link RandomAccessFile},
 * because an interrupt of a thread that reads from a channel would close the channel for the writer too.
 */
final class RealFile implements DiskFile {

    private final Path path;
    private final FileChannel channel;
    private final Object readLock = new Object();
    /** Its position is guarded by readLock. */
    private final RandomAccessFile reader;
    /** Guarded by readLock. */
    private boolean closed;

    RealFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        reader = new RandomAccessFile(path.toFile(), "r");
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        long position = offset;
        while (source.hasRemaining()) {
            position += channel.write(source, position);
        }
    }

    @Override
    public boolean read(ByteBuffer target, long offset) throws IOException {
        byte[] bytes = target.hasArray() ? target.array() : new byte[target.remaining()];
        int start = target.hasArray() ? target.arrayOffset() + target.position() : 0;
        int end = start + target.remaining();
        int filled = start;
        synchronized (readLock) {
            if (closed) {
                throw new IOException("file is closed: " + path);
            }
            reader.seek(offset);
            while (filled < end) {
                int count = reader.read(bytes, filled, end - filled);
                if (count < 0) {
                    break;
                }
                filled += count;
            }
        }
        if (target.hasArray()) {
            target.position(target.position() + filled - start);
        } else {
            target.put(bytes, 0, filled);
        }
        return filled == end;
    }

    @Override
    public void datasync() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        synchronized (readLock) {
            closed = true;
            reader.close();
        }
        channel.close();
    }
}
