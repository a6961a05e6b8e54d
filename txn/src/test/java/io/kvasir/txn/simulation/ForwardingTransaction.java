package io.kvasir.txn.simulation;

import io.kvasir.proto.key.Version;
import io.kvasir.region.EventCode;
import io.kvasir.region.Invocation;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeySpan;
import io.kvasir.region.RangeTransaction;
import io.kvasir.store.engine.Engine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hands everything on to another transaction; a mutation overrides what it does wrong. */
class ForwardingTransaction implements RangeTransaction {

    final RangeTransaction range;

    ForwardingTransaction(RangeTransaction range) {
        this.range = range;
    }

    @Override
    public void passLocks() {
        range.passLocks();
    }

    @Override
    public void recordChecksum(long id) {
        range.recordChecksum(id);
    }

    @Override
    public void keepPast(int database, long millis, long horizon) {
        range.keepPast(database, millis, horizon);
    }

    @Override
    public SnapshotRecord pastRecord(long timestamp, byte[] key) {
        return range.pastRecord(timestamp, key);
    }

    @Override
    public Engine.Cursor scanPast(long timestamp, byte[] from, byte[] to, boolean descending) {
        return range.scanPast(timestamp, from, to, descending);
    }

    @Override
    public int pastInstance(long timestamp, int database) {
        return range.pastInstance(timestamp, database);
    }

    @Override
    public byte[] mapStem() {
        return range.mapStem();
    }

    @Override
    public byte[] spanStem(int number) {
        return range.spanStem(number);
    }

    @Override
    public List<KeyLock> locks(byte[] stem) {
        return range.locks(stem);
    }

    @Override
    public List<KeyLock> locksOf(long owner) {
        return range.locksOf(owner);
    }

    @Override
    public @Nullable KeyLock anyLockBut(long owner) {
        return range.anyLockBut(owner);
    }

    @Override
    public List<KeyLock> locksWithin(byte[] from, byte[] to) {
        return range.locksWithin(from, to);
    }

    @Override
    public List<KeyLock> spansOver(byte[] stem) {
        return range.spansOver(stem);
    }

    @Override
    public List<Invocation> waiting(byte[] stem) {
        return range.waiting(stem);
    }

    @Override
    public List<Invocation> waitingWithin(KeySpan span) {
        return range.waitingWithin(span);
    }

    @Override
    public void reportOverdue(KeyLock lock) {
        range.reportOverdue(lock);
    }

    @Override
    public void lock(KeyLock lock) {
        range.lock(lock);
    }

    @Override
    public void unlock(KeyLock lock) {
        range.unlock(lock);
    }

    @Override
    public byte @Nullable [] fate(byte[] stem, long owner) {
        return range.fate(stem, owner);
    }

    @Override
    public void putFate(byte[] stem, long owner, byte[] fate) {
        range.putFate(stem, owner, fate);
    }

    @Override
    public void deleteFate(byte[] stem, long owner) {
        range.deleteFate(stem, owner);
    }

    @Override
    public long removedAt(byte[] rootKey) {
        return range.removedAt(rootKey);
    }

    @Override
    public boolean hasChangedSince(long timestamp, KeySpan span) {
        return range.hasChangedSince(timestamp, span);
    }

    @Override
    public void commitAt(long commit) {
        range.commitAt(commit);
    }

    @Override
    public SnapshotRecord recordAt(long timestamp, byte[] key) {
        return range.recordAt(timestamp, key);
    }

    @Override
    public Engine.Cursor scanAt(long timestamp, byte[] from, byte[] to, boolean descending) {
        return range.scanAt(timestamp, from, to, descending);
    }

    @Override
    public int instanceAt(long timestamp, int database) {
        return range.instanceAt(timestamp, database);
    }

    @Override
    public boolean pin(long timestamp) {
        return range.pin(timestamp);
    }

    @Override
    public void unpin(long timestamp) {
        range.unpin(timestamp);
    }

    @Override
    public Engine.Cursor scanPinned(long timestamp, byte[] from, byte[] to, boolean descending) {
        return range.scanPinned(timestamp, from, to, descending);
    }

    @Override
    public void requireMarked(byte[] userKey) {
        range.requireMarked(userKey);
    }

    @Override
    public long timestamp() {
        return range.timestamp();
    }

    @Override
    public long timeMillis() {
        return range.timeMillis();
    }

    @Override
    public boolean isExpired(long expiryMillis) {
        return range.isExpired(expiryMillis);
    }

    @Override
    public int instance(int database) {
        return range.instance(database);
    }

    @Override
    public void mapInstance(int database, int instance) {
        range.mapInstance(database, instance);
    }

    @Override
    public void forgetInstance(int instance) {
        range.forgetInstance(instance);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return range.get(key);
    }

    @Override
    public Version version(byte[] key) {
        return range.version(key);
    }

    @Override
    public Version removedUpTo(byte[] rootKey) {
        return range.removedUpTo(rootKey);
    }

    @Override
    public Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        return range.scan(from, to, descending);
    }

    @Override
    public void put(byte[] key, byte[] payload) {
        range.put(key, payload);
    }

    @Override
    public void delete(byte[] key) {
        range.delete(key);
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) {
        range.deleteRange(from, to);
    }

    @Override
    public void moveExpiry(byte[] rootKey, long oldMillis, long newMillis) {
        range.moveExpiry(rootKey, oldMillis, newMillis);
    }

    @Override
    public void addKeys(byte[] key, int instance, long delta) {
        range.addKeys(key, instance, delta);
    }

    @Override
    public long keys(int instance) {
        return range.keys(instance);
    }

    @Override
    public byte[] rangeStart() {
        return range.rangeStart();
    }

    @Override
    public byte[] rangeEnd() {
        return range.rangeEnd();
    }

    @Override
    public Version generation() {
        return range.generation();
    }

    @Override
    public void nextCommand() {
        range.nextCommand();
    }

    @Override
    public void takesLong() {
        range.takesLong();
    }

    @Override
    public long newestWrite() {
        return range.newestWrite();
    }

    @Override
    public long random() {
        return range.random();
    }

    @Override
    public void event(EventCode code, byte[] rootKey) {
        range.event(code, rootKey);
    }
}
