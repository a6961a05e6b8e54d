package io.kvasir.store.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The records of one store. Two implementations: {@code RocksEngine} on disk and {@code MemoryEngine} in simulation.
 *
 * <p>Safe for any platform thread; never called from a virtual thread, because the disk engine goes through JNI. An I/O
 * error or a checksum failure is an {@link EngineFault}; after one, the engine takes no more writes.
 */
public interface Engine extends AutoCloseable {

    /** Returns the value at {@code key}, or null if there is none. May wait for the disk. */
    byte @Nullable [] get(Family family, byte[] key);

    /**
     * Looks {@code key} up in memory only: memtables, block cache and resident filters.
     *
     * @return the value, {@link Lookup#ABSENT}, or {@link Lookup#UNKNOWN} if only the disk can tell; never waits for it
     */
    Lookup getCached(Family family, byte[] key);

    /**
     * Opens a cursor over the keys from {@code from} inclusive to {@code to} exclusive (empty: no bound), in unsigned
     * byte order, over the state at the time of this call. The caller closes it.
     *
     * @param cachedOnly if true, {@link Cursor#next} throws {@link NotCached} where it would wait for the disk
     */
    Cursor cursor(Family family, byte[] from, byte[] to, boolean descending, boolean cachedOnly);

    /**
     * Takes a snapshot of all families at this instant. The caller closes it; while it is open its records stay on
     * disk.
     */
    Snapshot snapshot();

    /** Returns a new empty batch, to be filled and written by one thread and closed by it. */
    Batch newBatch();

    /** Writes {@code batch} atomically over all families. Readers see it as a whole after this returns. */
    void write(Batch batch);

    /**
     * Returns about how many bytes the records of {@code family} from {@code from} inclusive to {@code to} exclusive
     * (empty: no bound) take, on disk and in memory: off by a block of each file and a few records, and in memory by
     * more. Reads the files' indexes, not their records; may wait for the disk.
     */
    long approximateBytes(Family family, byte[] from, byte[] to);

    /**
     * Returns the value at {@code key} in the last completed atomic flush, or null: what a restart would find without
     * the log. May wait for the disk.
     */
    byte @Nullable [] getFlushed(Family family, byte[] key);

    /** Flushes all families atomically and waits for it. */
    void flush();

    /**
     * Deletes all records of {@code ranges} and flushes: when this returns, they are gone durably. The first step of
     * the installation of a snapshot (rule K10); not atomic with the {@link #ingest} that follows, so the caller's mark
     * in the log engine must stand around both.
     */
    void deleteAndFlush(List<KeyRange> ranges);

    /**
     * Adds the records of files that {@link Snapshot#export} wrote, durably and at once visible. They win over what is
     * there already. Ranges that have unflushed writes cost a flush of all families.
     *
     * @param files on the same file system as the engine; taken over: their names are gone or useless afterwards
     */
    void ingest(Family family, List<Path> files);

    /**
     * Flushes and closes. All users have stopped before, and what they opened is closed.
     *
     * @throws IllegalStateException if a cursor or a snapshot is still open
     */
    @Override
    void close();

    /** The answer of {@link Engine#getCached}. */
    record Lookup(byte @Nullable [] value, boolean known) {

        public static final Lookup ABSENT = new Lookup(null, true);
        public static final Lookup UNKNOWN = new Lookup(null, false);
    }

    /** The records of all families at one instant. Safe for any platform thread, but for {@link #close}. */
    interface Snapshot extends AutoCloseable {

        /** Returns the value at {@code key}, or null if there is none. May wait for the disk. */
        byte @Nullable [] get(Family family, byte[] key);

        /** Opens a cursor as {@link Engine#cursor} does; it is closed before the snapshot. */
        Cursor cursor(Family family, byte[] from, byte[] to, boolean descending, boolean cachedOnly);

        /** Opens an ascending cursor for reading everything between its bounds once: it leaves the cache as it is. */
        Cursor bulkCursor(Family family, byte[] from, byte[] to);

        /**
         * Writes the records of {@code range} into files of {@code directory}, each synced to disk before
         * {@code finished} is told of it; none, if there are no records. Fills no cache. Files that an export of
         * another range of the same family left there stay.
         *
         * @param recordBytesMax a file is ended after this many bytes of keys and values; compressed it is smaller
         * @param finished called by this thread, in key order; an exception from it ends the export and is passed on
         */
        default void export(KeyRange range, Path directory, long recordBytesMax, Consumer<RecordFile> finished) {
            export(range, key -> true, directory, recordBytesMax, finished);
        }

        /** Exports as above, but only the records whose key passes {@code kept}. */
        void export(
                KeyRange range,
                Predicate<byte[]> kept,
                Path directory,
                long recordBytesMax,
                Consumer<RecordFile> finished);

        @Override
        void close();
    }

    /** A file of {@code records} records of one family, in key order, {@code bytes} long. */
    record RecordFile(Family family, Path path, long records, long bytes) {

        /** Returns a path in {@code directory} that no file of {@code family} exported there before has. */
        static Path unused(Path directory, Family family, String suffix) {
            int number = 0;
            Path path;
            do {
                path = directory.resolve(family.number() + "-" + number++ + suffix);
            } while (Files.exists(path));
            return path;
        }
    }

    /** Records in key order. Confined to the thread that opened it. */
    interface Cursor extends AutoCloseable {

        /** Moves to the next record, the first one at the first call; returns false at the end. */
        boolean next();

        /** Returns the key of the current record; a fresh array. */
        byte[] key();

        /** Returns the value of the current record; a fresh array. */
        byte[] value();

        @Override
        void close();
    }

    /** Writes to be made atomically, in the order given: a later one wins over an earlier one. */
    interface Batch extends AutoCloseable {

        void put(Family family, byte[] key, byte[] value);

        void delete(Family family, byte[] key);

        /**
         * Deletes every key from {@code from} inclusive to {@code to} exclusive.
         *
         * @param to not empty: "no bound" cannot be stored; the end of the key space is {@code slotStart(Slot.COUNT)}
         * @throws IllegalArgumentException if {@code to} is below {@code from}
         */
        void deleteRange(Family family, byte[] from, byte[] to);

        /** Returns the bytes held so far, approximately. */
        long bytes();

        @Override
        void close();
    }
}
