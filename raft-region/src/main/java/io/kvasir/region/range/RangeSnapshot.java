package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.key.ExpiryKey;
import io.kvasir.proto.key.HistoryKey;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.region.raft.StateSnapshot;
import io.kvasir.region.range.RangeState.Applied;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.KeyRange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A range's records and what it knows of itself, as of one raft index: the index is read from the engine's snapshot
 * itself, so the two agree. Its files are those of {@link Engine.Snapshot#export}, their kind the number of the family.
 *
 * <p>Which records of each family are a range's is said here, for snapshots and for emptying a replica alike.
 */
final class RangeSnapshot implements StateSnapshot {

    /** Bytes of keys and values after which a file ends. */
    static final long FILE_BYTES_MAX = 64L << 20;

    private final Engine.Snapshot records;
    private final RegionDescriptor descriptor;
    private final Applied applied;

    private RangeSnapshot(Engine.Snapshot records, RegionDescriptor descriptor, Applied applied) {
        this.records = records;
        this.descriptor = descriptor;
        this.applied = applied;
    }

    /** Takes a snapshot of the range that was created as {@code initial}. */
    static RangeSnapshot take(Engine engine, RegionDescriptor initial) {
        Engine.Snapshot records = engine.snapshot();
        boolean taken = false;
        try {
            byte[] descriptor = records.get(Family.RANGE, RangeState.descriptorKey(initial.id()));
            byte[] applied = records.get(Family.RANGE, RangeState.appliedKey(initial.id()));
            RangeSnapshot snapshot = new RangeSnapshot(
                    records,
                    descriptor == null ? initial : RegionDescriptorCodec.decode(descriptor),
                    applied == null ? Applied.NONE : RangeState.decodeApplied(applied));
            taken = true;
            return snapshot;
        } finally {
            if (!taken) {
                records.close();
            }
        }
    }

    @Override
    public AppliedState applied() {
        return new AppliedState(applied.index(), applied.term());
    }

    @Override
    public byte[] summary() {
        return RegionDescriptorCodec.encode(descriptor);
    }

    @Override
    public List<Part> write(Path directory, BooleanSupplier wanted) {
        List<KeyRange> ranges = new ArrayList<>(keyed(descriptor));
        HistoryState.load(records, descriptor.id())
                .slices()
                .keySet()
                .forEach(slice -> ranges.add(history(slice, descriptor)));
        ranges.add(expiries());
        // Last: it holds the applied state.
        ranges.add(state(descriptor));
        List<Part> parts = new ArrayList<>();
        for (KeyRange range : ranges) {
            boolean expiry = range.family() == Family.EXPIRY;
            records.export(
                    range,
                    key -> {
                        if (!wanted.getAsBoolean()) {
                            throw new GivenUp();
                        }
                        return !expiry || descriptor.contains(ExpiryKey.rootKeyOf(key));
                    },
                    directory,
                    FILE_BYTES_MAX,
                    file -> parts.add(new Part(file.family().number(), file.path())));
        }
        return parts;
    }

    @Override
    public void close() {
        records.close();
    }

    /** Returns where the records of {@code range} lie in the families that are ordered by stored key alone. */
    static List<KeyRange> keyed(RegionDescriptor range) {
        byte[] from = range.start();
        byte[] to = HistoryChanges.end(range);
        return List.of(
                new KeyRange(Family.NEWEST, from, to),
                new KeyRange(Family.LOCK, from, to),
                new KeyRange(Family.FATE, from, to));
    }

    /** Returns where the versions that {@code range} replaced in {@code slice} lie. */
    static KeyRange history(long slice, RegionDescriptor range) {
        return new KeyRange(
                Family.HISTORY,
                HistoryKey.before(slice, range.start()),
                HistoryKey.before(slice, HistoryChanges.end(range)));
    }

    /** Returns the whole expiry index, which all ranges of the store share. */
    static KeyRange expiries() {
        return new KeyRange(Family.EXPIRY, new byte[0], ExpiryKey.before(Long.MAX_VALUE));
    }

    /** Returns where {@code range} keeps its state. */
    static KeyRange state(RegionDescriptor range) {
        return new KeyRange(Family.RANGE, RangeState.start(range.id()), RangeState.end(range.id()));
    }

    /** Returns where {@code range} keeps its state, its descriptor left out. */
    static List<KeyRange> stateButDescriptor(RegionDescriptor range) {
        return List.of(
                new KeyRange(Family.RANGE, RangeState.start(range.id()), RangeState.descriptorKey(range.id())),
                new KeyRange(Family.RANGE, RangeState.keyCountsStart(range.id()), RangeState.end(range.id())));
    }
}
