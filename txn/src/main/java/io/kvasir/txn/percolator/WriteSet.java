package io.kvasir.txn.percolator;

import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.EventCode;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * What a transaction writes to one user key, in order, to be made as it stands when the transaction commits. Its bytes
 * are specified in {@code docs/keyspace.md}, "Locks and fates". Built by one thread.
 */
public final class WriteSet {

    /** Counted for each write beside its keys and payload. */
    private static final int WRITE_BYTES = 32;

    /** One write. Arrays are not copied and must not be changed. */
    public sealed interface Write {

        record Put(byte[] key, byte[] payload) implements Write {}

        record Delete(byte[] key) implements Write {}

        record DeleteRange(byte[] from, byte[] to) implements Write {}

        record MoveExpiry(byte[] rootKey, long oldMillis, long newMillis) implements Write {}

        record AddKeys(byte[] key, int instance, long delta) implements Write {}

        record MapInstance(int database, int instance) implements Write {}

        record Event(EventCode code, byte[] rootKey) implements Write {}
    }

    private static final int PUT = 1;
    private static final int DELETE = 2;
    private static final int DELETE_RANGE = 3;
    private static final int MOVE_EXPIRY = 4;
    private static final int ADD_KEYS = 5;
    private static final int MAP_INSTANCE = 6;
    private static final int EVENT = 7;

    private final List<Write> writes = new ArrayList<>();
    private long bytes;

    public void add(Write write) {
        writes.add(write);
        bytes += WRITE_BYTES
                + switch (write) {
                    case Write.Put(byte[] key, byte[] payload) -> key.length + payload.length;
                    case Write.Delete(byte[] key) -> key.length;
                    case Write.DeleteRange(byte[] from, byte[] to) -> from.length + to.length;
                    case Write.MoveExpiry(byte[] rootKey, long _, long _) -> 2 * rootKey.length;
                    case Write.AddKeys(byte[] key, int _, long _) -> key.length;
                    case Write.MapInstance _ -> 0;
                    case Write.Event(EventCode _, byte[] rootKey) -> rootKey.length;
                };
    }

    public boolean isEmpty() {
        return writes.isEmpty();
    }

    /** Returns about how many bytes the writes are. */
    public long bytes() {
        return bytes;
    }

    /** Makes the writes through {@code transaction}. */
    void applyTo(Transaction transaction) {
        for (Write write : writes) {
            switch (write) {
                case Write.Put(byte[] key, byte[] payload) -> transaction.put(key, payload);
                case Write.Delete(byte[] key) -> transaction.delete(key);
                case Write.DeleteRange(byte[] from, byte[] to) -> transaction.deleteRange(from, to);
                case Write.MoveExpiry(byte[] rootKey, long oldMillis, long newMillis) ->
                    transaction.moveExpiry(rootKey, oldMillis, newMillis);
                case Write.AddKeys(byte[] key, int instance, long delta) -> transaction.addKeys(key, instance, delta);
                case Write.MapInstance(int database, int instance) -> transaction.mapInstance(database, instance);
                case Write.Event(EventCode code, byte[] rootKey) -> transaction.event(code, rootKey);
            }
        }
    }

    void write(WireWriter out) {
        out.varint(writes.size());
        for (Write write : writes) {
            switch (write) {
                case Write.Put(byte[] key, byte[] payload) ->
                    out.u8(PUT).bytes(key).bytes(payload);
                case Write.Delete(byte[] key) -> out.u8(DELETE).bytes(key);
                case Write.DeleteRange(byte[] from, byte[] to) ->
                    out.u8(DELETE_RANGE).bytes(from).bytes(to);
                case Write.MoveExpiry(byte[] rootKey, long oldMillis, long newMillis) ->
                    out.u8(MOVE_EXPIRY).bytes(rootKey).varint(oldMillis).varint(newMillis);
                case Write.AddKeys(byte[] key, int instance, long delta) ->
                    out.u8(ADD_KEYS).bytes(key).i32(instance).zigzag(delta);
                case Write.MapInstance(int database, int instance) ->
                    out.u8(MAP_INSTANCE).varint(database).i32(instance);
                case Write.Event(EventCode code, byte[] rootKey) ->
                    out.u8(EVENT).varint(code.number()).bytes(rootKey);
            }
        }
    }

    static WriteSet read(WireReader in) {
        WriteSet set = new WriteSet();
        for (int left = in.count("writes", Integer.MAX_VALUE); left > 0; left--) {
            in.element();
            int kind = in.u8();
            set.add(
                    switch (kind) {
                        case PUT -> new Write.Put(in.bytes(), in.bytes());
                        case DELETE -> new Write.Delete(in.bytes());
                        case DELETE_RANGE -> new Write.DeleteRange(in.bytes(), in.bytes());
                        case MOVE_EXPIRY -> new Write.MoveExpiry(in.bytes(), in.varint(), in.varint());
                        case ADD_KEYS -> new Write.AddKeys(in.bytes(), in.i32(), in.zigzag());
                        case MAP_INSTANCE ->
                            new Write.MapInstance(in.varint("database", 0, Integer.MAX_VALUE), in.i32());
                        case EVENT -> new Write.Event(new EventCode(in.varint("event code", 0, 0xFFFF)), in.bytes());
                        default -> throw new MalformedBytes("unknown write " + kind, in.offset());
                    });
        }
        return set;
    }
}
