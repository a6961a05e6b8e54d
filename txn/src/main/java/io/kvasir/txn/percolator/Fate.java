package io.kvasir.txn.percolator;

import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import java.util.List;

/**
 * What became of a transaction, recorded under its primary and its start timestamp before any of its locks goes (rule
 * K5).
 *
 * @param commit the commit timestamp, 0 if it was rolled back
 * @param elsewhere stems of the keys it locked in other ranges than the primary's, if it has committed: the fate may be
 *     forgotten once all of them are known to be resolved (rule K6)
 */
record Fate(long commit, List<byte[]> elsewhere) {

    static final Fate ROLLED_BACK = new Fate(0, List.of());

    private static final int FORMAT = 1;
    private static final int COMMITTED = 1;
    private static final int GONE = 2;

    byte[] encode() {
        WireWriter out = new WireWriter(16).u8(FORMAT);
        if (commit == 0) {
            return out.u8(GONE).toBytes();
        }
        out.u8(COMMITTED).i64(commit);
        Percolator.writeList(out, elsewhere);
        return out.toBytes();
    }

    static Fate decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        in.version("fate", FORMAT);
        int kind = in.u8();
        Fate fate =
                switch (kind) {
                    case COMMITTED -> new Fate(in.i64(), Percolator.readList(in, "keys of a fate"));
                    case GONE -> ROLLED_BACK;
                    default -> throw new MalformedBytes("unknown fate " + kind, in.offset());
                };
        in.end();
        return fate;
    }
}
