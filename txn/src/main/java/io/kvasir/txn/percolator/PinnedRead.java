package io.kvasir.txn.percolator;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.SnapshotTooOld;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a page of the records that {@link Pin} pinned. The owner has nothing to do with it: it runs where the disk may
 * be waited for. Answers a bulk string with the page, or the error {@link SnapshotRead#TOO_OLD} if they are not pinned
 * any more.
 *
 * @param from first key, within the range
 * @param to first key beyond, empty for the range's end
 */
public record PinnedRead(long timestamp, byte[] from, byte[] to, boolean descending) implements Percolator.Step {

    public static final String NAME = "TXN.PINNED";

    /** Records, and their bytes but for the last one, in one page. */
    public static final int PAGE_RECORDS_MAX = 4_096;

    private static final int PAGE_BYTES_MAX = 1 << 20;

    /**
     * Some records in the order asked for.
     *
     * @param ended whether these are all
     */
    public record Page(List<byte[]> keys, List<byte[]> payloads, boolean ended) {}

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
        return List.of();
    }

    /** Returns none that matters: what it reads never changes. */
    @Override
    public List<byte[]> userKeys() {
        return Percolator.LOCKED_KEYS;
    }

    @Override
    public Reply run(Transaction transaction) {
        List<byte[]> keys = new ArrayList<>();
        List<byte[]> payloads = new ArrayList<>();
        boolean ended = true;
        try (Engine.Cursor records = transaction.scanPinned(timestamp, from, to, descending)) {
            long bytes = 0;
            while (ended && records.next()) {
                keys.add(records.key());
                payloads.add(records.value());
                bytes += keys.getLast().length + payloads.getLast().length;
                ended = keys.size() < PAGE_RECORDS_MAX && bytes < PAGE_BYTES_MAX;
            }
        } catch (SnapshotTooOld gone) {
            return SnapshotRead.TOO_OLD;
        }
        WireWriter out = new WireWriter(PAGE_BYTES_MAX / 4);
        out.u8(ended ? 1 : 0).varint(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            out.bytes(keys.get(i)).bytes(payloads.get(i));
        }
        return new Reply.Bulk(out.toBytes());
    }

    @Override
    public Reply runAt(RangeTransaction range) {
        return run(range);
    }

    /** Reads the page that the reply {@code bytes} holds. */
    public static Page page(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        boolean ended = in.u8() == 1;
        List<byte[]> keys = new ArrayList<>();
        List<byte[]> payloads = new ArrayList<>();
        for (int left = in.count("records", PAGE_RECORDS_MAX); left > 0; left--) {
            in.element();
            keys.add(in.bytes());
            payloads.add(in.bytes());
        }
        in.end();
        return new Page(keys, payloads, ended);
    }

    @Override
    public void write(WireWriter out) {
        out.i64(timestamp).bytes(from).bytes(to).u8(descending ? 1 : 0);
    }

    static PinnedRead read(WireReader in) {
        return new PinnedRead(in.i64(), in.bytes(), in.bytes(), in.u8() == 1);
    }
}
