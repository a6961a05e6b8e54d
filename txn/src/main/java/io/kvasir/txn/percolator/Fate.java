package io.kvasir.txn.percolator;

import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;

/**
 * What became of a transaction, recorded under its primary and its start timestamp before any of its locks goes (rule
 * K5).
 *
 * @param commit the commit timestamp, 0 if it was rolled back
 */
record Fate(long commit) {

    static final Fate ROLLED_BACK = new Fate(0);

    private static final int FORMAT = 1;
    private static final int COMMITTED = 1;
    private static final int GONE = 2;

    byte[] encode() {
        WireWriter out = new WireWriter(10).u8(FORMAT);
        return (commit == 0 ? out.u8(GONE) : out.u8(COMMITTED).i64(commit)).toBytes();
    }

    static Fate decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        in.version("fate", FORMAT);
        int kind = in.u8();
        Fate fate =
                switch (kind) {
                    case COMMITTED -> new Fate(in.i64());
                    case GONE -> ROLLED_BACK;
                    default -> throw new MalformedBytes("unknown fate " + kind, in.offset());
                };
        in.end();
        return fate;
    }
}
