package io.kvasir.region.range;

import io.kvasir.region.RangeTransaction.SnapshotRecord;
import io.kvasir.store.engine.Engine;
import java.util.Arrays;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The records of a cursor as they stood at a timestamp: its keys and those at which something was replaced, each looked
 * up anew. Confined to the thread that opened it.
 */
final class SnapshotCursor implements Engine.Cursor {

    private final Engine.Cursor newest;
    private final NavigableSet<byte[]> replaced;
    private final boolean descending;
    private final Function<byte[], SnapshotRecord> records;

    private boolean started;
    private boolean newestHas;
    private byte @Nullable [] key;
    private byte @Nullable [] payload;

    /** @param replaced keys at which something was replaced; taken over */
    SnapshotCursor(
            Engine.Cursor newest,
            NavigableSet<byte[]> replaced,
            boolean descending,
            Function<byte[], SnapshotRecord> records) {
        this.newest = newest;
        this.replaced = replaced;
        this.descending = descending;
        this.records = records;
    }

    @Override
    public boolean next() {
        if (!started) {
            started = true;
            newestHas = newest.next();
        }
        while (newestHas || !replaced.isEmpty()) {
            byte[] next = nextKey();
            byte[] found = records.apply(next).payload();
            if (found != null) {
                key = next;
                payload = found;
                return true;
            }
        }
        key = null;
        payload = null;
        return false;
    }

    private byte[] nextKey() {
        byte[] ofReplaced = replaced.isEmpty() ? null : descending ? replaced.last() : replaced.first();
        if (newestHas) {
            byte[] ofNewest = newest.key();
            int order = ofReplaced == null ? -1 : Arrays.compareUnsigned(ofNewest, ofReplaced) * (descending ? -1 : 1);
            if (order <= 0) {
                newestHas = newest.next();
                if (order == 0) {
                    replaced.remove(ofNewest);
                }
                return ofNewest;
            }
        }
        replaced.remove(ofReplaced);
        return Objects.requireNonNull(ofReplaced);
    }

    @Override
    public byte[] key() {
        return Objects.requireNonNull(key, "no current record");
    }

    @Override
    public byte[] value() {
        return Objects.requireNonNull(payload, "no current record");
    }

    @Override
    public void close() {
        newest.close();
    }
}
