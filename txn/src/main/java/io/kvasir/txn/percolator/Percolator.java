package io.kvasir.txn.percolator;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.Invocation;
import io.kvasir.region.Procedure;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.NotCached;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The procedures of transactions over several ranges, and what they have in common. Stateless. */
public final class Percolator {

    /** How long after its prewrite others leave a transaction alone, in ms of the oracle's time. */
    public static final int TTL_MILLIS = 3_000;

    /** How old a transaction may be when it locks, in ms of the oracle's time. */
    public static final int START_AGE_MILLIS_MAX = 300_000;

    /**
     * How long after a transaction's start its rollback is on record, in ms of the oracle's time: by then nothing can
     * lock for it any more, and a commit that comes late finds no lock.
     */
    public static final int FATE_KEPT_MILLIS = 2 * START_AGE_MILLIS_MAX;

    /** Stands for keys that are locked: a step that touches no others need not mark the range. */
    static final List<byte[]> LOCKED_KEYS = List.of(new byte[0]);

    private static final int VERSION = 1;

    private Percolator() {}

    /** A step of a transaction, as a procedure with its arguments parsed. */
    public sealed interface Step extends Invocation
            permits SnapshotRead, PastRead, ReadPoint, Prewrite, Decide, Resolve, Pin, PinnedRead, Unpin {

        /** Returns the procedure's name. */
        String procedure();

        /** Returns the stems of the keys it needs; that of the map of databases stands for the whole range. */
        List<byte[]> stems();

        void write(WireWriter out);

        Reply runAt(RangeTransaction range);

        @Override
        default Reply run(Transaction transaction) {
            if (transaction instanceof RangeTransaction range) {
                return runAt(range);
            }
            warm(transaction);
            throw NotCached.SIGNAL;
        }

        /** Reads what the step reads, to have it in memory. */
        default void warm(Transaction transaction) {
            for (byte[] stem : stems()) {
                if (!isMap(stem)) {
                    byte[] unused = transaction.get(rootOf(stem));
                }
            }
        }

        @Override
        default boolean boundsItself() {
            return true;
        }

        @Override
        default int database() {
            return 0;
        }

        @Override
        default boolean mayGrow() {
            return false;
        }

        @Override
        default List<byte[]> userKeys() {
            List<byte[]> keys = new ArrayList<>();
            for (byte[] stem : stems()) {
                if (isMap(stem)) {
                    return List.of();
                }
                keys.add(KeyLayout.userKeyOf(stem));
            }
            return keys;
        }

        /** Returns the request that carries this step, as that of {@code session}. */
        default Request request(long session) {
            WireWriter out = new WireWriter(128);
            out.u8(VERSION);
            write(out);
            return new Request(procedure(), VERSION, 0, session, 0, Optional.empty(), 0, new byte[][] {out.toBytes()});
        }
    }

    /** Returns the procedures, for the table of a process. */
    public static List<Procedure> procedures() {
        return List.of(
                procedure(SnapshotRead.NAME, SnapshotRead::read),
                procedure(PastRead.NAME, PastRead::read),
                procedure(ReadPoint.NAME, ReadPoint::read),
                procedure(Prewrite.NAME, Prewrite::read),
                procedure(Decide.NAME, Decide::read),
                procedure(Resolve.NAME, Resolve::read),
                procedure(Pin.NAME, Pin::read),
                procedure(PinnedRead.NAME, PinnedRead::read),
                procedure(Unpin.NAME, Unpin::read));
    }

    private static Procedure procedure(String name, Function<WireReader, Invocation> reader) {
        return new Procedure() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public int version() {
                return VERSION;
            }

            @Override
            public Invocation parse(Request request) {
                if (request.arguments().length != 1) {
                    throw new IllegalArgumentException(name + " takes one argument");
                }
                WireReader in = new WireReader(request.arguments()[0]);
                in.version(name, VERSION);
                Invocation invocation = reader.apply(in);
                in.end();
                return invocation;
            }
        };
    }

    /** Returns whether {@code stem} stands for a map of databases. */
    static boolean isMap(byte[] stem) {
        return OwnedKey.isMapStem(stem);
    }

    static byte[] rootOf(byte[] stem) {
        return KeyLayout.rootOfStem(stem);
    }

    static List<byte[]> readList(WireReader in, String what) {
        List<byte[]> list = new ArrayList<>();
        for (int left = in.count(what, Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            list.add(in.bytes());
        }
        return list;
    }

    static void writeList(WireWriter out, List<byte[]> list) {
        out.varint(list.size());
        list.forEach(out::bytes);
    }

    /** A database and the instance a transaction takes it to be (rule K19). */
    public record Mapping(int database, int instance) {

        void write(WireWriter out) {
            out.varint(database).i32(instance);
        }

        static List<Mapping> readAll(WireReader in) {
            List<Mapping> all = new ArrayList<>();
            for (int left = in.count("databases", Integer.MAX_VALUE); left > 0; left--) {
                in.element();
                all.add(new Mapping(in.varint("database", 0, Integer.MAX_VALUE), in.i32()));
            }
            return all;
        }

        static void writeAll(WireWriter out, List<Mapping> all) {
            out.varint(all.size());
            all.forEach(one -> one.write(out));
        }
    }
}
