package io.kvasir.txn.percolator;

import io.kvasir.proto.time.Timestamp;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.KeyLock;
import java.util.ArrayList;
import java.util.List;

/**
 * What a lock says beside its key and its owner; the payload of a {@link KeyLock}. Specified in
 * {@code docs/keyspace.md}, "Locks and fates". Immutable.
 *
 * @param age start timestamp of the transaction's first attempt: the older waits, the younger gives way (rule K18)
 * @param prewritten timestamp of the batch that locked: the commit timestamp will not be below it
 * @param ttlMillis how long after {@code prewritten} others leave the transaction alone
 * @param primary stem of the key at which the transaction's fate is decided
 * @param keys stems of all keys it locks, written or guarded; at the primary alone, empty elsewhere (rule K4)
 * @param writes what becomes of the key when the transaction commits
 */
public record TxnLock(long age, long prewritten, int ttlMillis, byte[] primary, List<byte[]> keys, WriteSet writes) {

    private static final int FORMAT = 1;

    byte[] encode() {
        WireWriter out = new WireWriter(64 + primary.length);
        out.u8(FORMAT).i64(age).i64(prewritten).varint(ttlMillis).bytes(primary).varint(keys.size());
        keys.forEach(out::bytes);
        writes.write(out);
        return out.toBytes();
    }

    /** Reads the payload of {@code lock}. */
    public static TxnLock of(KeyLock lock) {
        WireReader in = new WireReader(lock.payload());
        in.version("lock", FORMAT);
        long age = in.i64();
        long prewritten = in.i64();
        int ttlMillis = in.varint("time to live", 0, Integer.MAX_VALUE);
        byte[] primary = in.bytes();
        List<byte[]> keys = new ArrayList<>();
        for (int left = in.count("keys of a lock", Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            keys.add(in.bytes());
        }
        WriteSet writes = WriteSet.read(in);
        in.end();
        return new TxnLock(age, prewritten, ttlMillis, primary, keys, writes);
    }

    /**
     * Returns whether a reader at {@code timestamp} may pass {@code lock}, of which this is the payload: nothing is
     * written by it, or surely above the timestamp.
     */
    boolean isPassedAt(KeyLock lock, long timestamp) {
        return lock.shared() || prewritten > timestamp;
    }

    /** Returns whether others need not wait for the transaction any longer, at {@code nowMillis} of the oracle. */
    public boolean isExpired(long nowMillis) {
        return Timestamp.millis(prewritten) + ttlMillis <= nowMillis;
    }
}
