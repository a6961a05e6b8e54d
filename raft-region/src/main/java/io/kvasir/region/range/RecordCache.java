package io.kvasir.region.range;

import io.kvasir.proto.key.Version;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The records of {@link Family#NEWEST} that were read or written last, of all ranges of a store, in memory: a record
 * here costs a tenth of one read from the engine. That a key is absent is kept too.
 *
 * <p><b>Model.</b> A record may stand in any of the few slots of its key's set. Readers look without a lock. A set is
 * changed by whoever moves its stamp from even to odd, and back to even when done, so every change moves the stamp.
 *
 * <p><b>Invariant</b> (rule K16). A record here is what the engine holds, unless the applying thread of its range is
 * between {@link #forget} and {@link #replace} of its key. A reader that missed takes the stamp <em>before</em> it
 * reads the engine and puts its find here only if the stamp has not moved since; the applying thread moves it before it
 * writes the engine, and again after. So what was read before a write never gets here after it, and while the engine is
 * being written the cache says nothing of the key: who has seen the new record does not see the old one again.
 *
 * <p><b>Bound.</b> Bytes, counted with their overhead. Past it the slots are emptied in turn, but a record that was
 * found here since its turn came last is passed over once (CLOCK): a storm of records that are read once takes the
 * place of its own kind, not of those that are read all the time. Safe for any thread; no method waits, but
 * {@link #get} when asked to.
 */
public final class RecordCache {

    private static final int WAYS = 4;

    /** Slots are dear to fill and cheap to have: there are more than records of the usual size fit. */
    private static final int BYTES_PER_SLOT = 96;

    private static final int SLOTS_MIN = 64;
    private static final int SLOTS_MAX = 1 << 26;

    /** Larger records are left to the engine: reading them costs little more than copying them. */
    private static final int RECORD_BYTES_MAX = 16 * 1024;

    /** Bytes of a record's objects beside key and payload. */
    private static final int OVERHEAD_BYTES = 80;

    private final Engine engine;
    private final long bytesMax;
    private final int setMask;
    private final AtomicIntegerArray stamps;
    private final AtomicReferenceArray<@Nullable Cached> slots;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger hand = new AtomicInteger();

    /** A record as the engine holds it. Its arrays are shared: nobody may change them. */
    static final class Cached {

        private final int hash;
        private final byte[] key;
        private final long timestamp;
        private final int ordinal;
        private final byte @Nullable [] payload;

        /** Whether it was found here since its turn came last. Any thread; a mark that is lost costs a read. */
        private boolean found;

        private Cached(int hash, byte[] key, Version version, byte @Nullable [] payload) {
            this.hash = hash;
            this.key = key;
            this.timestamp = version.timestamp();
            this.ordinal = version.ordinal();
            this.payload = payload;
        }

        /** Returns its content, null if the key is absent. */
        byte @Nullable [] payload() {
            return payload;
        }

        int payloadBytes() {
            return payload == null ? 0 : payload.length;
        }

        /** Returns its version, {@link Version#NONE} if the key is absent. */
        Version version() {
            return payload == null ? Version.NONE : new Version(timestamp, ordinal);
        }

        private int bytes() {
            return OVERHEAD_BYTES + key.length + (payload == null ? 0 : payload.length);
        }
    }

    /** Makes an empty cache before {@code engine} that holds up to {@code bytesMax}. */
    public RecordCache(Engine engine, long bytesMax) {
        this.engine = engine;
        this.bytesMax = bytesMax;
        int slotCount = Integer.highestOneBit(Math.clamp(bytesMax / BYTES_PER_SLOT, SLOTS_MIN / 2, SLOTS_MAX / 2)) << 1;
        setMask = slotCount / WAYS - 1;
        stamps = new AtomicIntegerArray(slotCount / WAYS);
        slots = new AtomicReferenceArray<>(slotCount);
    }

    /**
     * Returns the newest record at {@code key}.
     *
     * @param mayWait whether to read the disk if memory does not have it
     * @return null if only the disk has it and this may not wait
     */
    @Nullable
    Cached get(byte[] key, boolean mayWait) {
        return get(key, mayWait, !mayWait);
    }

    /** Returns the newest record at {@code key}, from the disk if need be, and keeps it: it will be asked for soon. */
    Cached fetch(byte[] key) {
        return Objects.requireNonNull(get(key, true, true), "a read that waits finds out");
    }

    private @Nullable Cached get(byte[] key, boolean mayWait, boolean keep) {
        int hash = hash(key);
        int set = hash & setMask;
        Cached found = find(set, hash, key);
        if (found != null) {
            return found;
        }
        int stamp = stamps.get(set);
        byte[] stamped;
        if (mayWait) {
            stamped = engine.get(Family.NEWEST, key);
        } else {
            Engine.Lookup lookup = engine.getCached(Family.NEWEST, key);
            if (!lookup.known()) {
                return null;
            }
            stamped = lookup.value();
        }
        Cached read = stamped == null
                ? new Cached(hash, key, Version.NONE, null)
                : new Cached(hash, key, Version.read(stamped, 0), MergedCursor.payloadOf(stamped));
        // What came from the disk is not kept at once. If it is asked for again soon, its block is in memory, and then
        // it is; most of a storm of cold reads is not, and would only have the collector copy it, which stops
        // everybody.
        if (keep
                && (stamp & 1) == 0
                && read.bytes() <= RECORD_BYTES_MAX
                && stamps.compareAndSet(set, stamp, stamp + 1)) {
            place(set, read);
            stamps.set(set, stamp + 2);
            trim();
        }
        return read;
    }

    /** Drops what is known of {@code key}, which the caller is about to write to the engine. Applying thread. */
    void forget(byte[] key) {
        int hash = hash(key);
        int set = hash & setMask;
        int stamp = lock(set);
        drop(set, hash, key);
        stamps.set(set, stamp + 1);
    }

    /**
     * Takes what the caller has written to the engine at {@code key}, after {@link #forget}. Applying thread.
     *
     * @param payload null if it was deleted
     * @param keep whether it is worth its memory; if not, only the stamp moves
     */
    void replace(byte[] key, Version version, byte @Nullable [] payload, boolean keep) {
        int hash = hash(key);
        int set = hash & setMask;
        Cached written = new Cached(hash, key, version, payload);
        int stamp = lock(set);
        if (keep && written.bytes() <= RECORD_BYTES_MAX) {
            place(set, written);
        } else {
            drop(set, hash, key);
        }
        stamps.set(set, stamp + 1);
        trim();
    }

    /**
     * Drops what is known of the keys from {@code from} to {@code to}, excluded. Called before and after they are
     * deleted.
     */
    void forgetRange(byte[] from, byte[] to) {
        for (int set = 0; set <= setMask; set++) {
            int stamp = lock(set);
            for (int slot = set * WAYS; slot < (set + 1) * WAYS; slot++) {
                Cached record = slots.get(slot);
                if (record != null
                        && Arrays.compareUnsigned(record.key, from) >= 0
                        && (to.length == 0 || Arrays.compareUnsigned(record.key, to) < 0)) {
                    put(slot, null);
                }
            }
            stamps.set(set, stamp + 1);
        }
    }

    /** Returns the bytes it holds, with their overhead. */
    public long bytes() {
        return bytes.get();
    }

    private @Nullable Cached find(int set, int hash, byte[] key) {
        for (int slot = set * WAYS; slot < (set + 1) * WAYS; slot++) {
            Cached record = slots.get(slot);
            if (record != null && record.hash == hash && Arrays.equals(record.key, key)) {
                if (!record.found) {
                    record.found = true;
                }
                return record;
            }
        }
        return null;
    }

    /** Makes this thread the one that changes {@code set}; returns its stamp, odd, to be set to one more when done. */
    private int lock(int set) {
        while (true) {
            int stamp = stamps.get(set);
            if ((stamp & 1) == 0 && stamps.compareAndSet(set, stamp, stamp + 1)) {
                return stamp + 1;
            }
            Thread.onSpinWait();
        }
    }

    /** Puts {@code record} where its key stands, or in a free slot, or in place of another. The caller has the set. */
    private void place(int set, Cached record) {
        int first = set * WAYS;
        int free = -1;
        for (int slot = first; slot < first + WAYS; slot++) {
            Cached there = slots.get(slot);
            if (there == null) {
                free = free < 0 ? slot : free;
            } else if (there.hash == record.hash && Arrays.equals(there.key, record.key)) {
                record.found = there.found;
                put(slot, record);
                return;
            }
        }
        put(free < 0 ? leastFound(set) : free, record);
    }

    /** Returns a slot of {@code set}, all of which are taken, whose turn it is, passing over what was found lately. */
    private int leastFound(int set) {
        int turn = stamps.get(set) >>> 1;
        for (int i = 0; i < WAYS; i++) {
            int slot = set * WAYS + (turn + i & WAYS - 1);
            Cached there = slots.get(slot);
            if (there == null || !there.found) {
                return slot;
            }
            there.found = false;
        }
        return set * WAYS + (turn & WAYS - 1);
    }

    private void drop(int set, int hash, byte[] key) {
        for (int slot = set * WAYS; slot < (set + 1) * WAYS; slot++) {
            Cached there = slots.get(slot);
            if (there != null && there.hash == hash && Arrays.equals(there.key, key)) {
                put(slot, null);
                return;
            }
        }
    }

    private void put(int slot, @Nullable Cached record) {
        Cached before = slots.getAndSet(slot, record);
        long change = (record == null ? 0L : record.bytes()) - (before == null ? 0L : before.bytes());
        if (change != 0) {
            bytes.addAndGet(change);
        }
    }

    /**
     * Empties slots in turn until the bytes are within their bound; two rounds do, since the first takes all marks.
     * Emptying one needs no stamp: nothing wrong gets in.
     */
    private void trim() {
        for (int left = 2 * slots.length(); left > 0 && bytes.get() > bytesMax; left--) {
            int slot = hand.getAndIncrement() & slots.length() - 1;
            Cached there = slots.get(slot);
            if (there != null && there.found && left > slots.length()) {
                there.found = false;
            } else if (there != null) {
                put(slot, null);
            }
        }
    }

    private static int hash(byte[] key) {
        int hash = Arrays.hashCode(key) * 0x9E3779B9;
        return hash ^ hash >>> 15;
    }
}
