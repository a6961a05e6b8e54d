package io.kvasir.region.range;

import io.kvasir.proto.key.Version;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.RangeTransaction.SnapshotRecord;
import io.kvasir.region.SnapshotTooOld;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The versions that were replaced in the last seconds, in memory, under the timestamp at which each was replaced (rule
 * K8): what a read at T needs where the newest version is newer than T.
 *
 * <p>Everything replaced after the <em>floor</em> is here, once somebody has read at a timestamp; a range whose readers
 * all read at "now" keeps nothing. A version that was not in memory when it was replaced is kept as unknown. What is
 * older than {@link #KEPT_MILLIS}, or beyond {@link #BYTES_MAX}, is dropped and raises the floor. Confined to the
 * range's owner thread.
 */
final class ReplacedVersions {

    /** How long a replaced version is kept, by the timestamps of batches. */
    static final long KEPT_MILLIS = 5_000;

    /** How long versions are kept for nobody after the last read at a timestamp. */
    private static final long IDLE_MILLIS = 60_000;

    static final long BYTES_MAX = 16L << 20;

    /** Ranges of records that are gone, beyond which the oldest is dropped: each read looks at all of them. */
    static final int HOLES_MAX = 256;

    private static final int OVERHEAD_BYTES = 160;

    /** A version and when it was replaced; a payload of null is absence. */
    private record Replaced(long replacedAt, Version version, byte @Nullable [] payload, boolean known) {}

    /** A write about to be kept, for {@link #keep}: what it replaces. */
    record Before(byte[] key, Version version, byte @Nullable [] payload, boolean known) {}

    private record Place(byte[] key, long replacedAt, int bytes) {}

    private record Hole(byte[] from, byte[] to, long at) {}

    private final NavigableMap<byte[], ArrayDeque<Replaced>> byKey = new TreeMap<>(Arrays::compareUnsigned);
    private final ArrayDeque<Place> inOrder = new ArrayDeque<>();
    private final ArrayDeque<Hole> holes = new ArrayDeque<>();
    private long bytes;
    private long floor;
    private long newestWrite;
    private long lastRead;
    private long mapChangedAt;
    private boolean keeping;

    /** Begins anew: nothing is known of what was replaced up to {@code timestamp}. */
    void reset(long timestamp) {
        clear();
        newestWrite = Math.max(newestWrite, timestamp);
        floor = newestWrite;
        mapChangedAt = newestWrite;
        keeping = false;
    }

    private void clear() {
        byKey.clear();
        inOrder.clear();
        holes.clear();
        bytes = 0;
    }

    boolean isKeeping() {
        return keeping;
    }

    /** Notes that records were written at {@code timestamp}, which replaced {@code before}. */
    void keep(long timestamp, List<Before> before) {
        newestWrite = Math.max(newestWrite, timestamp);
        if (!keeping) {
            return;
        }
        for (Before one : before) {
            int size = OVERHEAD_BYTES + one.key.length + (one.payload == null ? 0 : one.payload.length);
            byKey.computeIfAbsent(one.key, key -> new ArrayDeque<>(2))
                    .add(new Replaced(timestamp, one.version, one.payload, one.known));
            inOrder.add(new Place(one.key, timestamp, size));
            bytes += size;
        }
    }

    /** Notes that the records from {@code from} to {@code to}, excluded, are gone from {@code timestamp} on. */
    void keepHole(long timestamp, byte[] from, byte[] to) {
        newestWrite = Math.max(newestWrite, timestamp);
        if (keeping) {
            holes.add(new Hole(from, to, timestamp));
        }
    }

    void mapChanged(long timestamp) {
        mapChangedAt = Math.max(mapChangedAt, timestamp);
    }

    /** Drops what is too old or too much at {@code now}, the timestamp of a batch. */
    void trim(long now) {
        if (!keeping) {
            return;
        }
        if (Timestamp.millis(now) - Timestamp.millis(lastRead) > IDLE_MILLIS) {
            keeping = false;
            clear();
            return;
        }
        long oldest = Timestamp.millis(now) - KEPT_MILLIS;
        while (!inOrder.isEmpty() && (bytes > BYTES_MAX || Timestamp.millis(inOrder.getFirst().replacedAt) < oldest)) {
            Place place = inOrder.removeFirst();
            bytes -= place.bytes;
            floor = Math.max(floor, place.replacedAt);
            ArrayDeque<Replaced> versions = Objects.requireNonNull(byKey.get(place.key));
            versions.removeFirst();
            if (versions.isEmpty()) {
                byKey.remove(place.key);
            }
        }
        while (!holes.isEmpty() && (holes.size() > HOLES_MAX || Timestamp.millis(holes.getFirst().at) < oldest)) {
            floor = Math.max(floor, holes.removeFirst().at);
        }
    }

    /** Somebody reads at {@code timestamp}: from here on versions are kept. */
    void readAt(long timestamp) {
        lastRead = Math.max(lastRead, timestamp);
        if (!keeping) {
            keeping = true;
            floor = newestWrite;
        }
    }

    /** @throws SnapshotTooOld if the map of databases may have been another at {@code timestamp} */
    void requireMapOf(long timestamp) {
        if (timestamp < mapChangedAt) {
            throw SnapshotTooOld.SIGNAL;
        }
    }

    /**
     * Returns what stood at {@code key} at {@code timestamp}, given the newest version.
     *
     * @throws SnapshotTooOld if that is not known any more
     */
    SnapshotRecord at(long timestamp, byte[] key, Version newest, byte @Nullable [] payload) {
        for (Hole hole : holes) {
            if (hole.at > timestamp
                    && Arrays.compareUnsigned(key, hole.from) >= 0
                    && Arrays.compareUnsigned(key, hole.to) < 0) {
                throw SnapshotTooOld.SIGNAL;
            }
        }
        if (payload != null && newest.timestamp() <= timestamp) {
            return new SnapshotRecord(newest, payload);
        }
        ArrayDeque<Replaced> versions = byKey.get(key);
        if (versions != null) {
            for (Replaced version : versions) {
                if (version.replacedAt > timestamp) {
                    return recordOf(version, timestamp);
                }
            }
        }
        if (timestamp < floor || payload != null) {
            throw SnapshotTooOld.SIGNAL;
        }
        return SnapshotRecord.ABSENT;
    }

    private SnapshotRecord recordOf(Replaced version, long timestamp) {
        if (!version.known) {
            throw SnapshotTooOld.SIGNAL;
        }
        if (version.payload == null) {
            if (timestamp < floor) {
                throw SnapshotTooOld.SIGNAL; // an earlier version may have been replaced before the floor
            }
            return SnapshotRecord.ABSENT;
        }
        if (version.version.timestamp() <= timestamp) {
            return new SnapshotRecord(version.version, version.payload);
        }
        throw SnapshotTooOld.SIGNAL;
    }

    /**
     * Returns what stood at {@code timestamp} at every key at which something was replaced since.
     *
     * @throws SnapshotTooOld if records are gone since {@code timestamp} that nobody can name, or not all is known
     */
    NavigableMap<byte[], SnapshotRecord> since(long timestamp) {
        if (timestamp < floor || holes.stream().anyMatch(hole -> hole.at > timestamp)) {
            throw SnapshotTooOld.SIGNAL;
        }
        NavigableMap<byte[], SnapshotRecord> stood = new TreeMap<>(Arrays::compareUnsigned);
        byKey.forEach((key, versions) -> {
            for (Replaced version : versions) {
                if (version.replacedAt > timestamp) {
                    stood.put(key, recordOf(version, timestamp));
                    return;
                }
            }
        });
        return stood;
    }

    /**
     * Returns whether anything from {@code from} to {@code to} was replaced after {@code timestamp}: a record that was
     * there, or one that was not.
     *
     * @throws SnapshotTooOld if that is not known any more
     */
    boolean hasChangedSince(long timestamp, byte[] from, byte[] to) {
        for (byte[] key : keysWithin(timestamp, from, to)) {
            if (Objects.requireNonNull(byKey.get(key)).getLast().replacedAt > timestamp) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the keys from {@code from} to {@code to} at which something was replaced.
     *
     * @throws SnapshotTooOld if records there are gone since {@code timestamp}, or what was replaced is not known
     */
    List<byte[]> keysWithin(long timestamp, byte[] from, byte[] to) {
        if (timestamp < floor) {
            throw SnapshotTooOld.SIGNAL;
        }
        for (Hole hole : holes) {
            boolean apart = to.length != 0 && Arrays.compareUnsigned(hole.from, to) >= 0
                    || Arrays.compareUnsigned(hole.to, from) <= 0;
            if (hole.at > timestamp && !apart) {
                throw SnapshotTooOld.SIGNAL;
            }
        }
        if (to.length == 0) {
            return new ArrayList<>(byKey.tailMap(from, true).keySet());
        }
        return Arrays.compareUnsigned(from, to) < 0
                ? new ArrayList<>(byKey.subMap(from, true, to, false).keySet())
                : List.of();
    }
}
