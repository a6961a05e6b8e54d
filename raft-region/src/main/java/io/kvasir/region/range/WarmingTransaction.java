package io.kvasir.region.range;

import io.kvasir.proto.key.Version;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.EventCode;
import io.kvasir.region.Transaction;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.NotCached;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings into memory what a command reads, by running it over applied state: it waits for the disk, takes the newest
 * known timestamp for the time, passes locks, and throws away what comes of it. Writes go on, because what a command
 * reads after its first write is to be warm too; they are seen by the command and by nobody else.
 *
 * <p>Ends where a command draws at random, changes the map of databases, or passes a budget. Confined to the thread
 * that made it, for one command.
 */
final class WarmingTransaction implements Transaction {

    private final Engine engine;
    private final RecordCache cache;
    private final ReplicaState state;
    private final TimestampSource time;
    private final Examination examination;
    private final long writtenBytesMax;
    private final Overlay written = new Overlay();
    private final Batch none = new Batch(List.of());
    private final Version version;

    private long writtenBytes;

    WarmingTransaction(
            Engine engine, RecordCache cache, ReplicaState state, TimestampSource time, RangeSettings settings) {
        this.engine = engine;
        this.cache = cache;
        this.state = state;
        this.time = time;
        this.examination = new Examination(settings.recordsExaminedMax(), settings.bytesExaminedMax());
        this.writtenBytesMax = settings.commandEffectBytesMax();
        this.version = new Version(time.newestIssued(), 0);
    }

    @Override
    public long timestamp() {
        return version.timestamp();
    }

    @Override
    public long timeMillis() {
        return Timestamp.millis(version.timestamp());
    }

    @Override
    public boolean isExpired(long expiryMillis) {
        return expiryMillis != 0 && expiryMillis <= timeMillis();
    }

    @Override
    public int instance(int database) {
        return state.instance(database);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        Overlay.Pending own = written.get(key);
        return own != null ? own.payload : stored(key).payload();
    }

    @Override
    public Version version(byte[] key) {
        Overlay.Pending own = written.get(key);
        if (own != null) {
            return own.payload == null ? Version.NONE : own.version;
        }
        return stored(key).version();
    }

    private RecordCache.Cached stored(byte[] key) {
        state.requireInRange(key);
        RecordCache.Cached record = cache.fetch(key);
        examination.count(record.payloadBytes());
        return record;
    }

    @Override
    public Version removedUpTo(byte[] rootKey) {
        return new Version(time.newestIssued(), Integer.MAX_VALUE);
    }

    @Override
    public Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        byte[] first = state.clipStart(from);
        byte[] last = state.clipEnd(to);
        if (last.length != 0 && Arrays.compareUnsigned(first, last) >= 0) {
            last = first;
        }
        return new MergedCursor(
                engine.cursor(Family.NEWEST, first, last, descending, false),
                written.range(first, last),
                descending,
                examination);
    }

    @Override
    public void put(byte[] key, byte[] payload) {
        write(key, payload, payload.length);
    }

    @Override
    public void delete(byte[] key) {
        write(key, null, 0);
    }

    private void write(byte[] key, byte @Nullable [] payload, int payloadBytes) {
        writtenBytes += key.length + payloadBytes;
        if (writtenBytes > writtenBytesMax) {
            throw OverBudget.SIGNAL;
        }
        Overlay.Pending unused = written.put(key, new Overlay.Pending(payload, version, none));
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

    @Override
    public Version generation() {
        return version;
    }

    @Override
    public void takesLong() {
        throw OverBudget.SIGNAL;
    }

    /** Another draw than the owner's would read other records. */
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

    // What nobody reads.

    @Override
    public void requireMarked(byte[] userKey) {}

    @Override
    public void nextCommand() {}

    @Override
    public void deleteRange(byte[] from, byte[] to) {}

    @Override
    public void moveExpiry(byte[] rootKey, long oldMillis, long newMillis) {}

    @Override
    public void addKeys(byte[] key, int instance, long delta) {}

    @Override
    public void event(EventCode code, byte[] rootKey) {}
}
