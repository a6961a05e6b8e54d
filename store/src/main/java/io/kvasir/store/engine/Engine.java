package io.kvasir.store.engine;

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
     * Opens a cursor over the keys from {@code from} inclusive to {@code to} exclusive (empty: no bound), in unsigned byte
     * order, over the state at the time of this call. The caller closes it.
     *
     * @param cachedOnly if true, {@link Cursor#next} throws {@link NotCached} where it would wait for the disk
     */
    Cursor cursor(Family family, byte[] from, byte[] to, boolean descending, boolean cachedOnly);

    /** Returns a new empty batch, to be filled and written by one thread and closed by it. */
    Batch newBatch();

    /** Writes {@code batch} atomically over all families. Readers see it as a whole after this returns. */
    void write(Batch batch);

    /**
     * Returns the value at {@code key} in the last completed atomic flush, or null: what a restart would find without the
     * log. May wait for the disk.
     */
    byte @Nullable [] getFlushed(Family family, byte[] key);

    /** Flushes all families atomically and waits for it. */
    void flush();

    @Override
    void close();

    /** The answer of {@link Engine#getCached}. */
    record Lookup(byte @Nullable [] value, boolean known) {

        public static final Lookup ABSENT = new Lookup(null, true);
        public static final Lookup UNKNOWN = new Lookup(null, false);
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
