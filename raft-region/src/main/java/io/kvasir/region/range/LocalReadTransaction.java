package io.kvasir.region.range;

import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.EventCode;
import io.kvasir.region.Transaction;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.NotCached;
import org.jspecify.annotations.Nullable;

/**
 * A read of applied state at "now", without a timestamp and without the owner. Whatever needs more than memory holds (a
 * record on disk, the exact time, a write) is signalled by {@link NotCached}, and the command goes to the owner.
 *
 * <p>Confined to the thread that made it, for one command.
 */
final class LocalReadTransaction implements Transaction {

    private static final Overlay NO_OVERLAY = new Overlay();

    private final Engine engine;
    private final RecordCache cache;
    private final ReplicaState state;
    private final TimestampSource time;
    private final boolean mayWait;
    private final Examination examination;

    private int reads;
    private boolean missed;

    /** @param mayWait whether a read waits for the disk where memory does not hold a record, or ends there */
    LocalReadTransaction(
            Engine engine,
            RecordCache cache,
            ReplicaState state,
            TimestampSource time,
            Examination examination,
            boolean mayWait) {
        this.examination = examination;
        this.engine = engine;
        this.cache = cache;
        this.state = state;
        this.time = time;
        this.mayWait = mayWait;
    }

    /** Returns whether a record was looked up that only the disk has, so that the read ended. */
    boolean missed() {
        return missed;
    }

    /**
     * Returns how many records were looked up; with more than one, the caller checks that none was written meanwhile.
     */
    int reads() {
        return reads;
    }

    @Override
    public long timestamp() {
        throw NotCached.SIGNAL;
    }

    @Override
    public long timeMillis() {
        return Timestamp.millis(timestamp());
    }

    /**
     * Expired at or below a timestamp already issued, alive at or above one not reached yet; else only the oracle
     * knows.
     */
    @Override
    public boolean isExpired(long expiryMillis) {
        if (expiryMillis == 0) {
            return false;
        }
        if (expiryMillis <= Timestamp.millis(time.newestIssued())) {
            return true;
        }
        long bound = time.bound();
        if (expiryMillis > Timestamp.millis(bound) && bound != 0) {
            return false;
        }
        throw NotCached.SIGNAL;
    }

    @Override
    public int instance(int database) {
        if (!state.locks().isEmpty()
                && !state.locks()
                        .of(OwnedKey.mapStem(state.descriptor().start()))
                        .isEmpty()) {
            throw NotCached.SIGNAL;
        }
        return state.instance(database);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return stored(key).payload();
    }

    @Override
    public Version version(byte[] key) {
        return stored(key).version();
    }

    @Override
    public Version removedUpTo(byte[] rootKey) {
        throw NotCached.SIGNAL;
    }

    @Override
    public void nextCommand() {}

    @Override
    public void requireMarked(byte[] userKey) {}

    private RecordCache.Cached stored(byte[] key) {
        state.requireInRange(key);
        reads++;
        if (!state.locks().isEmpty() && state.locks().exclusive(key) != null) {
            throw NotCached.SIGNAL;
        }
        RecordCache.Cached record = cache.get(key, mayWait);
        if (record == null) {
            missed = true;
            throw NotCached.SIGNAL;
        }
        examination.count(record.payloadBytes());
        return record;
    }

    @Override
    public Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        reads += 2;
        if (!state.locks().exclusiveWithin(from, to).isEmpty()) {
            throw NotCached.SIGNAL;
        }
        return new MergedCursor(
                engine.cursor(Family.NEWEST, state.clipStart(from), state.clipEnd(to), descending, !mayWait),
                NO_OVERLAY.range(from, to),
                descending,
                examination);
    }

    @Override
    public long keys(int instance) {
        return state.keys().getOrDefault(instance, 0L);
    }

    @Override
    public byte[] rangeStart() {
        return state.descriptor().start();
    }

    @Override
    public byte[] rangeEnd() {
        return state.descriptor().end();
    }

    /** What goes on here stands in for the owner. */
    @Override
    public void takesLong() {
        throw OverBudget.SIGNAL;
    }

    @Override
    public long random() {
        throw NotCached.SIGNAL;
    }

    @Override
    public void mapInstance(int database, int instance) {
        throw NotCached.SIGNAL;
    }

    @Override
    public void forgetInstance(int instance) {
        throw NotCached.SIGNAL;
    }

    @Override
    public void put(byte[] key, byte[] payload) {
        throw NotCached.SIGNAL;
    }

    @Override
    public void delete(byte[] key) {
        throw NotCached.SIGNAL;
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) {
        throw NotCached.SIGNAL;
    }

    @Override
    public void moveExpiry(byte[] rootKey, long oldMillis, long newMillis) {
        throw NotCached.SIGNAL;
    }

    @Override
    public void addKeys(byte[] key, int instance, long delta) {
        throw NotCached.SIGNAL;
    }

    @Override
    public Version generation() {
        throw NotCached.SIGNAL;
    }

    @Override
    public void event(EventCode code, byte[] rootKey) {
        throw NotCached.SIGNAL;
    }
}
