package io.kvasir.store.log;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.store.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The log engine of a store: the entries and hard states of all its replicas, which of them exist, which were destroyed and
 * which are being installed.
 *
 * <p>Safe for any thread. Methods that change something wait until it is durable, throw {@link LogFault} after an I/O error,
 * and must not be called from a {@code whenDurable} callback.
 */
public final class LogEngine implements AutoCloseable {

    /**
     * Opens the log in {@code directory}, which is created if missing and belongs to the caller alone, reads it all, and
     * starts the writer thread.
     *
     * @param onFault told once of an I/O error; production halts the process
     * @throws IOException if the disk fails; no writer thread runs then
     * @throws LogCorruption if acknowledged records are damaged
     */
    public static LogEngine open(Disk disk, Path directory, LogSettings settings, FaultHandler onFault) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Opens the log as {@link #open} does, but without a writer thread: whoever changes something writes and syncs it
     * itself. For simulations in which one seed decides the order of everything.
     */
    public static LogEngine openInline(Disk disk, Path directory, LogSettings settings, FaultHandler onFault)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Returns the live replicas, ordered by region. */
    public List<Replica> live() {
        throw new UnsupportedOperationException();
    }

    /** Returns the log of the live replica of {@code region}, if there is one. */
    public Optional<GroupLog> find(RegionId region) {
        throw new UnsupportedOperationException();
    }

    /** Returns the newest tombstone of {@code region}, if a replica of it was ever destroyed here. */
    public Optional<Tombstone> tombstone(RegionId region) {
        throw new UnsupportedOperationException();
    }

    /** Creates a replica with an empty log that starts at index 1 and with {@link HardState#NONE}. */
    public Creation create(RegionId region, int incarnation, byte[] initialState) {
        return create(region, incarnation, initialState, 1, HardState.NONE);
    }

    /**
     * Creates a replica, unless one is live or a tombstone of the incarnation or a newer one forbids it (rule K9).
     *
     * @param initialState opaque to the engine, returned by {@link #live} after every restart; at most 64 KiB
     * @param nextIndex the first index that will be appended, at least 1
     * @param hardState the state that the replica starts with; a replica made by a split starts with its parent's choice
     */
    public Creation create(
            RegionId region, int incarnation, byte[] initialState, long nextIndex, HardState hardState) {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes a tombstone and drops the replica's log, hard state and marks with it. May be called for an incarnation that was
     * never here, to keep it from being created.
     *
     * @return whether the tombstone is now in force; false if a newer incarnation is live, which is then left alone
     */
    public boolean destroy(RegionId region, int incarnation, Epoch epoch) {
        throw new UnsupportedOperationException();
    }

    /**
     * Marks that a snapshot up to {@code index}, {@code term} is about to overwrite the replica's data (rule K10).
     *
     * @throws IllegalStateException if no replica of {@code region} is live
     */
    public void markInstalling(RegionId region, long index, long term) {
        throw new UnsupportedOperationException();
    }

    /**
     * Removes the mark and resets the log so that it is empty and continues after {@code index}, in one step.
     *
     * @throws IllegalStateException if no replica of {@code region} is live
     * @throws IllegalArgumentException if it bears no mark of this {@code index} and {@code term}
     */
    public void installed(RegionId region, long index, long term) {
        throw new UnsupportedOperationException();
    }

    /** Returns the mark of the live replica of {@code region}, if it bears one. */
    public Optional<InstallMark> installing(RegionId region) {
        throw new UnsupportedOperationException();
    }

    /** Returns the number of syncs that made records durable, since this engine was opened. */
    public long syncs() {
        throw new UnsupportedOperationException();
    }

    /** Returns the number of appends, hard states and other changes made durable since this engine was opened. */
    public long appends() {
        throw new UnsupportedOperationException();
    }

    /** Writes what is queued, stops the writer thread and closes the files. Later changes throw {@link LogFault}. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
