package io.kvasir.txn.percolator;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.KeyLock;
import io.kvasir.region.RangeTransaction;
import java.util.List;

/**
 * Does in one range what a transaction's fate says, which is recorded at its primary already: all its locks there go by
 * one entry (rule K16). Any number of times. Answers the number of locks that were left.
 *
 * @param start start timestamp, the transaction's name
 * @param commit commit timestamp, 0 if it was rolled back
 */
public record Resolve(long start, long commit) implements Percolator.Step {

    public static final String NAME = "TXN.RESOLVE";

    @Override
    public String procedure() {
        return NAME;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public List<byte[]> stems() {
        return List.of();
    }

    /** Returns none that matters: what it writes is locked until that is visible, and no read passes a lock (K16). */
    @Override
    public List<byte[]> userKeys() {
        return Percolator.LOCKED_KEYS;
    }

    @Override
    public Reply runAt(RangeTransaction range) {
        range.passLocks();
        return Reply.of(all(range, start, commit));
    }

    /** Makes the writes of all locks of {@code start} at {@code commit}, or none if it is 0, and removes the locks. */
    static int all(RangeTransaction range, long start, long commit) {
        List<KeyLock> locks = range.locksOf(start);
        if (commit != 0 && !locks.isEmpty()) {
            range.commitAt(commit);
            for (KeyLock lock : locks) {
                TxnLock.of(lock).writes().applyTo(range);
            }
        }
        locks.forEach(range::unlock);
        return locks.size();
    }

    @Override
    public void write(WireWriter out) {
        out.i64(start).i64(commit);
    }

    static Resolve read(WireReader in) {
        return new Resolve(in.i64(), in.i64());
    }
}
