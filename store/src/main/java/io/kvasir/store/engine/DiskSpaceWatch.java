package io.kvasir.store.engine;

import io.kvasir.store.engine.DiskSpace.State;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the free bytes of the disks below some directories and keeps what {@link DiskSpace} says about the fullest. It
 * has no timer of its own: the process calls {@link #read} about once a second. {@link #state} is safe for any thread,
 * {@link #read} for one at a time.
 */
public final class DiskSpaceWatch {

    private final DiskSpace thresholds;
    private final List<FileStore> disks = new ArrayList<>();

    private volatile State state = State.AMPLE;
    private volatile long freeBytes = Long.MAX_VALUE;

    /**
     * @param directories existing directories, on one disk or several
     * @throws EngineFault if the disk of one cannot be told
     */
    public DiskSpaceWatch(DiskSpace thresholds, List<Path> directories) {
        this.thresholds = thresholds;
        for (Path directory : directories) {
            try {
                disks.add(Files.getFileStore(directory));
            } catch (IOException e) {
                throw new EngineFault("the disk of " + directory + " cannot be told: " + e.getMessage(), e);
            }
        }
    }

    /**
     * Asks the file systems and returns the state from now on.
     *
     * @throws EngineFault if a file system does not answer
     */
    public State read() {
        long fewest = Long.MAX_VALUE;
        for (FileStore disk : disks) {
            try {
                fewest = Math.min(fewest, disk.getUsableSpace());
            } catch (IOException e) {
                throw new EngineFault("the free space of " + disk.name() + " cannot be read: " + e.getMessage(), e);
            }
        }
        freeBytes = fewest;
        state = thresholds.next(state, fewest);
        return state;
    }

    /** Returns the state at the last {@link #read}. */
    public State state() {
        return state;
    }

    /** Returns the fewest free bytes of any disk at the last {@link #read}. */
    public long freeBytes() {
        return freeBytes;
    }
}
