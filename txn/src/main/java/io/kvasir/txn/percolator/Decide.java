package io.kvasir.txn.percolator;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.KeyLock;
import io.kvasir.region.RangeTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides a transaction's fate at its primary, or learns it: the one place where a fate is made (Percolator §2.2, rules
 * K5, K7). The record of the fate, what becomes of the keys in the primary's range and the end of their locks are one
 * entry. Once made a fate stands: a rollback is protected by its record against a commit or prewrite that comes late.
 *
 * <p>Answers an integer: the commit timestamp, {@link #GONE} if it was rolled back, {@link #ALIVE} if it is undecided
 * and not to be touched yet. {@link Kind#COLLECT} answers an array of the commit timestamp and the stems of the keys in
 * other ranges if the fate is an old commit's.
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
        FORGET,
        /** Forget the fate if it is old and a rollback; of an old commit tell which keys must be resolved first. */
        COLLECT
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
            return known(range, Fate.decode(recorded));
        }
        KeyLock lock = primaryLock(range);
        return switch (kind) {
            case COMMIT ->
                lock == null
                        ? new Reply.Int(GONE)
                        : decided(
                                range,
                                new Fate(
                                        commit,
                                        elsewhere(range, TxnLock.of(lock).keys())));
            case ROLL_BACK -> decided(range, Fate.ROLLED_BACK);
            case CHECK -> isAlive(range, lock) ? new Reply.Int(ALIVE) : decided(range, Fate.ROLLED_BACK);
            case FORGET, COLLECT -> new Reply.Int(GONE);
        };
    }

    private Reply known(RangeTransaction range, Fate fate) {
        if (!range.locksOf(start).isEmpty()) {
            int unused = Resolve.all(range, start, fate.commit()); // of another range once, which became part of this
            return answer(fate);
        }
        boolean old = Timestamp.millis(start) + Percolator.FATE_KEPT_MILLIS <= range.timeMillis();
        if (kind == Kind.COLLECT && old && !fate.elsewhere().isEmpty()) {
            List<Reply> parts = new ArrayList<>();
            parts.add(new Reply.Int(fate.commit()));
            fate.elsewhere().forEach(stem -> parts.add(new Reply.Bulk(stem)));
            return Reply.array(parts);
        }
        if (kind == Kind.FORGET || kind == Kind.COLLECT && old) {
            range.deleteFate(primary, start);
        }
        return answer(fate);
    }

    private static Reply answer(Fate fate) {
        return new Reply.Int(fate.commit() == 0 ? GONE : fate.commit());
    }

    private static List<byte[]> elsewhere(RangeTransaction range, List<byte[]> stems) {
        byte[] end = range.rangeEnd();
        return stems.stream()
                .filter(stem -> Arrays.compareUnsigned(stem, range.rangeStart()) < 0
                        || end.length != 0 && Arrays.compareUnsigned(stem, end) >= 0)
                .toList();
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

    private Reply decided(RangeTransaction range, Fate fate) {
        range.putFate(primary, start, fate.encode());
        int unused = Resolve.all(range, start, fate.commit());
        return answer(fate);
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
