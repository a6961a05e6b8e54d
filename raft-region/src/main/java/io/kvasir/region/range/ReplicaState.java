package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.region.OutOfRange;
import io.kvasir.region.range.RangeState.Applied;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * What a replica knows of itself, as applied. Written by the applying thread alone, read by any: every field is an
 * immutable value behind a volatile reference.
 */
final class ReplicaState {

    /** Children that are remembered. */
    private static final int CHILDREN_MAX = 16;

    private final RegionDescriptor initial;
    private volatile RegionDescriptor descriptor;
    private volatile Applied applied;
    private volatile InstanceState instances;
    private volatile HistoryState history;
    private final LockTable locks;

    /** Ranges that this one gave part of its keys to since the process started, the newest last. */
    private volatile List<RegionDescriptor> children = List.of();

    /** Notes of what is staged, as {@link RangeState#stagedDetail} has them. */
    private final ConcurrentSkipListSet<byte[]> staged = new ConcurrentSkipListSet<>(Arrays::compareUnsigned);

    /**
     * Odd while an entry is being applied; a read of several records is valid if it was even and has not moved (K16).
     */
    private volatile long applyCounter;

    private ReplicaState(
            RegionDescriptor initial,
            RegionDescriptor descriptor,
            Applied applied,
            InstanceState instances,
            HistoryState history,
            LockTable locks) {
        this.initial = initial;
        this.descriptor = descriptor;
        this.applied = applied;
        this.instances = instances;
        this.history = history;
        this.locks = locks;
    }

    /**
     * Reads the state of a replica from {@code engine}; {@code initial} describes it if nothing is there yet. Waits for
     * the disk.
     */
    static ReplicaState load(Engine engine, RegionDescriptor initial) {
        byte[] storedDescriptor = engine.get(Family.RANGE, RangeState.descriptorKey(initial.id()));
        RegionDescriptor descriptor =
                storedDescriptor == null ? initial : RegionDescriptorCodec.decode(storedDescriptor);
        byte[] storedApplied = engine.get(Family.RANGE, RangeState.appliedKey(initial.id()));
        Applied applied = storedApplied == null ? Applied.NONE : RangeState.decodeApplied(storedApplied);
        ReplicaState state = new ReplicaState(
                initial,
                descriptor,
                applied,
                InstanceState.load(engine, initial.id()),
                HistoryState.load(engine, initial.id()),
                LockTable.load(
                        engine.cursor(Family.LOCK, descriptor.start(), descriptor.end(), false, false), descriptor));
        byte[] from = RangeState.stagedStart(initial.id());
        byte[] to = RangeState.stagedEnd(initial.id());
        try (Engine.Cursor notes = engine.cursor(Family.RANGE, from, to, false, false)) {
            while (notes.next()) {
                state.staged.add(RangeState.stagedDetailOf(notes.key()));
            }
        }
        return state;
    }

    /** Returns what the replica was created as. */
    RegionDescriptor initial() {
        return initial;
    }

    /** Returns the locks, as applied. */
    LockTable locks() {
        return locks;
    }

    RegionDescriptor descriptor() {
        return descriptor;
    }

    Applied applied() {
        return applied;
    }

    Map<Integer, Long> keys() {
        return instances.keys();
    }

    /** Returns the instance of {@code database}: its own number until a flush or swap maps it elsewhere (rule K19). */
    int instance(int database) {
        return instances.instance(database);
    }

    long applyCounter() {
        return applyCounter;
    }

    /** The applying thread is about to change the engine. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    void beginApply() {
        applyCounter++;
        assert (applyCounter & 1) == 1;
    }

    /** The applying thread has changed the engine, and this is the state now. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    void endApply(Applied nowApplied, InstanceState nowInstances, HistoryState nowHistory) {
        applied = nowApplied;
        instances = nowInstances;
        history = nowHistory;
        applyCounter++;
        assert (applyCounter & 1) == 0;
    }

    /**
     * The applying thread has split this range off {@code child}: from here on it is {@code narrowed}. After
     * {@link #beginApply} and before {@link #endApply}.
     */
    void split(RegionDescriptor narrowed, RegionDescriptor child) {
        List<RegionDescriptor> all = new ArrayList<>(children);
        all.add(child);
        children = List.copyOf(all.size() > CHILDREN_MAX ? all.subList(1, all.size()) : all);
        descriptor = narrowed;
        locks.keepWithin(narrowed);
        staged.removeIf(detail -> !narrowed.contains(RangeState.stagedStem(detail)));
    }

    /**
     * The applying thread has learnt the range's voters: it is {@code now}, with the bounds it had. After
     * {@link #beginApply} and before {@link #endApply}.
     */
    void members(RegionDescriptor now) {
        descriptor = now;
    }

    /** Returns what whoever knows another epoch of this range is to be told: this range, and what it was split into. */
    List<RegionDescriptor> current() {
        List<RegionDescriptor> all = new ArrayList<>(children);
        all.add(descriptor);
        return all;
    }

    /** The applying thread has replaced all of the engine's state: reads it anew. After {@link #beginApply}. */
    void reload(Engine engine) {
        ReplicaState loaded = load(engine, initial);
        descriptor = loaded.descriptor;
        staged.clear();
        staged.addAll(loaded.staged);
        locks.copy(loaded.locks);
        endApply(loaded.applied, loaded.instances, loaded.history);
    }

    InstanceState instances() {
        return instances;
    }

    /** Returns what is kept of the past, as applied. */
    HistoryState history() {
        return history;
    }

    /** Returns the notes of what is staged, as applied; changed by the applying thread alone. */
    NavigableSet<byte[]> staged() {
        return staged;
    }

    void requireInRange(byte[] key) {
        if (!descriptor.contains(key)) {
            throw OutOfRange.SIGNAL;
        }
    }

    byte[] clipStart(byte[] from) {
        return clipStart(descriptor, from);
    }

    byte[] clipEnd(byte[] to) {
        return clipEnd(descriptor, to);
    }

    /** Returns {@code from}, or the start of {@code descriptor}'s range if that is later. */
    static byte[] clipStart(RegionDescriptor descriptor, byte[] from) {
        byte[] start = descriptor.start();
        return Arrays.compareUnsigned(from, start) < 0 ? start : from;
    }

    /** Returns {@code to}, or the end of {@code descriptor}'s range if that is earlier; empty is no bound. */
    static byte[] clipEnd(RegionDescriptor descriptor, byte[] to) {
        byte[] end = descriptor.end();
        if (to.length == 0) {
            return end;
        }
        return end.length == 0 || Arrays.compareUnsigned(to, end) <= 0 ? to : end;
    }
}
