package io.kvasir.store.engine;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.Status;

/** A RocksDB iterator between two bounds. Confined to the thread that opened it. */
final class RocksCursor implements Engine.Cursor {

    /** How a cursor reads. */
    enum Reading {
        /** From memory alone. */
        CACHED,
        /** From memory and disk, keeping in memory what it read. */
        ALL,
        /** From memory and disk with read-ahead, leaving the cache as it is: for reading a whole range once. */
        BULK
    }

    /** Of each file that is read at once, which may be some twenty; no budget covers it. */
    private static final long BULK_READAHEAD_BYTES = 256L << 10;

    private final Faults faults;
    private final LongAdder open;
    private final boolean descending;
    private final ReadOptions options;
    private final @Nullable Slice lower;
    private final @Nullable Slice upper;
    private final RocksIterator iterator;

    private boolean started;
    private boolean valid;
    private boolean closed;

    /**
     * @param snapshot state to read, or null for the state now
     * @param open counts this cursor until it is closed
     */
    RocksCursor(
            RocksDB database,
            ColumnFamilyHandle family,
            @Nullable Snapshot snapshot,
            byte[] from,
            byte[] to,
            boolean descending,
            Reading reading,
            Faults faults,
            LongAdder open) {
        this.faults = faults;
        this.open = open;
        this.descending = descending;
        options = new ReadOptions();
        lower = from.length == 0 ? null : new Slice(from);
        upper = to.length == 0 ? null : new Slice(to);
        if (lower != null) {
            options.setIterateLowerBound(lower);
        }
        if (upper != null) {
            options.setIterateUpperBound(upper);
        }
        if (snapshot != null) {
            options.setSnapshot(snapshot);
        }
        switch (reading) {
            case CACHED -> options.setReadTier(ReadTier.BLOCK_CACHE_TIER);
            case ALL -> {}
            case BULK -> options.setFillCache(false).setReadaheadSize(BULK_READAHEAD_BYTES);
        }
        iterator = database.newIterator(family, options);
        open.increment();
    }

    @Override
    public boolean next() {
        if (!started) {
            started = true;
            if (descending) {
                iterator.seekToLast();
            } else {
                iterator.seekToFirst();
            }
        } else if (!valid) {
            return false;
        } else if (descending) {
            iterator.prev();
        } else {
            iterator.next();
        }
        valid = iterator.isValid();
        if (!valid) {
            checkStatus();
        }
        return valid;
    }

    @Override
    public byte[] key() {
        requireRecord();
        return iterator.key();
    }

    @Override
    public byte[] value() {
        requireRecord();
        return iterator.value();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        valid = false;
        iterator.close();
        options.close();
        if (lower != null) {
            lower.close();
        }
        if (upper != null) {
            upper.close();
        }
        open.decrement();
    }

    /** An iterator that is not valid has come to its end, to the end of what is in memory, or to an error. */
    private void checkStatus() {
        try {
            iterator.status();
        } catch (RocksDBException e) {
            if (isIncomplete(e)) {
                throw NotCached.SIGNAL;
            }
            throw faults.fault("cannot iterate", e);
        }
    }

    private void requireRecord() {
        if (!valid) {
            throw new IllegalStateException("the cursor is at no record");
        }
    }

    /** Returns whether {@code e} says that a read restricted to memory needs the disk. */
    static boolean isIncomplete(RocksDBException e) {
        Status status = e.getStatus();
        return status != null && status.getCode() == Status.Code.Incomplete;
    }
}
