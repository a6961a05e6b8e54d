package io.kvasir.txn.percolator;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.RangeTransaction;
import java.util.List;

/** Lets go what {@link Pin} pinned, if it is still there. Answers OK. */
public record Unpin(long timestamp) implements Percolator.Step {

    public static final String NAME = "TXN.UNPIN";

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

    /** Returns none that matters: it looks at no record. */
    @Override
    public List<byte[]> userKeys() {
        return Percolator.LOCKED_KEYS;
    }

    @Override
    public Reply runAt(RangeTransaction range) {
        range.unpin(timestamp);
        return Reply.OK;
    }

    @Override
    public void write(WireWriter out) {
        out.i64(timestamp);
    }

    static Unpin read(WireReader in) {
        return new Unpin(in.i64());
    }
}
