package io.kvasir.txn;

import io.kvasir.proto.key.Version;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.EventCode;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a command sees of a {@link PinnedSnapshot}: the records of a part of it. Whatever is more than a read of records
 * is refused. Confined to the strand that runs the command.
 */
final class PinnedTransaction implements Transaction {

    private final PinnedSnapshot snapshot;
    private final byte[] start;
    private final byte[] end;

    PinnedTransaction(PinnedSnapshot snapshot, byte[] start, byte[] end) {
        this.snapshot = snapshot;
        this.start = start;
        this.end = end;
    }

    private static TransactionRefused refused() {
        return new TransactionRefused("ERR the command does not go with an open snapshot, which is only read");
    }

    @Override
    public void requireMarked(byte[] userKey) {}

    @Override
    public long timestamp() {
        return snapshot.timestamp();
    }

    @Override
    public long timeMillis() {
        return Timestamp.millis(snapshot.timestamp());
    }

    @Override
    public boolean isExpired(long expiryMillis) {
        return expiryMillis != 0 && expiryMillis <= timeMillis();
    }

    @Override
    public int instance(int database) {
        return snapshot.instance(database);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        PinnedSnapshot.Page page = snapshot.pageAt(key);
        int at = page.indexOf(key);
        return at < page.keys().size() && Arrays.equals(page.keys().get(at), key)
                ? page.payloads().get(at)
                : null;
    }

    @Override
    public Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        byte[] first = Arrays.compareUnsigned(from, start) < 0 ? start : from;
        byte[] last = end.length != 0 && (to.length == 0 || Arrays.compareUnsigned(to, end) > 0) ? end : to;
        return descending ? new Descending(first, last) : new Ascending(first, last);
    }

    @Override
    public byte[] rangeStart() {
        return start;
    }

    @Override
    public byte[] rangeEnd() {
        return end;
    }

    /** Random draws are no part of what is transferred. */
    @Override
    public long random() {
        throw refused();
    }

    @Override
    public Version version(byte[] key) {
        throw refused();
    }

    @Override
    public Version removedUpTo(byte[] rootKey) {
        throw refused();
    }

    @Override
    public Version generation() {
        throw refused();
    }

    /** The counts of ranges are those of now. */
    @Override
    public long keys(int instance) {
        throw refused();
    }

    @Override
    public void nextCommand() {}

    @Override
    public void mapInstance(int database, int instance) {
        throw refused();
    }

    @Override
    public void forgetInstance(int instance) {
        throw refused();
    }

    @Override
    public void put(byte[] key, byte[] payload) {
        throw refused();
    }

    @Override
    public void delete(byte[] key) {
        throw refused();
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) {
        throw refused();
    }

    @Override
    public void moveExpiry(byte[] rootKey, long oldMillis, long newMillis) {
        throw refused();
    }

    @Override
    public void addKeys(byte[] key, int instance, long delta) {
        throw refused();
    }

    @Override
    public void event(EventCode code, byte[] rootKey) {}

    private static PinnedSnapshot.Page current(PinnedSnapshot.@Nullable Page page) {
        return Objects.requireNonNull(page, "no current record");
    }

    /** Records in ascending order. */
    private final class Ascending implements Engine.Cursor {

        private final byte[] to;
        private byte[] from;
        private PinnedSnapshot.@Nullable Page page;
        private int at;

        Ascending(byte[] from, byte[] to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public boolean next() {
            at++;
            while (page == null || at >= page.keys().size()) {
                if (page != null) {
                    if (page.to().length == 0) {
                        return false;
                    }
                    from = page.to();
                }
                if (to.length != 0 && Arrays.compareUnsigned(from, to) >= 0) {
                    return false;
                }
                page = snapshot.pageFrom(from);
                at = page.indexOf(from);
            }
            return to.length == 0 || Arrays.compareUnsigned(page.keys().get(at), to) < 0;
        }

        @Override
        public byte[] key() {
            return current(page).keys().get(at);
        }

        @Override
        public byte[] value() {
            return current(page).payloads().get(at);
        }

        @Override
        public void close() {}
    }

    /** Records in descending order. */
    private final class Descending implements Engine.Cursor {

        private final byte[] from;
        private byte[] to;
        private PinnedSnapshot.@Nullable Page page;
        private int at;

        Descending(byte[] from, byte[] to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public boolean next() {
            at--;
            while (page == null || at < 0) {
                if (page != null) {
                    to = page.from();
                }
                boolean ended = page != null && to.length == 0;
                if (ended || to.length != 0 && Arrays.compareUnsigned(from, to) >= 0) {
                    return false;
                }
                page = snapshot.pageBefore(from, to);
                at = page.keys().size() - 1;
            }
            return true;
        }

        @Override
        public byte[] key() {
            return current(page).keys().get(at);
        }

        @Override
        public byte[] value() {
            return current(page).payloads().get(at);
        }

        @Override
        public void close() {}
    }
}
