package io.kvasir.tools.metric;

import io.kvasir.region.time.DurationCounts;
import io.kvasir.region.time.Ticker;
import io.kvasir.store.disk.Disk;
import io.kvasir.store.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A disk that counts how long its writes and syncs take. Safe for the threads that the other disk is safe for. */
public final class MeasuredDisk implements Disk {

    private final Disk disk;
    private final Ticker ticker;
    private final DurationCounts writes = new DurationCounts();
    private final DurationCounts syncs = new DurationCounts();

    public MeasuredDisk(Disk disk, Ticker ticker) {
        this.disk = disk;
        this.ticker = ticker;
    }

    /** Returns how long writes took. */
    public DurationCounts writes() {
        return writes;
    }

    /** Returns how long syncs took. */
    public DurationCounts syncs() {
        return syncs;
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
        return new MeasuredFile(disk.create(file, bytes));
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new MeasuredFile(disk.open(file));
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

    private final class MeasuredFile implements DiskFile {

        private final DiskFile file;

        private MeasuredFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            long begin = ticker.nanoTime();
            file.write(source, offset);
            writes.add(ticker.nanoTime() - begin);
        }

        @Override
        public boolean read(ByteBuffer target, long offset) throws IOException {
            return file.read(target, offset);
        }

        @Override
        public void datasync() throws IOException {
            long begin = ticker.nanoTime();
            file.datasync();
            syncs.add(ticker.nanoTime() - begin);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
