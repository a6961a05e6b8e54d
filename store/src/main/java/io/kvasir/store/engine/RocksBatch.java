package io.kvasir.store.engine;

import java.util.List;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** A batch in native memory. Confined to the thread that fills it. */
final class RocksBatch implements Engine.Batch {

    private static final int RESERVED_BYTES = 4 << 10;

    private final List<ColumnFamilyHandle> families;
    private final WriteBatch batch = new WriteBatch(RESERVED_BYTES);

    private int rangeDeletes;

    /** @param families by ordinal */
    RocksBatch(List<ColumnFamilyHandle> families) {
        this.families = families;
    }

    @Override
    public void put(Family family, byte[] key, byte[] value) {
        try {
            batch.put(families.get(family.ordinal()), key, value);
        } catch (RocksDBException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void delete(Family family, byte[] key) {
        try {
            batch.delete(families.get(family.ordinal()), key);
        } catch (RocksDBException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void deleteRange(Family family, byte[] from, byte[] to) {
        KeyRange.requireOrdered(from, to);
        try {
            batch.deleteRange(families.get(family.ordinal()), from, to);
            rangeDeletes++;
        } catch (RocksDBException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public long bytes() {
        return batch.getDataSize();
    }

    @Override
    public void close() {
        batch.close();
    }

    /** Returns the number of range deletes in this batch. */
    int rangeDeletes() {
        return rangeDeletes;
    }

    WriteBatch nativeBatch() {
        return batch;
    }
}
