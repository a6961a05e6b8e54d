package io.kvasir.region.range;

import io.kvasir.region.SnapshotTooOld;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.NavigableMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The records of a range as they stood at one timestamp, for as long as somebody reads them: a snapshot of the engine,
 * taken a little later or before all of that was applied, and the records at which it differs.
 *
 * <p>Safe for any platform thread. The engine's snapshot is closed by the last of its holders: the range, until it
 * revokes the view, and each open cursor.
 */
final class PinnedView {

    private final Engine.Snapshot snapshot;
    private final NavigableMap<byte[], Overlay.Pending> differing;
    private final AtomicInteger holders = new AtomicInteger(1);
    private final AtomicBoolean revoked = new AtomicBoolean();

    /** When it was read last, as a reading of the monotonic clock. */
    volatile long usedNanos;

    /** @param differing records in place of the snapshot's, a payload of null is absence; never changed again */
    PinnedView(Engine.Snapshot snapshot, NavigableMap<byte[], Overlay.Pending> differing, long nowNanos) {
        this.snapshot = snapshot;
        this.differing = differing;
        this.usedNanos = nowNanos;
    }

    /** Ends the view: who reads on hears of it. Any number of times. */
    void revoke() {
        if (revoked.compareAndSet(false, true)) {
            release();
        }
    }

    /**
     * Opens a cursor from {@code from} to {@code to}, within the range's bounds; it waits for the disk.
     *
     * @throws SnapshotTooOld if the view was revoked; also from the cursor
     */
    Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        hold();
        try {
            return new ViewCursor(new MergedCursor(
                    snapshot.cursor(Family.NEWEST, from, to, descending, false),
                    Overlay.range(differing, from, to),
                    descending,
                    new Examination(Long.MAX_VALUE, Long.MAX_VALUE)));
        } catch (RuntimeException failed) {
            release();
            throw failed;
        }
    }

    private void hold() {
        int now = holders.get();
        while (now > 0 && !holders.compareAndSet(now, now + 1)) {
            now = holders.get();
        }
        if (now == 0) {
            throw SnapshotTooOld.SIGNAL;
        }
    }

    private void release() {
        if (holders.decrementAndGet() == 0) {
            snapshot.close();
        }
    }

    /** Holds the view until it is closed. */
    private final class ViewCursor implements Engine.Cursor {

        private final Engine.Cursor records;

        ViewCursor(Engine.Cursor records) {
            this.records = records;
        }

        @Override
        public boolean next() {
            boolean found = records.next();
            // Asked after the read: what stands there was read while the replica still led.
            if (revoked.get()) {
                throw SnapshotTooOld.SIGNAL;
            }
            return found;
        }

        @Override
        public byte[] key() {
            return records.key();
        }

        @Override
        public byte[] value() {
            return records.value();
        }

        @Override
        public void close() {
            records.close();
            release();
        }
    }
}
