package io.kvasir.txn.percolator;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeyLocked;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.SnapshotTooOld;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Reads records as they stood at a timestamp that was issued before this was sent. The batch it runs in has a later
 * one, so whatever is at or below the timestamp has been evaluated before it, and its reply leaves when that is applied
 * (invariants, section 0): the range is closed at the timestamp.
 *
 * <p>A lock that was prewritten above the timestamp is passed, because its transaction commits above it; any other is
 * waited for, since only the fate tells on which side its transaction is.
 *
 * <p>Answers a bulk string with what was found, in order; the error {@link #TOO_OLD}; or an array of each database that
 * is not the instance the transaction takes it for and the instance that it is.
 *
 * @param mappings databases as the transaction knows them
 */
public record SnapshotRead(long timestamp, List<Percolator.Mapping> mappings, List<Want> wants)
        implements Percolator.Step {

    public static final String NAME = "TXN.READ";

    /** The range does not know any more what stood at the timestamp. */
    public static final Reply.Error TOO_OLD = new Reply.Error("TOOOLD the snapshot is gone");

    /** Records in one answer to a {@link Want.Page}. */
    public static final int PAGE_RECORDS_MAX = 1_024;

    private static final int PAGE_BYTES_MAX = 1 << 20;

    private static final int ONE = 1;
    private static final int PAGE = 2;
    private static final int COUNT = 3;

    /** Something to be read. */
    public sealed interface Want {

        /** The record at {@code key}. */
        record One(byte[] key) implements Want {}

        /** Some records from {@code from} to {@code to}, excluded. */
        record Page(byte[] from, byte[] to, boolean descending) implements Want {}

        /** The newest number of keys of {@code instance} in the range: not of the timestamp (rule K33). */
        record Count(int instance) implements Want {}
    }

    /** What was found. */
    public sealed interface Found {

        /** @param removedUpTo as {@link Transaction#removedUpTo} if the record is absent and a root */
        record One(RangeTransaction.SnapshotRecord record, Version removedUpTo) implements Found {}

        /** @param ended whether these are all */
        record Page(List<byte[]> keys, List<byte[]> payloads, boolean ended) implements Found {}

        record Count(long keys) implements Found {}
    }

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
        List<byte[]> stems = new ArrayList<>();
        for (Want want : wants) {
            if (want instanceof Want.One(byte[] key)) {
                stems.add(Arrays.copyOf(key, KeyLayout.stemLength(key)));
            }
        }
        return stems;
    }

    @Override
    public void warm(Transaction transaction) {
        for (Want want : wants) {
            switch (want) {
                case Want.One(byte[] key) -> {
                    byte[] unused = transaction.get(key);
                }
                case Want.Page page -> page(transaction.scan(page.from, page.to, page.descending));
                case Want.Count _ -> {}
            }
        }
    }

    @Override
    public Reply runAt(RangeTransaction range) {
        range.passLocks();
        try {
            for (KeyLock lock : range.locks(range.mapStem())) {
                requirePassable(lock);
            }
            List<Reply> others = otherInstances(database -> range.instanceAt(timestamp, database));
            if (!others.isEmpty()) {
                return new Reply.Array(others);
            }
            WireWriter out = new WireWriter(256);
            for (Want want : wants) {
                write(out, find(range, want));
            }
            return new Reply.Bulk(out.toBytes());
        } catch (SnapshotTooOld tooOld) {
            return TOO_OLD;
        }
    }

    /** Waits for every lock that this read may not pass, at the owner. */
    void requireUnlocked(RangeTransaction range) {
        range.locks(range.mapStem()).forEach(this::requirePassable);
        for (Want want : wants) {
            switch (want) {
                case Want.One(byte[] key) ->
                    range.locks(Arrays.copyOf(key, KeyLayout.stemLength(key))).forEach(this::requirePassable);
                case Want.Page page -> range.locksWithin(page.from, page.to).forEach(this::requirePassable);
                case Want.Count _ -> {}
            }
        }
    }

    /** Returns each database that is another instance than the transaction took it for, and which. */
    private List<Reply> otherInstances(IntUnaryOperator instances) {
        List<Reply> others = new ArrayList<>();
        for (Percolator.Mapping mapping : mappings) {
            int instance = instances.applyAsInt(mapping.database());
            if (instance != mapping.instance()) {
                others.add(Reply.of(mapping.database()));
                others.add(new Reply.Int(instance));
            }
        }
        return others;
    }

    /** Answers from what the range keeps of its past on disk; no lock is in the way. */
    Reply fromPast(Transaction range) {
        try {
            List<Reply> others = otherInstances(database -> range.pastInstance(timestamp, database));
            if (!others.isEmpty()) {
                return new Reply.Array(others);
            }
            WireWriter out = new WireWriter(256);
            for (Want want : wants) {
                Found found =
                        switch (want) {
                            case Want.One(byte[] key) ->
                                new Found.One(
                                        range.pastRecord(timestamp, key), new Version(timestamp, Integer.MAX_VALUE));
                            case Want.Page page -> page(range.scanPast(timestamp, page.from, page.to, page.descending));
                            case Want.Count(int instance) -> new Found.Count(range.keys(instance));
                        };
                write(out, found);
            }
            return new Reply.Bulk(out.toBytes());
        } catch (SnapshotTooOld tooOld) {
            return TOO_OLD;
        }
    }

    private void requirePassable(KeyLock lock) {
        if (!TxnLock.of(lock).isPassedAt(lock, timestamp)) {
            throw new KeyLocked(lock);
        }
    }

    private Found find(RangeTransaction range, Want want) {
        return switch (want) {
            case Want.One(byte[] key) -> {
                range.locks(Arrays.copyOf(key, KeyLayout.stemLength(key))).forEach(this::requirePassable);
                RangeTransaction.SnapshotRecord record = range.recordAt(timestamp, key);
                boolean absentRoot = record.payload() == null && KeyLayout.isRoot(key);
                yield new Found.One(record, absentRoot ? range.removedUpTo(key) : Version.NONE);
            }
            case Want.Page page -> {
                range.locksWithin(page.from, page.to).forEach(this::requirePassable);
                yield page(range.scanAt(timestamp, page.from, page.to, page.descending));
            }
            case Want.Count(int instance) -> new Found.Count(range.keys(instance));
        };
    }

    private static Found.Page page(Engine.Cursor records) {
        List<byte[]> keys = new ArrayList<>();
        List<byte[]> payloads = new ArrayList<>();
        long bytes = 0;
        try (records) {
            while (records.next()) {
                keys.add(records.key());
                payloads.add(records.value());
                bytes += keys.getLast().length + payloads.getLast().length;
                if (keys.size() == PAGE_RECORDS_MAX || bytes >= PAGE_BYTES_MAX) {
                    return new Found.Page(keys, payloads, false);
                }
            }
        }
        return new Found.Page(keys, payloads, true);
    }

    private static void write(WireWriter out, Found found) {
        byte[] stamp = new byte[Version.BYTES];
        switch (found) {
            case Found.One(RangeTransaction.SnapshotRecord record, Version removedUpTo) -> {
                byte[] payload = record.payload();
                out.u8(payload == null ? 0 : 1);
                (payload == null ? removedUpTo : record.version()).write(stamp, 0);
                out.raw(stamp);
                if (payload != null) {
                    out.bytes(payload);
                }
            }
            case Found.Page(List<byte[]> keys, List<byte[]> payloads, boolean ended) -> {
                out.u8(ended ? 1 : 0).varint(keys.size());
                for (int i = 0; i < keys.size(); i++) {
                    out.bytes(keys.get(i)).bytes(payloads.get(i));
                }
            }
            case Found.Count(long keys) -> out.i64(keys);
        }
    }

    /** Reads what the reply {@code bytes} to this says was found. */
    public List<Found> found(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        List<Found> all = new ArrayList<>(wants.size());
        for (Want want : wants) {
            all.add(
                    switch (want) {
                        case Want.One _ -> readOne(in);
                        case Want.Page _ -> readPage(in);
                        case Want.Count _ -> new Found.Count(in.i64());
                    });
        }
        in.end();
        return all;
    }

    private static Found readOne(WireReader in) {
        boolean there = in.u8() == 1;
        Version version = Version.read(in.raw(Version.BYTES), 0);
        return there
                ? new Found.One(new RangeTransaction.SnapshotRecord(version, in.bytes()), Version.NONE)
                : new Found.One(RangeTransaction.SnapshotRecord.ABSENT, version);
    }

    private static Found readPage(WireReader in) {
        boolean ended = in.u8() == 1;
        List<byte[]> keys = new ArrayList<>();
        List<byte[]> payloads = new ArrayList<>();
        for (int left = in.count("records of a page", Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            keys.add(in.bytes());
            payloads.add(in.bytes());
        }
        return new Found.Page(keys, payloads, ended);
    }

    @Override
    public void write(WireWriter out) {
        out.i64(timestamp);
        Percolator.Mapping.writeAll(out, mappings);
        out.varint(wants.size());
        for (Want want : wants) {
            switch (want) {
                case Want.One(byte[] key) -> out.u8(ONE).bytes(key);
                case Want.Page(byte[] from, byte[] to, boolean descending) ->
                    out.u8(PAGE).bytes(from).bytes(to).u8(descending ? 1 : 0);
                case Want.Count(int instance) -> out.u8(COUNT).i32(instance);
            }
        }
    }

    static SnapshotRead read(WireReader in) {
        long timestamp = in.i64();
        List<Percolator.Mapping> mappings = Percolator.Mapping.readAll(in);
        List<Want> wants = new ArrayList<>();
        for (int left = in.count("wants", Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            int kind = in.u8();
            wants.add(
                    switch (kind) {
                        case ONE -> new Want.One(in.bytes());
                        case PAGE -> new Want.Page(in.bytes(), in.bytes(), in.u8() == 1);
                        case COUNT -> new Want.Count(in.i32());
                        default -> throw new IllegalArgumentException("unknown want " + kind);
                    });
        }
        return new SnapshotRead(timestamp, mappings, wants);
    }
}
