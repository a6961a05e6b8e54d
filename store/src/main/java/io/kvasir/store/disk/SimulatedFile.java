package io.kvasir.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file of a {@link SimulatedDisk}, usable until the machine stops. */
final class SimulatedFile implements DiskFile {

    private final SimulatedDisk disk;
    private final Inode inode;
    private final int openedIn;
    private volatile boolean closed;

    SimulatedFile(SimulatedDisk disk, Inode inode, int openedIn) {
        this.disk = disk;
        this.inode = inode;
        this.openedIn = openedIn;
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        return disk.size(inode, openedIn);
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        requireOpen();
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        disk.write(inode, bytes, offset, openedIn);
    }

    @Override
    public boolean read(ByteBuffer target, long offset) throws IOException {
        requireOpen();
        target.put(disk.read(inode, target.remaining(), offset, openedIn));
        return !target.hasRemaining();
    }

    @Override
    public void datasync() throws IOException {
        requireOpen();
        disk.datasync(inode, openedIn);
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("file is closed");
        }
    }
}
