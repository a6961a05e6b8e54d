package io.kvasir.txn.percolator;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeyLocked;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.SnapshotTooOld;
import java.util.ArrayList;
import java.util.List;

/**
 * Pins all records of a range as they stood at a timestamp that was issued before this was sent, to be read by
 * {@link PinnedRead}. It runs in a batch of a later timestamp, and waits for every lock that was prewritten up to then,
 * as {@link SnapshotRead} does: what is pinned is closed at the timestamp.
 *
 * <p>Answers the instance that each of the first databases had; the error {@link SnapshotRead#TOO_OLD}, upon which a
 * later timestamp may do; or an error <code>ERR</code>.
 *
 * @param databases how many databases are asked for
 */
public record Pin(long timestamp, int databases) implements Percolator.Step {

    public static final String NAME = "TXN.PIN";

    private static final Reply TOO_MANY = Reply.error("ERR too many snapshots are open");
    private static final int DATABASES_MAX = 1 << 16;

    @Override
    public String procedure() {
        return NAME;
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public List<byte[]> stems() {
        return List.of();
    }

    @Override
    public Reply runAt(RangeTransaction range) {
        range.passLocks();
        range.locks(range.mapStem()).forEach(this::requirePassable);
        range.locksWithin(range.rangeStart(), range.rangeEnd()).forEach(this::requirePassable);
        try {
            List<Reply> instances = new ArrayList<>();
            for (int database = 0; database < databases; database++) {
                instances.add(Reply.of(range.instanceAt(timestamp, database)));
            }
            return range.pin(timestamp) ? Reply.array(instances) : TOO_MANY;
        } catch (SnapshotTooOld tooOld) {
            return SnapshotRead.TOO_OLD;
        }
    }

    private void requirePassable(KeyLock lock) {
        if (!TxnLock.of(lock).isPassedAt(lock, timestamp)) {
            throw new KeyLocked(lock);
        }
    }

    @Override
    public void write(WireWriter out) {
        out.i64(timestamp).varint(databases);
    }

    static Pin read(WireReader in) {
        return new Pin(in.i64(), in.varint("databases", 0, DATABASES_MAX));
    }
}
