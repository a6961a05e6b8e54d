package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.region.range.Entry.ChainLink;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The records a range keeps about itself in {@link io.kvasir.store.engine.Family#RANGE}, written in the batch of the
 * entry that changes them. Keys are {@code region id (8) | kind (1) | detail}; specified in {@code docs/keyspace.md}.
 *
 * <p>Stateless and safe for any thread.
 */
public final class RangeState {

    private static final int FORMAT = 1;
    private static final byte APPLIED = 1;
    private static final byte DESCRIPTOR = 2;
    private static final byte KEY_COUNT = 3;
    private static final byte INSTANCE = 4;
    private static final byte RETIRED = 5;
    private static final byte STAGED = 6;
    private static final byte RETENTION = 16;
    private static final byte LEFT_INSTANCE = 17;
    private static final byte SLICE = 18;
    private static final byte DEAD_RECORDS = 19;
    private static final int HEADER_BYTES = 9;

    /** The value of a note of {@link #stagedKey}: a format version, and nothing yet. */
    static final byte[] STAGED_NOTE = {FORMAT};

    private RangeState() {}

    /**
     * How far a replica has applied.
     *
     * @param index raft index of the last entry applied, or looked at and refused
     * @param term raft term of that entry
     * @param link chain link of the last entry applied
     * @param timestamp largest batch timestamp applied; timestamps grow along the log (rule K13)
     */
    public record Applied(long index, long term, ChainLink link, long timestamp) {

        public static final Applied NONE = new Applied(0, 0, ChainLink.NONE, 0);
    }

    /** Where the state of a range that a split made begins: its log goes on after it, so nobody starts from nothing. */
    public static final AppliedState SPLIT = new AppliedState(5, 5);

    /** Returns whether {@code engine} holds the state of a replica of {@code region}. */
    public static boolean isHere(Engine engine, RegionId region) {
        return engine.get(Family.RANGE, appliedKey(region)) != null;
    }

    /** Returns the first key of all state of {@code region}. */
    static byte[] start(RegionId region) {
        return ByteBuffer.allocate(8).putLong(region.value()).array();
    }

    static byte[] appliedKey(RegionId region) {
        return key(region, APPLIED, 0).array();
    }

    static byte[] descriptorKey(RegionId region) {
        return key(region, DESCRIPTOR, 0).array();
    }

    static byte[] keyCountKey(RegionId region, int instance) {
        return key(region, KEY_COUNT, 4).putInt(instance).array();
    }

    static byte[] instanceKey(RegionId region, int database) {
        return key(region, INSTANCE, 4).putInt(database).array();
    }

    static byte[] retiredKey(RegionId region, int instance) {
        return key(region, RETIRED, 4).putInt(instance).array();
    }

    static byte[] keyCountsStart(RegionId region) {
        return key(region, KEY_COUNT, 0).array();
    }

    static byte[] instancesStart(RegionId region) {
        return key(region, INSTANCE, 0).array();
    }

    static byte[] retiredStart(RegionId region) {
        return key(region, RETIRED, 0).array();
    }

    static byte[] stagedStart(RegionId region) {
        return key(region, STAGED, 0).array();
    }

    /** Returns the first key after all notes of {@link #stagedKey}. */
    static byte[] stagedEnd(RegionId region) {
        return key(region, (byte) (STAGED + 1), 0).array();
    }

    static byte[] retentionKey(RegionId region, int database) {
        return key(region, RETENTION, 4).putInt(database).array();
    }

    static byte[] leftInstanceKey(RegionId region, int database, long until) {
        return key(region, LEFT_INSTANCE, 12).putInt(database).putLong(until).array();
    }

    static byte[] sliceKey(RegionId region, long slice) {
        return key(region, SLICE, 8).putLong(slice).array();
    }

    /** Returns the key of the note that the records from {@code from} on, left at {@code at}, are to be deleted. */
    static byte[] deadRecordsKey(RegionId region, long at, byte[] from) {
        return key(region, DEAD_RECORDS, 8 + from.length).putLong(at).put(from).array();
    }

    static byte[] retentionsStart(RegionId region) {
        return key(region, RETENTION, 0).array();
    }

    static byte[] leftInstancesStart(RegionId region) {
        return key(region, LEFT_INSTANCE, 0).array();
    }

    static byte[] slicesStart(RegionId region) {
        return key(region, SLICE, 0).array();
    }

    static byte[] deadRecordsStart(RegionId region) {
        return key(region, DEAD_RECORDS, 0).array();
    }

    /** Returns the first key after all notes of {@link #deadRecordsKey}. */
    static byte[] deadRecordsEnd(RegionId region) {
        return key(region, (byte) (DEAD_RECORDS + 1), 0).array();
    }

    /** Returns the timestamp in a key of {@link #sliceKey} or {@link #deadRecordsKey}. */
    static long timestampOf(byte[] key) {
        return ByteBuffer.wrap(key).getLong(HEADER_BYTES);
    }

    /** Returns the timestamp in a key of {@link #leftInstanceKey}. */
    static long untilOf(byte[] key) {
        return ByteBuffer.wrap(key).getLong(HEADER_BYTES + 4);
    }

    /** Returns the first key that a key of {@link #deadRecordsKey} names. */
    static byte[] deadFromOf(byte[] key) {
        return Arrays.copyOfRange(key, HEADER_BYTES + 8, key.length);
    }

    /** Returns the key of the note that says: {@code detail} is staged. */
    static byte[] stagedKey(RegionId region, byte[] detail) {
        return key(region, STAGED, detail.length).put(detail).array();
    }

    /** Returns whether {@code key}, of {@link io.kvasir.store.engine.Family#RANGE}, is one of {@link #stagedKey}. */
    static boolean isStagedKey(byte[] key) {
        return key.length > HEADER_BYTES && key[HEADER_BYTES - 1] == STAGED;
    }

    /** Returns the detail of a key of {@link #stagedKey}. */
    static byte[] stagedDetailOf(byte[] key) {
        return Arrays.copyOfRange(key, HEADER_BYTES, key.length);
    }

    /** Returns the stem of the user key that {@code detail} names. */
    static byte[] stagedStem(byte[] detail) {
        return Arrays.copyOfRange(detail, Version.BYTES + 1, detail.length);
    }

    /**
     * Returns the key under which {@code region} keeps what another range keeps under {@code key}, of
     * {@link io.kvasir.store.engine.Family#RANGE}.
     */
    static byte[] keyFor(RegionId region, byte[] key) {
        byte[] copy = key.clone();
        ByteBuffer.wrap(copy).putLong(region.value());
        return copy;
    }

    /**
     * Returns whether a range made by a split begins with its parent's record at {@code key}: all but the applied
     * state, the descriptor, the counts and the notes of what is staged, which are its own.
     */
    static boolean isInherited(byte[] key) {
        return switch (key[HEADER_BYTES - 1]) {
            case APPLIED, DESCRIPTOR, KEY_COUNT, STAGED -> false;
            default -> true;
        };
    }

    /**
     * Returns what a note says of the sub-record at {@code key}: generation (12), kind (1), then the stem of its user
     * key.
     */
    static byte[] stagedDetail(byte[] key) {
        int kind = KeyLayout.stemLength(key);
        byte[] detail = new byte[Version.BYTES + 1 + kind];
        System.arraycopy(key, kind + 1, detail, 0, Version.BYTES);
        detail[Version.BYTES] = key[kind];
        System.arraycopy(key, 0, detail, Version.BYTES + 1, kind);
        return detail;
    }

    /** Returns the generation that {@code detail} names. */
    static Version stagedGeneration(byte[] detail) {
        return Version.read(detail, 0);
    }

    /** Returns the prefix of all sub-records that {@code detail} names. */
    static byte[] stagedPrefix(byte[] detail) {
        byte[] stem = Arrays.copyOfRange(detail, Version.BYTES + 1, detail.length);
        return KeyLayout.elementPrefix(stem, detail[Version.BYTES], stagedGeneration(detail));
    }

    /** Returns the first key after all state of {@code region}. */
    static byte[] end(RegionId region) {
        return ByteBuffer.allocate(8).putLong(region.value() + 1).array();
    }

    /** Returns the number at the end of a key of {@link #keyCountKey}, {@link #instanceKey} or {@link #retiredKey}. */
    static int detailOf(byte[] key) {
        return ByteBuffer.wrap(key).getInt(HEADER_BYTES);
    }

    private static ByteBuffer key(RegionId region, byte kind, int detailBytes) {
        return ByteBuffer.allocate(HEADER_BYTES + detailBytes)
                .putLong(region.value())
                .put(kind);
    }

    static byte[] encode(Applied applied) {
        return ByteBuffer.allocate(45)
                .put((byte) FORMAT)
                .putLong(applied.index)
                .putLong(applied.term)
                .putLong(applied.link.term())
                .putInt(applied.link.chain())
                .putLong(applied.link.sequence())
                .putLong(applied.timestamp)
                .array();
    }

    static Applied decodeApplied(byte[] bytes) {
        ByteBuffer in = checked(bytes, "apply state");
        return new Applied(
                in.getLong(), in.getLong(), new ChainLink(in.getLong(), in.getInt(), in.getLong()), in.getLong());
    }

    /** Returns {@code format | one | other}, as retentions and slices are written. */
    static byte[] encode(long one, long other) {
        return ByteBuffer.allocate(17)
                .put((byte) FORMAT)
                .putLong(one)
                .putLong(other)
                .array();
    }

    /** Returns the numbers in bytes of {@link #encode(long, long)}. */
    static long[] decodeNumbers(byte[] bytes, String what) {
        ByteBuffer in = checked(bytes, what);
        return new long[] {in.getLong(), in.getLong()};
    }

    static byte[] encode(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    static long decodeNumber(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }

    private static ByteBuffer checked(byte[] bytes, String what) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int format = in.get();
        if (format != FORMAT) {
            throw new IllegalArgumentException(what + " of format " + format + ", known is " + FORMAT);
        }
        return in;
    }
}
