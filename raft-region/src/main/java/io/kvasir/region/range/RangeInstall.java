package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.key.ExpiryKey;
import io.kvasir.proto.key.HistoryKey;
import io.kvasir.region.raft.StateSnapshot.Part;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.KeyRange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Empties the records of a replica and puts those of a snapshot in their place (rule K10). Nothing here is atomic: the
 * mark in the log engine stands around it, and whoever finds the mark calls {@link #wipe}, which needs nothing but the
 * replica's descriptor. So that is never deleted, and is the snapshot's before the first of its records comes in: what
 * may be here lies within it at every instant.
 *
 * <p>Confined to the apply thread of the range, or the thread that starts it.
 */
final class RangeInstall {

    /** Expiries deleted in one write. */
    private static final int DELETES_MAX = 4_096;

    private final Engine engine;

    RangeInstall(Engine engine) {
        this.engine = engine;
    }

    /** Deletes the records of the replica described by {@code present}, durably. */
    void wipe(RegionDescriptor present) {
        deleteExpiries(present);
        List<KeyRange> ranges = new ArrayList<>(RangeSnapshot.keyed(present));
        ranges.addAll(history(present));
        ranges.addAll(RangeSnapshot.stateButDescriptor(present));
        engine.deleteAndFlush(ranges);
    }

    /**
     * Returns where versions that {@code range} replaced may lie: the state that names its slices may be gone already,
     * so every slice of the store is looked into, one seek each.
     */
    private List<KeyRange> history(RegionDescriptor range) {
        List<KeyRange> found = new ArrayList<>();
        byte[] from = new byte[0];
        while (true) {
            long slice;
            try (Engine.Cursor cursor = engine.cursor(Family.HISTORY, from, new byte[0], false, false)) {
                if (!cursor.next()) {
                    return found;
                }
                slice = HistoryKey.sliceOf(cursor.key());
            }
            KeyRange within = RangeSnapshot.history(slice, range);
            try (Engine.Cursor cursor = engine.cursor(Family.HISTORY, within.from(), within.to(), false, false)) {
                if (cursor.next()) {
                    found.add(within);
                }
            }
            from = HistoryKey.before(slice + 1, new byte[0]);
        }
    }

    /**
     * Replaces the records of the replica described by {@code present} by the files of {@code parts}, which hold those
     * of {@code next}, durably.
     */
    void install(RegionDescriptor present, RegionDescriptor next, List<Part> parts) {
        wipe(present);
        if (!present.equals(next)) {
            wipe(next);
            try (Engine.Batch batch = engine.newBatch()) {
                batch.put(Family.RANGE, RangeState.descriptorKey(next.id()), RegionDescriptorCodec.encode(next));
                engine.write(batch);
            }
            engine.flush();
        }
        // In the order of the parts: the applied state comes last.
        int from = 0;
        while (from < parts.size()) {
            int kind = parts.get(from).kind();
            int to = from;
            List<Path> files = new ArrayList<>();
            while (to < parts.size() && parts.get(to).kind() == kind) {
                files.add(parts.get(to++).path());
            }
            engine.ingest(Family.numbered(kind), files);
            from = to;
        }
        engine.flush();
    }

    private void deleteExpiries(RegionDescriptor range) {
        KeyRange all = RangeSnapshot.expiries();
        try (Engine.Cursor cursor = engine.cursor(Family.EXPIRY, all.from(), all.to(), false, false)) {
            boolean more = cursor.next();
            while (more) {
                try (Engine.Batch batch = engine.newBatch()) {
                    for (int deletes = 0; more && deletes < DELETES_MAX; more = cursor.next()) {
                        byte[] key = cursor.key();
                        if (range.contains(ExpiryKey.rootKeyOf(key))) {
                            batch.delete(Family.EXPIRY, key);
                            deletes++;
                        }
                    }
                    engine.write(batch);
                }
            }
        }
    }
}
