package io.kvasir.region.raft;

import io.kvasir.store.disk.Disk;
import io.kvasir.store.disk.DiskFile;
import io.kvasir.store.disk.RealDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A real disk whose writes and syncs hang for as long as a test wants. Safe for any thread. */
final class StallingDisk implements Disk {

    private final RealDisk disk = new RealDisk();

    /** Guarded by this. */
    private boolean stalls;

    /** From now on nothing is written. */
    synchronized void stall() {
        stalls = true;
    }

    /** What hangs goes on. */
    synchronized void goOn() {
        stalls = false;
        notifyAll();
    }

    private synchronized void pass() throws IOException {
        try {
            while (stalls) {
                wait();
            }
        } catch (InterruptedException interrupted) {
            throw new IOException("interrupted", interrupted);
        }
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        disk.createDirectories(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public DiskFile create(Path file, long bytes) throws IOException {
        pass();
        return new StallingFile(disk.create(file, bytes));
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new StallingFile(disk.open(file));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        disk.delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        pass();
        disk.syncDirectory(directory);
    }

    @Override
    public long freeBytes(Path directory) throws IOException {
        return disk.freeBytes(directory);
    }

    @Override
    public long nonce() {
        return disk.nonce();
    }

    private final class StallingFile implements DiskFile {

        private final DiskFile file;

        StallingFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            pass();
            file.write(source, offset);
        }

        @Override
        public boolean read(ByteBuffer target, long offset) throws IOException {
            return file.read(target, offset);
        }

        @Override
        public void datasync() throws IOException {
            pass();
            file.datasync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
