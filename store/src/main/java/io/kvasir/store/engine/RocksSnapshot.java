package io.kvasir.store.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.rocksdb.SstFileWriter;

/** A RocksDB snapshot and the read options that name it. Safe for any platform thread, but for {@link #close}. */
final class RocksSnapshot implements Engine.Snapshot {

    private final RocksDB database;
    private final List<ColumnFamilyHandle> families;
    private final RocksTuning tuning;
    private final Faults faults;
    private final LongAdder open;
    private final Snapshot snapshot;
    private final ReadOptions options;

    private boolean closed;

    /**
     * @param families by ordinal
     * @param open counts this snapshot and its cursors until they are closed
     */
    RocksSnapshot(
            RocksDB database, List<ColumnFamilyHandle> families, RocksTuning tuning, Faults faults, LongAdder open) {
        this.database = database;
        this.families = families;
        this.tuning = tuning;
        this.faults = faults;
        this.open = open;
        snapshot = database.getSnapshot();
        options = new ReadOptions().setSnapshot(snapshot);
        open.increment();
    }

    @Override
    public byte @Nullable [] get(Family family, byte[] key) {
        try {
            return database.get(families.get(family.ordinal()), options, key);
        } catch (RocksDBException e) {
            throw faults.fault("cannot read", e);
        }
    }

    @Override
    public Engine.Cursor cursor(Family family, byte[] from, byte[] to, boolean descending, boolean cachedOnly) {
        RocksCursor.Reading reading = cachedOnly ? RocksCursor.Reading.CACHED : RocksCursor.Reading.ALL;
        return cursor(family, from, to, descending, reading);
    }

    @Override
    public Engine.Cursor bulkCursor(Family family, byte[] from, byte[] to) {
        return cursor(family, from, to, false, RocksCursor.Reading.BULK);
    }

    @Override
    public void export(
            KeyRange range,
            Predicate<byte[]> kept,
            Path directory,
            long recordBytesMax,
            Consumer<Engine.RecordFile> finished) {
        Family family = range.family();
        try (Engine.Cursor all = cursor(family, range.from(), range.to(), false, RocksCursor.Reading.BULK)) {
            Engine.Cursor cursor = new SelectedCursor(all, kept);
            boolean more = cursor.next();
            while (more) {
                Path path = Engine.RecordFile.unused(directory, family, ".sst");
                long records = 0;
                long recordBytes = 0;
                long fileBytes;
                try (Options files = tuning.files(family);
                        EnvOptions environment = new EnvOptions();
                        SstFileWriter writer = new SstFileWriter(environment, files)) {
                    writer.open(path.toString());
                    do {
                        byte[] key = cursor.key();
                        byte[] value = cursor.value();
                        writer.put(key, value);
                        records++;
                        recordBytes += key.length + value.length;
                        more = cursor.next();
                    } while (more && recordBytes < recordBytesMax);
                    writer.finish();
                    fileBytes = writer.fileSize();
                }
                finished.accept(new Engine.RecordFile(family, path, records, fileBytes));
            }
        } catch (RocksDBException e) {
            throw faults.fault("cannot export", e);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        options.close();
        database.releaseSnapshot(snapshot);
        open.decrement();
    }

    private Engine.Cursor cursor(
            Family family, byte[] from, byte[] to, boolean descending, RocksCursor.Reading reading) {
        return new RocksCursor(
                database, families.get(family.ordinal()), snapshot, from, to, descending, reading, faults, open);
    }
}
