package io.kvasir.txn.percolator;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.Invocation;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeyLocked;
import io.kvasir.region.KeySpan;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.SnapshotTooOld;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Locks the keys of a transaction in one range, written and guarded alike, all or none (Percolator §2.2, rules K4, K7,
 * K6, K12, K18, K19). A guard is a shared lock, replicated as a writer's is: what the transaction read stays as it was
 * until its fate is decided. A guard may also be on a span, of which the transaction has seen which keys are there.
 *
 * <p>A key is lockable if nothing has been written to it, nor removed, since the transaction's start; its fate is not
 * recorded; and, for locks that stand in the way, if the transaction is older than all that hold or await them: then it
 * waits, else it gives way, so that no circle of transactions can wait for each other. A writer that waits bars new
 * guards.
 *
 * <p>Answers the timestamp of the batch, below which the transaction will not commit; the same again if its locks are
 * there already. An error means that nothing was locked.
 *
 * @param start start timestamp, the transaction's name
 * @param age start timestamp of its first attempt
 * @param deadlineMillis earliest expiry of anything it took for alive, 0 for none: it may not commit at or after it
 * @param primary stem of the primary key
 * @param keys all stems the transaction locks anywhere, if the primary is among {@code locks}; else empty
 * @param spans what it has looked through in this range; in its bounds
 * @param alone whether these are all keys of the transaction: then it commits here and now, at the timestamp of the
 *     batch, and leaves no lock but its fate
 */
public record Prewrite(
        long start,
        long age,
        long deadlineMillis,
        byte[] primary,
        List<byte[]> keys,
        List<Percolator.Mapping> mappings,
        List<Wanted> locks,
        List<KeySpan> spans,
        boolean alone)
        implements Percolator.Step {

    public static final String NAME = "TXN.PREWRITE";

    /** Something was written since the transaction started, or time has passed an expiry. */
    public static final Reply.Error CONFLICT = new Reply.Error("CONFLICT a key has changed");

    /** An older transaction is in the way. */
    public static final Reply.Error GIVE_WAY = new Reply.Error("GIVEWAY an older transaction holds a key");

    /** The transaction has been rolled back. */
    public static final Reply.Error ROLLED_BACK = new Reply.Error("ROLLEDBACK the transaction was rolled back");

    /** A key to be locked; without writes it is a guard. */
    public record Wanted(byte[] stem, WriteSet writes) {

        boolean shared() {
            return writes.isEmpty();
        }
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
    public boolean mayGrow() {
        return locks.stream().anyMatch(wanted -> !wanted.shared());
    }

    @Override
    public List<byte[]> stems() {
        return locks.stream().map(Wanted::stem).toList();
    }

    /** Returns none that matters if it locks spans alone: they stay as they are. */
    @Override
    public List<byte[]> userKeys() {
        return locks.isEmpty() ? Percolator.LOCKED_KEYS : Percolator.Step.super.userKeys();
    }

    @Override
    public Reply runAt(RangeTransaction range) {
        range.passLocks();
        boolean ofPrimary = !keys.isEmpty();
        byte[] recorded = ofPrimary ? range.fate(primary, start) : null;
        if (recorded != null) {
            Fate fate = Fate.decode(recorded);
            return alone && fate.commit() != 0 ? new Reply.Int(fate.commit()) : ROLLED_BACK;
        }
        List<KeyLock> own = range.locksOf(start);
        if (!own.isEmpty()) {
            return new Reply.Int(TxnLock.of(own.getFirst()).prewritten());
        }
        boolean tooOld = Timestamp.millis(start) + Percolator.START_AGE_MILLIS_MAX <= range.timeMillis();
        if (tooOld || deadlineMillis != 0 && range.timeMillis() >= deadlineMillis) {
            return CONFLICT;
        }
        KeyLock blocker = null;
        for (KeyLock lock : inTheWay(range)) {
            TxnLock other = TxnLock.of(lock);
            if (other.isExpired(range.timeMillis())) {
                range.reportOverdue(lock); // who gives way does not wait, and nobody else may
            }
            if (other.age() <= age) {
                return GIVE_WAY;
            }
            blocker = lock;
        }
        for (Wanted wanted : locks) {
            if (wanted.shared() && isBarred(range.waiting(wanted.stem))) {
                return GIVE_WAY;
            }
        }
        for (KeySpan span : spans) {
            if (isBarred(range.waitingWithin(span))) {
                return GIVE_WAY;
            }
        }
        if (hasChanged(range)) {
            return CONFLICT;
        }
        if (blocker != null) {
            throw new KeyLocked(blocker);
        }
        long now = range.timestamp();
        if (alone) {
            range.putFate(primary, start, new Fate(now, List.of()).encode());
            locks.forEach(wanted -> wanted.writes.applyTo(range));
            return new Reply.Int(now);
        }
        for (Wanted wanted : locks) {
            List<byte[]> listed = Arrays.equals(wanted.stem, primary) ? keys : List.of();
            TxnLock lock = new TxnLock(age, now, Percolator.TTL_MILLIS, primary, listed, wanted.writes);
            range.lock(KeyLock.of(wanted.stem, start, wanted.shared(), lock.encode()));
        }
        for (int i = 0; i < spans.size(); i++) {
            TxnLock lock = new TxnLock(age, now, Percolator.TTL_MILLIS, primary, List.of(), new WriteSet());
            range.lock(new KeyLock(range.spanStem(i), start, true, spans.get(i), lock.encode()));
        }
        return new Reply.Int(now);
    }

    private List<KeyLock> inTheWay(RangeTransaction range) {
        List<KeyLock> found = new ArrayList<>(range.locks(range.mapStem()));
        for (Wanted wanted : locks) {
            if (Percolator.isMap(wanted.stem)) {
                KeyLock any = range.anyLockBut(start);
                if (any != null) {
                    found.add(any);
                }
                continue;
            }
            for (KeyLock lock : range.locks(wanted.stem)) {
                if (!lock.shared() || !wanted.shared()) {
                    found.add(lock);
                }
            }
            if (!wanted.shared()) {
                found.addAll(range.spansOver(wanted.stem));
            }
        }
        for (KeySpan span : spans) {
            found.addAll(range.locksWithin(span.from(), span.to()));
        }
        return found;
    }

    /** Returns whether a writer waits for shared locks to go, among {@code all}: a new one would let it starve. */
    private static boolean isBarred(List<Invocation> all) {
        for (Invocation waiting : all) {
            if (!waiting.readOnly()) {
                return true;
            }
        }
        return false;
    }

    private boolean hasChanged(RangeTransaction range) {
        for (Percolator.Mapping mapping : mappings) {
            if (instance(range, mapping.database()) != mapping.instance()) {
                return true;
            }
        }
        for (Wanted wanted : locks) {
            if (Percolator.isMap(wanted.stem)) {
                if (isMapNewer(range)) {
                    return true;
                }
                continue;
            }
            byte[] root = Percolator.rootOf(wanted.stem);
            if (range.version(root).timestamp() > start || range.get(root) == null && range.removedAt(root) > start) {
                return true;
            }
        }
        return haveSpansChanged(range);
    }

    private boolean haveSpansChanged(RangeTransaction range) {
        try {
            for (KeySpan span : spans) {
                if (range.hasChangedSince(start, span)) {
                    return true;
                }
            }
            return false;
        } catch (SnapshotTooOld unknown) {
            return true;
        }
    }

    private static int instance(RangeTransaction range, int database) {
        return range.instance(database);
    }

    private boolean isMapNewer(RangeTransaction range) {
        try {
            int unused = range.instanceAt(start, 0);
            return false;
        } catch (SnapshotTooOld newer) {
            return true;
        }
    }

    @Override
    public void write(WireWriter out) {
        out.i64(start).i64(age).varint(deadlineMillis).bytes(primary);
        Percolator.writeList(out, keys);
        Percolator.Mapping.writeAll(out, mappings);
        out.varint(locks.size());
        for (Wanted wanted : locks) {
            out.bytes(wanted.stem);
            wanted.writes.write(out);
        }
        out.varint(spans.size());
        for (KeySpan span : spans) {
            out.bytes(span.from()).bytes(span.to());
        }
        out.u8(alone ? 1 : 0);
    }

    static Prewrite read(WireReader in) {
        long start = in.i64();
        long age = in.i64();
        long deadlineMillis = in.varint();
        byte[] primary = in.bytes();
        List<byte[]> keys = Percolator.readList(in, "keys of a transaction");
        List<Percolator.Mapping> mappings = Percolator.Mapping.readAll(in);
        List<Wanted> locks = new ArrayList<>();
        for (int left = in.count("locks", Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            locks.add(new Wanted(in.bytes(), WriteSet.read(in)));
        }
        List<KeySpan> spans = new ArrayList<>();
        for (int left = in.count("spans", Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            spans.add(new KeySpan(in.bytes(), in.bytes()));
        }
        return new Prewrite(start, age, deadlineMillis, primary, keys, mappings, locks, spans, in.u8() == 1);
    }
}
