package io.kvasir.region.raft;

import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * How a store makes, sends and receives snapshots.
 *
 * @param directory folder of their files, on the same file system as the data; emptied at start
 * @param bytesPerSecond most that this store sends, over all snapshots and receivers; at least 64 KiB
 * @param room whether the disk has room for more; asked often, must not wait
 */
public record SnapshotSettings(Path directory, long bytesPerSecond, BooleanSupplier room) {

    /** Most snapshots that a store offers at a time: each holds its files, and engine files while it is made. */
    public static final int OFFERED_MAX = 4;

    /** Most snapshots that a store receives and installs at a time. */
    public static final int INSTALLING_MAX = 2;

    /** Most bytes of a file that travel at a time, and so what a receiver holds in memory. */
    public static final int CHUNK_BYTES = 512 << 10;

    static final long BYTES_PER_SECOND_MIN = 64 << 10;

    public SnapshotSettings {
        if (bytesPerSecond < BYTES_PER_SECOND_MIN) {
            throw new IllegalArgumentException(
                    "snapshots at " + bytesPerSecond + " bytes/s, at least " + BYTES_PER_SECOND_MIN);
        }
    }
}
