package io.kvasir.region.range;

import io.kvasir.proto.key.Version;
import java.util.Arrays;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of {@link io.kvasir.store.engine.Family#NEWEST} as the batches under way will leave them: what the leader
 * evaluates over, before it looks into the engine.
 *
 * <p>Range deletes are not kept here: they are of dead generations, which no root refers to and nobody reads. Confined
 * to the range's owner thread.
 */
final class Overlay {

    /** A record as left by a command that is not applied yet; {@code payload} is null for a deleted one. */
    static final class Pending {

        final byte @Nullable [] payload;
        final Version version;
        final Batch batch;

        /** Set when a later command of the same batch wrote the key again, so that this write need not be sent. */
        boolean superseded;

        Pending(byte @Nullable [] payload, Version version, Batch batch) {
            this.payload = payload;
            this.version = version;
            this.batch = batch;
        }
    }

    private final TreeMap<byte[], Pending> records = new TreeMap<>(Arrays::compareUnsigned);

    @Nullable
    Pending get(byte[] key) {
        return records.get(key);
    }

    /** Puts {@code pending} at {@code key} and returns what was there, for {@link #undo}. */
    @Nullable
    Pending put(byte[] key, Pending pending) {
        Pending before = records.put(key, pending);
        if (before != null && before.batch == pending.batch) {
            before.superseded = true;
        }
        return before;
    }

    /** Takes back the last {@link #put} at {@code key}, which returned {@code before}. */
    void undo(byte[] key, @Nullable Pending before) {
        if (before == null) {
            records.remove(key);
        } else {
            before.superseded = false;
            records.put(key, before);
        }
    }

    /** Forgets {@code pending} at {@code key}, if it still stands there: the engine has it now, or nobody ever will. */
    void forget(byte[] key, Pending pending) {
        records.remove(key, pending);
    }

    NavigableMap<byte[], Pending> range(byte[] from, byte[] to) {
        return range(records, from, to);
    }

    /** Returns the part of {@code records} from {@code from} inclusive to {@code to} exclusive; empty is no bound. */
    static NavigableMap<byte[], Pending> range(NavigableMap<byte[], Pending> records, byte[] from, byte[] to) {
        if (to.length != 0 && Arrays.compareUnsigned(from, to) >= 0) {
            return Collections.emptyNavigableMap();
        }
        return to.length == 0 ? records.tailMap(from, true) : records.subMap(from, true, to, false);
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    void clear() {
        records.clear();
    }
}
