package io.kvasir.txn.percolator;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.Transaction;
import java.util.List;

/**
 * Reads as {@link SnapshotRead} does, but from what the range keeps of its past on disk (rule K8), for as long as the
 * database's retention says. It waits for locks at the owner, in a batch of a later timestamp than it reads at; then it
 * runs where the disk may be waited for, over a snapshot that holds all that was evaluated before.
 */
public record PastRead(SnapshotRead what) implements Percolator.Step {

    public static final String NAME = "TXN.PAST";

    @Override
    public String procedure() {
        return NAME;
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public boolean boundsItself() {
        return false;
    }

    @Override
    public List<byte[]> stems() {
        return what.stems();
    }

    /** Returns none that matters: what it reads never changes. */
    @Override
    public List<byte[]> userKeys() {
        return Percolator.LOCKED_KEYS;
    }

    @Override
    public Reply run(Transaction transaction) {
        return transaction instanceof RangeTransaction range ? runAt(range) : what.fromPast(transaction);
    }

    @Override
    public Reply runAt(RangeTransaction range) {
        range.passLocks();
        what.requireUnlocked(range);
        return what.fromPast(range);
    }

    @Override
    public void write(WireWriter out) {
        what.write(out);
    }

    static PastRead read(WireReader in) {
        return new PastRead(SnapshotRead.read(in));
    }
}
