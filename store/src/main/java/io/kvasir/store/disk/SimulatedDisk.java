package io.kvasir.store.disk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A disk in memory that behaves as badly as a real one may, decided by one seed.
 *
 * <p>A power cut keeps what was synced. Of the rest each sector of {@value #SECTOR_BYTES} bytes keeps any of the
 * contents it had since the last sync, perhaps torn inside; each change of a name is kept or not, whatever the order; a
 * length is kept or not. A process kill keeps all. A sync that fails leaves pages that can be read but are no longer
 * dirty, so that a second sync would succeed without writing them.
 *
 * <p>Safe for any thread; deterministic if the order of calls is.
 */
public final class SimulatedDisk implements Disk {

    static final int SECTOR_BYTES = 512;

    /** Decides what survives. Guarded by this. */
    private final SplittableRandom random;
    /** Names as the running system sees them. Guarded by this. */
    private final TreeMap<Path, Inode> names = new TreeMap<>();
    /** Names that would survive a power cut. Guarded by this. */
    private final TreeMap<Path, Inode> durableNames = new TreeMap<>();
    /** Changes of names since the last sync of their directory, oldest first. Guarded by this. */
    private final List<NameChange> pendingNames = new ArrayList<>();

    /** Grows with each crash; files opened before are dead. Guarded by this. */
    private int generation;

    private boolean crashed;
    private long operations;
    private long syncs;
    private long crashAt = Long.MAX_VALUE;
    private long failSyncAt = Long.MAX_VALUE;
    private long failWriteAt = Long.MAX_VALUE;
    private long failReadAt = Long.MAX_VALUE;
    private long capacityBytes = Long.MAX_VALUE;

    /** The machine stopped; thrown by every call until {@link #powerCut} or {@link #processKill}. */
    public static final class Crash extends IOException {

        private static final long serialVersionUID = 1;

        Crash() {
            super("the machine has stopped");
        }
    }

    private sealed interface NameChange {

        Path name();

        record Created(Path name, Inode inode) implements NameChange {}

        record Renamed(Path name, Path to) implements NameChange {}

        record Deleted(Path name) implements NameChange {}
    }

    public SimulatedDisk(long seed) {
        random = new SplittableRandom(seed);
    }

    // Faults

    /**
     * Stops the machine in the middle of the {@code operations}-th call from now that touches the disk; 1 is the next.
     */
    public synchronized void crashAfter(long operations) {
        crashAt = this.operations + operations;
    }

    /** Lets the {@code syncs}-th sync from now fail, of a file or a directory; 1 is the next. */
    public synchronized void failSyncAfter(long syncs) {
        failSyncAt = this.syncs + syncs;
    }

    /** Lets every write from now on fail after part of it was written. */
    public synchronized void failWrites() {
        failWriteAt = operations + 1;
    }

    /** Lets every read from now on fail. */
    public synchronized void failReads() {
        failReadAt = operations + 1;
    }

    /** Bounds the sum of all file lengths. */
    public synchronized void capacity(long bytes) {
        capacityBytes = bytes;
    }

    /** Changes one byte of {@code file}, on the medium and in memory, as rot does. */
    public synchronized void corrupt(Path file, long offset, int mask) {
        inode(names, file).corrupt(Math.toIntExact(offset), (byte) mask);
    }

    /** Returns whether {@link #crashAfter} has struck. */
    public synchronized boolean crashed() {
        return crashed;
    }

    /** Returns the number of calls that touched the disk. */
    public synchronized long operations() {
        return operations;
    }

    /** Returns the number of syncs of files and directories asked for. */
    public synchronized long syncs() {
        return syncs;
    }

    /** Cuts the power and switches it on again: what was not synced survives in part. Open files are dead. */
    public synchronized void powerCut() {
        Survival survival = Survival.values()[random.nextInt(Survival.values().length)];
        int cut = pendingNames.isEmpty() ? 0 : random.nextInt(pendingNames.size() + 1);
        for (int i = 0; i < pendingNames.size(); i++) {
            boolean kept =
                    switch (survival) {
                        case ALL -> true;
                        case NONE -> false;
                        case PREFIX -> i < cut;
                        case MIXED -> random.nextBoolean();
                    };
            if (kept) {
                keep(pendingNames.get(i));
            }
        }
        names.values().forEach(inode -> inode.powerCut(random));
        durableNames.values().forEach(inode -> inode.powerCut(random));
        names.clear();
        names.putAll(durableNames);
        restart();
    }

    /** Kills the process and starts it again: everything written is still there, synced or not. Open files are dead. */
    public synchronized void processKill() {
        restart();
    }

    private void restart() {
        if (names.equals(durableNames)) {
            pendingNames.clear();
        }
        generation++;
        crashed = false;
        crashAt = Long.MAX_VALUE;
        failSyncAt = Long.MAX_VALUE;
        failWriteAt = Long.MAX_VALUE;
        failReadAt = Long.MAX_VALUE;
    }

    private void keep(NameChange change) {
        switch (change) {
            case NameChange.Created created -> durableNames.put(created.name, created.inode);
            case NameChange.Renamed renamed -> {
                Inode inode = durableNames.remove(renamed.name);
                if (inode != null) {
                    durableNames.put(renamed.to, inode);
                }
            }
            case NameChange.Deleted deleted -> durableNames.remove(deleted.name);
        }
    }

    private enum Survival {
        ALL,
        NONE,
        PREFIX,
        MIXED
    }

    // Disk

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        operation();
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        operation();
        return names.keySet().stream()
                .filter(name -> directory.equals(name.getParent()))
                .map(name -> name.getFileName().toString())
                .toList();
    }

    @Override
    public synchronized DiskFile create(Path file, long bytes) throws IOException {
        operation();
        if (names.containsKey(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Inode inode = new Inode();
        names.put(file, inode);
        pendingNames.add(new NameChange.Created(file, inode));
        write(inode, new byte[Math.toIntExact(bytes)], 0);
        return new SimulatedFile(this, inode, generation);
    }

    @Override
    public synchronized DiskFile open(Path file) throws IOException {
        operation();
        if (!names.containsKey(file)) {
            throw new NoSuchFileException(file.toString());
        }
        return new SimulatedFile(this, inode(names, file), generation);
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        operation();
        if (names.containsKey(to)) {
            throw new FileAlreadyExistsException(to.toString());
        }
        names.put(to, inode(names, from));
        names.remove(from);
        pendingNames.add(new NameChange.Renamed(from, to));
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
        operation();
        inode(names, file);
        names.remove(file);
        pendingNames.add(new NameChange.Deleted(file));
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        operation();
        if (++syncs >= failSyncAt) {
            throw new IOException("simulated failure of a directory sync");
        }
        pendingNames.removeIf(change -> directory.equals(change.name().getParent()));
        durableNames.keySet().removeIf(name -> directory.equals(name.getParent()));
        names.forEach((name, inode) -> {
            if (directory.equals(name.getParent())) {
                durableNames.put(name, inode);
            }
        });
    }

    @Override
    public synchronized long freeBytes(Path directory) {
        return Math.max(0, capacityBytes - usedBytes());
    }

    @Override
    public synchronized long nonce() {
        return random.nextLong();
    }

    // Files; called by SimulatedFile

    synchronized int size(Inode inode, int openedIn) throws IOException {
        requireOpen(openedIn);
        return inode.size();
    }

    synchronized void write(Inode inode, byte[] bytes, long offset, int openedIn) throws IOException {
        requireOpen(openedIn);
        long before = operations + 1;
        if (before == crashAt || before >= failWriteAt) {
            // The write gets as far as chance has it, then the machine or the disk fails.
            byte[] part = new byte[random.nextInt(bytes.length + 1)];
            System.arraycopy(bytes, 0, part, 0, part.length);
            inode.write(part, Math.toIntExact(offset));
        }
        operation();
        if (before >= failWriteAt) {
            throw new IOException("simulated failure of a write");
        }
        write(inode, bytes, offset);
    }

    synchronized byte[] read(Inode inode, int length, long offset, int openedIn) throws IOException {
        requireOpen(openedIn);
        operation();
        if (operations >= failReadAt) {
            throw new IOException("simulated failure of a read");
        }
        return inode.read(length, offset);
    }

    synchronized void datasync(Inode inode, int openedIn) throws IOException {
        requireOpen(openedIn);
        operation();
        if (++syncs >= failSyncAt) {
            inode.syncFailed(random);
            throw new IOException("simulated failure of a sync");
        }
        inode.synced();
    }

    private void write(Inode inode, byte[] bytes, long offset) throws IOException {
        long grown = Math.max(0, offset + bytes.length - inode.size());
        if (usedBytes() + grown > capacityBytes) {
            throw new IOException("No space left on device");
        }
        inode.write(bytes, Math.toIntExact(offset));
    }

    /** Returns the sum of all file lengths. */
    public synchronized long usedBytes() {
        long sum = 0;
        for (Inode inode : names.values()) {
            sum += inode.size();
        }
        return sum;
    }

    private void requireOpen(int openedIn) throws IOException {
        if (openedIn != generation) {
            throw new IOException("the file was opened before the machine stopped");
        }
    }

    private void operation() throws IOException {
        operations++;
        if (operations >= crashAt) {
            crashed = true;
        }
        if (crashed) {
            throw new Crash();
        }
    }

    private static Inode inode(Map<Path, Inode> among, Path file) {
        Inode inode = among.get(file);
        if (inode == null) {
            throw new IllegalStateException("no file " + file);
        }
        return inode;
    }
}
