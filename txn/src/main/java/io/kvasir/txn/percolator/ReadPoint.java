package io.kvasir.txn.percolator;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.RangeTransaction;
import java.util.List;

/**
 * Asks a leader how far a replica must be to hold all that was acknowledged before: the timestamp of the newest batch
 * that wrote. It runs in a batch whose timestamp is fetched after it arrived, so that whatever a snapshot at an earlier
 * timestamp shows is at or below its answer; the answer leaves when that is applied and leadership is certain (rule
 * K1).
 */
public record ReadPoint() implements Percolator.Step {

    public static final String NAME = "TXN.POINT";

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

    /** Returns none that matters: it reads no record. */
    @Override
    public List<byte[]> userKeys() {
        return Percolator.LOCKED_KEYS;
    }

    @Override
    public Reply runAt(RangeTransaction range) {
        return new Reply.Int(range.newestWrite());
    }

    @Override
    public void write(WireWriter out) {}

    static ReadPoint read(WireReader in) {
        return new ReadPoint();
    }
}
