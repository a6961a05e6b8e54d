package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.HistoryKey;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.RangeTransaction.SnapshotRecord;
import io.kvasir.region.SnapshotTooOld;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The past of a range as a snapshot of the engine holds it (rule K8): newest records, replaced ones and horizons of one
 * instant, so that nothing is dropped between a look at the horizon and the read.
 *
 * <p>A read at T takes the newest record if its timestamp is at most T; else the first version replaced after T, if
 * that was committed at or before T; else there was none. The caller has seen to it that every entry up to T is in the
 * snapshot, and that no transaction is undecided that may commit at or before T. Waits for the disk. Confined to the
 * thread that reads.
 */
final class Past {

    private final Engine.Snapshot snapshot;
    private final RegionDescriptor range;
    private final InstanceState instances;
    private final HistoryState history;
    private final Set<Integer> kept;
    private final Examination examination;

    Past(Engine.Snapshot snapshot, RegionDescriptor range, InstanceState instances, Examination examination) {
        this.snapshot = snapshot;
        this.range = range;
        this.instances = instances;
        this.history = HistoryState.load(snapshot, range.id());
        this.kept = history.kept(instances);
        this.examination = examination;
    }

    /**
     * Returns the instance that {@code database} was mapped to at {@code timestamp}.
     *
     * @throws SnapshotTooOld if the past of that database is not kept, or {@code timestamp} is below its horizon
     */
    int instance(long timestamp, int database) {
        OptionalInt instance = history.instanceAt(timestamp, database, instances.instance(database));
        if (instance.isEmpty()) {
            throw SnapshotTooOld.SIGNAL;
        }
        return instance.getAsInt();
    }

    /**
     * Returns the record at {@code key} as it stood at {@code timestamp}, at or above the horizon of its database.
     *
     * @throws SnapshotTooOld if no past is kept of the instance it is in
     */
    SnapshotRecord record(long timestamp, byte[] key) {
        if (!kept.contains(KeyLayout.instanceOf(key)) || timestamp < history.floor()) {
            throw SnapshotTooOld.SIGNAL;
        }
        byte[] newest = snapshot.get(Family.NEWEST, key);
        byte[] stood = newest != null && isAt(newest, timestamp) ? newest : replacedAfter(timestamp, key);
        examination.count(stood == null ? 0 : stood.length);
        return stood == null
                ? SnapshotRecord.ABSENT
                : new SnapshotRecord(Version.read(stood, 0), MergedCursor.payloadOf(stood));
    }

    private static boolean isAt(byte[] stamped, long timestamp) {
        return Version.read(stamped, 0).timestamp() <= timestamp;
    }

    /** Returns the first version of {@code key} replaced after {@code timestamp}, if it was there at it. */
    private byte @Nullable [] replacedAfter(long timestamp, byte[] key) {
        for (long slice : history.slicesAfter(timestamp)) {
            byte[] from = HistoryKey.of(slice, key, timestamp + 1);
            byte[] to = HistoryKey.behind(slice, key);
            try (Engine.Cursor versions = snapshot.cursor(Family.HISTORY, from, to, false, false)) {
                if (versions.next()) {
                    byte[] stamped = versions.value();
                    return isAt(stamped, timestamp) ? stamped : null;
                }
            }
        }
        return null;
    }

    /**
     * Opens a cursor over the records from {@code from} to {@code to}, excluded, as they stood at {@code timestamp},
     * within the range. Those of instances whose past is not kept are passed over, as a walk over one database passes
     * over those of others.
     */
    Engine.Cursor scan(long timestamp, byte[] from, byte[] to, boolean descending) {
        byte[] last = to.length == 0 ? HistoryChanges.end(range) : to;
        if (Arrays.compareUnsigned(from, last) >= 0) {
            last = from;
        }
        return new PastCursor(
                snapshot,
                history.slicesAfter(timestamp),
                from,
                last,
                descending,
                key -> kept.contains(KeyLayout.instanceOf(key)) ? record(timestamp, key) : SnapshotRecord.ABSENT);
    }
}
