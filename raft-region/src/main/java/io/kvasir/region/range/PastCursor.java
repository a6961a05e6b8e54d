package io.kvasir.region.range;

import io.kvasir.proto.key.HistoryKey;
import io.kvasir.region.RangeTransaction.SnapshotRecord;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The records of a range as they stood at a timestamp, in key order: every key that has a record now or a replaced one
 * in some slices, looked up one by one. Payloads come without their version. Confined to the thread that opened it.
 */
final class PastCursor implements Engine.Cursor {

    private final List<Source> sources = new ArrayList<>();
    private final boolean descending;
    private final Function<byte[], SnapshotRecord> records;

    private boolean closed;
    private byte @Nullable [] key;
    private byte @Nullable [] payload;

    /** @param records what stood at a key */
    PastCursor(
            Engine.Snapshot snapshot,
            List<Long> slices,
            byte[] from,
            byte[] to,
            boolean descending,
            Function<byte[], SnapshotRecord> records) {
        this.descending = descending;
        this.records = records;
        sources.add(new Source(snapshot, Family.NEWEST, 0, from, to, descending));
        for (long slice : slices) {
            sources.add(new Source(snapshot, Family.HISTORY, slice, from, to, descending));
        }
    }

    @Override
    public boolean next() {
        payload = null;
        while (payload == null) {
            byte[] first = null;
            for (Source source : sources) {
                byte[] candidate = source.key;
                if (candidate != null && (first == null || order(candidate, first) < 0)) {
                    first = candidate;
                }
            }
            key = first;
            if (first == null) {
                return false;
            }
            for (Source source : sources) {
                source.pass(first);
            }
            payload = records.apply(first).payload();
        }
        return true;
    }

    private int order(byte[] one, byte[] other) {
        int order = Arrays.compareUnsigned(one, other);
        return descending ? -order : order;
    }

    @Override
    public byte[] key() {
        return require(key);
    }

    @Override
    public byte[] value() {
        return require(payload);
    }

    private static byte[] require(byte @Nullable [] bytes) {
        if (bytes == null) {
            throw new IllegalStateException("the cursor is at no record");
        }
        return bytes;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            sources.forEach(Source::close);
        }
    }

    /** The stored keys in one family or slice, each once. */
    private static final class Source {

        /** Versions of one key that are stepped over before the next key is sought: a key may have any number. */
        private static final int STEPS_MAX = 16;

        private final Engine.Snapshot snapshot;
        private final Family family;
        private final long slice;
        private final boolean descending;
        private final byte[] from;
        private final byte[] to;
        private Engine.Cursor cursor;
        private byte @Nullable [] key;

        Source(Engine.Snapshot snapshot, Family family, long slice, byte[] from, byte[] to, boolean descending) {
            this.snapshot = snapshot;
            this.family = family;
            this.slice = slice;
            this.descending = descending;
            boolean newest = family == Family.NEWEST;
            this.from = newest ? from : HistoryKey.before(slice, from);
            this.to = newest ? to : HistoryKey.before(slice, to);
            this.cursor = open(this.from, this.to);
            step();
        }

        private Engine.Cursor open(byte[] first, byte[] last) {
            return snapshot.cursor(family, first, last, descending, false);
        }

        private void step() {
            if (!cursor.next()) {
                key = null;
            } else {
                byte[] found = cursor.key();
                key = family == Family.NEWEST ? found : HistoryKey.keyOf(found);
            }
        }

        /** Goes on behind {@code passed}, if it stands there. */
        void pass(byte[] passed) {
            int steps = 0;
            while (key != null && Arrays.equals(key, passed)) {
                if (steps++ == STEPS_MAX) {
                    cursor.close();
                    cursor = descending
                            ? open(from, HistoryKey.before(slice, passed))
                            : open(HistoryKey.behind(slice, passed), to);
                }
                step();
            }
        }

        void close() {
            cursor.close();
        }
    }
}
