package io.kvasir.txn.percolator;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.KeyLock;
import io.kvasir.region.RangeTransaction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides a transaction's fate at its primary, or learns it: the one place where a fate is made (Percolator §2.2, rules
 * K5, K7). The record of the fate, what becomes of the keys in the primary's range and the end of their locks are one
 * entry. Once made a fate stands: a rollback is protected by its record against a commit or prewrite that comes late.
 *
 * <p>Answers an integer: the commit timestamp, {@link #GONE} if it was rolled back, {@link #ALIVE} if it is undecided
 * and not to be touched yet.
 *
 * @param start start timestamp, the transaction's name
 * @param primary stem of its primary key
 * @param commit commit timestamp, with {@link Kind#COMMIT}; else 0
 */
public record Decide(Kind kind, long start, byte[] primary, long commit) implements Percolator.Step {

    public static final String NAME = "TXN.DECIDE";

    /** The answer of a transaction that was rolled back. */
    public static final long GONE = -1;

    /** The answer of a transaction whose coordinator may still be at work. */
    public static final long ALIVE = 0;

    /** What is to be done. */
    public enum Kind {
        /** Commit: the coordinator's alone, once all keys are locked. */
        COMMIT,
        /** Roll back unless it has committed: the coordinator's. */
        ROLL_BACK,
        /** Roll back if its time is up: whoever meets one of its locks. */
        CHECK,
        /** Forget the fate: all keys are known to be resolved, and no commit is on its way any more (rule K6). */
        FORGET
    }

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
        return List.of(primary);
    }

    /** Returns none that matters: what it writes is locked until that is visible, and no read passes a lock (K16). */
    @Override
    public List<byte[]> userKeys() {
        return Percolator.LOCKED_KEYS;
    }

    @Override
    public Reply runAt(RangeTransaction range) {
        range.passLocks();
        byte[] recorded = range.fate(primary, start);
        if (recorded != null) {
            if (kind == Kind.FORGET && range.locksOf(start).isEmpty()) {
                range.deleteFate(primary, start);
            }
            Fate fate = Fate.decode(recorded);
            return new Reply.Int(fate.commit() == 0 ? GONE : fate.commit());
        }
        KeyLock lock = primaryLock(range);
        return switch (kind) {
            case COMMIT -> lock == null ? new Reply.Int(GONE) : decided(range, commit);
            case ROLL_BACK -> decided(range, 0);
            case CHECK -> isAlive(range, lock) ? new Reply.Int(ALIVE) : decided(range, 0);
            case FORGET -> new Reply.Int(GONE);
        };
    }

    private @Nullable KeyLock primaryLock(RangeTransaction range) {
        for (KeyLock lock : range.locks(primary)) {
            if (lock.owner() == start) {
                return lock;
            }
        }
        return null;
    }

    /** A primary that is not locked may still be on its way, for as long as a lock may stand. */
    private boolean isAlive(RangeTransaction range, @Nullable KeyLock lock) {
        return lock != null
                ? !TxnLock.of(lock).isExpired(range.timeMillis())
                : Timestamp.millis(start) + Percolator.TTL_MILLIS > range.timeMillis();
    }

    private Reply decided(RangeTransaction range, long at) {
        range.putFate(primary, start, new Fate(at).encode());
        Resolve.all(range, start, at);
        return new Reply.Int(at == 0 ? GONE : at);
    }

    @Override
    public void write(WireWriter out) {
        out.u8(kind.ordinal() + 1).i64(start).bytes(primary).i64(commit);
    }

    static Decide read(WireReader in) {
        int kind = in.u8();
        if (kind < 1 || kind > Kind.values().length) {
            throw new IllegalArgumentException("unknown decision " + kind);
        }
        return new Decide(Kind.values()[kind - 1], in.i64(), in.bytes(), in.i64());
    }
}
