package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A group of consumers of a stream. Its record, behind its name, is
 *
 * <pre>
 *   number | last id, two varints | entries read + 1 | pending | consumers | next consumer, varints
 * </pre>
 *
 * and behind {@code 03 | number (4)} are, by one more byte,
 *
 * <pre>
 *   01 | name of a consumer: its number, varint
 *   02 | number of a consumer (4): the consumer, see {@link StreamConsumer}
 *   03 | id (16): a pending entry: number of its consumer, time of delivery, deliveries, varints
 *   04 | number of a consumer (4) | id (16): empty, there is such a pending entry
 * </pre>
 *
 * Numbers are never given twice within a stream, or a group; so a group or a consumer with many records goes by a range
 * delete.
 *
 * <p>Pending entries are written at once; what else has changed by {@link #store}, which every change must be followed
 * by, and that by {@link StreamValue#store}. Confined to the thread that runs the command.
 */
public final class StreamGroup {

    /** What {@link #entriesRead} is where it cannot be told. */
    public static final long UNKNOWN = -1;

    private static final byte TAG_GROUP = 2;
    private static final byte TAG_OF_GROUP = 3;
    private static final byte TAG_NAME = 1;
    private static final byte TAG_CONSUMER = 2;
    private static final byte TAG_PENDING = 3;
    private static final byte TAG_OWNED = 4;

    private final StreamValue stream;
    private final Transaction transaction;
    private final byte[] name;
    private final int number;
    private final Map<Integer, StreamConsumer> consumers = new HashMap<>();
    private StreamId lastId;
    private long entriesRead;
    private long pending;
    private long consumerCount;
    private int nextConsumer;

    private StreamGroup(StreamValue stream, byte[] name, int number, StreamId lastId, long entriesRead) {
        this.stream = stream;
        this.transaction = stream.transaction();
        this.name = name;
        this.number = number;
        this.lastId = lastId;
        this.entriesRead = entriesRead;
    }

    /** Returns the group named {@code name}, null if there is none. */
    public static @Nullable StreamGroup find(StreamValue stream, byte[] name) {
        if (stream.groups() == 0) {
            return null;
        }
        byte[] record = stream.transaction().get(stream.key(nameSuffix(name)));
        return record == null ? null : decode(stream, name, record);
    }

    /** Makes a group named {@code name}, which there is none of. */
    public static StreamGroup create(StreamValue stream, byte[] name, StreamId lastId, long entriesRead) {
        return new StreamGroup(stream, name, stream.addGroup(), lastId, entriesRead);
    }

    /** Returns all groups of {@code stream} in the order of their names. */
    public static List<StreamGroup> all(StreamValue stream) {
        List<StreamGroup> groups = new ArrayList<>();
        if (stream.groups() == 0) {
            return groups;
        }
        byte[] prefix = stream.key(new byte[] {TAG_GROUP});
        try (Engine.Cursor cursor = stream.transaction().scan(prefix, KeyLayout.after(prefix), false)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                groups.add(decode(stream, Arrays.copyOfRange(key, prefix.length, key.length), cursor.value()));
            }
        }
        return groups;
    }

    private static StreamGroup decode(StreamValue stream, byte[] name, byte[] record) {
        WireReader in = new WireReader(record);
        int number = (int) in.varint();
        StreamId lastId = new StreamId(in.varint(), in.varint());
        StreamGroup group = new StreamGroup(stream, name, number, lastId, in.varint() - 1);
        group.pending = in.varint();
        group.consumerCount = in.varint();
        group.nextConsumer = (int) in.varint();
        in.end();
        return group;
    }

    private byte[] encode() {
        WireWriter out = new WireWriter(32);
        out.varint(number).varint(lastId.millis()).varint(lastId.sequence()).varint(entriesRead + 1);
        out.varint(pending).varint(consumerCount).varint(nextConsumer);
        return out.toBytes();
    }

    public byte[] name() {
        return name;
    }

    /** Returns the last id that was delivered to a consumer. */
    public StreamId lastId() {
        return lastId;
    }

    /** Returns how many entries up to {@link #lastId} there ever were, {@link #UNKNOWN} if that is not known. */
    public long entriesRead() {
        return entriesRead;
    }

    /** Returns how many entries are pending. */
    public long pending() {
        return pending;
    }

    /** Returns the number of consumers. */
    public long consumerCount() {
        return consumerCount;
    }

    /** Sets where the group stands. */
    public void set(StreamId lastId, long entriesRead) {
        this.lastId = lastId;
        this.entriesRead = entriesRead;
    }

    /** Moves on to {@code id}, an entry of the stream that is delivered; without effect if that is behind. */
    public void deliver(StreamId id) {
        if (id.isAfter(lastId)) {
            if (entriesRead != UNKNOWN && !stream.hasTombstoneFrom(id)) {
                entriesRead++;
            } else if (stream.added() != 0) {
                entriesRead = stream.readUpTo(id);
            }
            lastId = id;
        }
    }

    /**
     * Returns how many entries are still to be delivered, empty if that is not known. Below 0 if the group was said to
     * have read more than there are.
     */
    public OptionalLong lag() {
        if (stream.added() == 0) {
            return OptionalLong.of(0);
        }
        boolean exact = entriesRead != UNKNOWN && !stream.hasTombstoneFrom(lastId);
        long read = exact ? entriesRead : stream.readUpTo(lastId);
        return read == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(stream.added() - read);
    }

    /** Returns the consumer named {@code consumer}, null if there is none. */
    public @Nullable StreamConsumer consumer(byte[] consumer) {
        byte[] record = transaction.get(key(TAG_NAME, consumer));
        return record == null ? null : consumer((int) Varint.read(record, 0));
    }

    /** Returns the consumer numbered {@code consumer}, which there is. */
    public StreamConsumer consumer(int consumer) {
        StreamConsumer known = consumers.get(consumer);
        if (known == null) {
            byte[] record = transaction.get(key(TAG_CONSUMER, numberBytes(consumer)));
            if (record == null) {
                throw new IllegalStateException("consumer " + consumer + " of group " + number + " is missing");
            }
            known = StreamConsumer.decode(consumer, record);
            consumers.put(consumer, known);
        }
        return known;
    }

    /** Makes a consumer named {@code consumer}, which there is none of. */
    public StreamConsumer addConsumer(byte[] consumer) {
        StreamConsumer made = new StreamConsumer(nextConsumer++, consumer, transaction.timeMillis());
        byte[] record = new byte[Varint.size(made.number())];
        Varint.write(record, 0, made.number());
        transaction.put(key(TAG_NAME, consumer), record);
        consumers.put(made.number(), made);
        consumerCount++;
        stream.countGroupRecords(2);
        return made;
    }

    /** Returns all consumers in the order of their names. */
    public List<StreamConsumer> consumers() {
        List<Integer> numbers = new ArrayList<>();
        byte[] prefix = key(TAG_NAME, new byte[0]);
        try (Engine.Cursor cursor = transaction.scan(prefix, KeyLayout.after(prefix), false)) {
            while (cursor.next()) {
                numbers.add((int) Varint.read(cursor.value(), 0));
            }
        }
        return numbers.stream().map(this::consumer).toList();
    }

    /**
     * Removes {@code consumer} with all that is pending for it; returns how many entries that were.
     *
     * @throws CommandError "ERR value too large…" if so many removals do not fit one command; nothing is written then
     */
    public long removeConsumer(StreamConsumer consumer) throws CommandError {
        byte[] owned = key(TAG_OWNED, numberBytes(consumer.number()));
        List<byte[]> keys = new ArrayList<>();
        try (Engine.Cursor cursor = transaction.scan(owned, KeyLayout.after(owned), false)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                keys.add(key);
                stream.entry().keyspace().claim(2, 2L * key.length);
            }
        }
        for (byte[] key : keys) {
            transaction.delete(key(TAG_PENDING, Arrays.copyOfRange(key, owned.length, key.length)));
        }
        boolean few = keys.size() <= Entry.DELETE_SINGLY_MAX;
        stream.entry().drop(few ? Optional.of(keys) : Optional.empty(), owned, KeyLayout.after(owned));
        transaction.delete(key(TAG_NAME, consumer.name()));
        transaction.delete(key(TAG_CONSUMER, numberBytes(consumer.number())));
        consumers.remove(consumer.number());
        consumerCount--;
        pending -= keys.size();
        stream.countGroupRecords(-2 - 2L * keys.size());
        return keys.size();
    }

    /** Removes the group and all that belongs to it. */
    public void remove() {
        byte[] prefix = stream.key(ofGroup());
        byte[] end = KeyLayout.after(prefix);
        long records = 2 * consumerCount + 2 * pending;
        Optional<List<byte[]>> keys = Optional.empty();
        if (records <= Entry.DELETE_SINGLY_MAX) {
            List<byte[]> found = new ArrayList<>();
            try (Engine.Cursor cursor = transaction.scan(prefix, end, false)) {
                while (cursor.next()) {
                    found.add(cursor.key());
                }
            }
            keys = Optional.of(found);
        }
        stream.entry().drop(keys, prefix, end);
        transaction.delete(stream.key(nameSuffix(name)));
        stream.removeGroup(1 + records);
    }

    /** Returns the pending entry {@code id}, null if it is not pending. */
    public @Nullable StreamPending findPending(StreamId id) {
        byte[] record = transaction.get(key(TAG_PENDING, idBytes(id)));
        return record == null ? null : StreamPending.decode(id, record);
    }

    /**
     * Notes {@code entry} as pending for its consumer.
     *
     * @param old as it stood so far, null if it was not pending
     */
    public void putPending(@Nullable StreamPending old, StreamPending entry) {
        byte[] id = idBytes(entry.id());
        if (old == null) {
            pending++;
            stream.countGroupRecords(2);
        } else if (old.consumer() != entry.consumer()) {
            transaction.delete(ownedKey(old.consumer(), id));
            consumer(old.consumer()).addPending(-1);
        }
        if (old == null || old.consumer() != entry.consumer()) {
            transaction.put(ownedKey(entry.consumer(), id), new byte[0]);
            consumer(entry.consumer()).addPending(1);
        }
        transaction.put(key(TAG_PENDING, id), entry.encode());
    }

    /** Removes {@code entry}, which is pending. */
    public void removePending(StreamPending entry) {
        byte[] id = idBytes(entry.id());
        transaction.delete(key(TAG_PENDING, id));
        transaction.delete(ownedKey(entry.consumer(), id));
        consumer(entry.consumer()).addPending(-1);
        pending--;
        stream.countGroupRecords(-2);
    }

    /** Gets pending entries. */
    @FunctionalInterface
    public interface Visitor {

        /** Takes one; returns whether to go on. */
        boolean visit(StreamPending entry);
    }

    /** Visits the pending entries from {@code from} to {@code to}, both included, until the visitor has enough. */
    public void pendingBetween(StreamId from, StreamId to, boolean reverse, Visitor visitor) {
        if (pending == 0 || from.isAfter(to)) {
            return;
        }
        byte[] first = key(TAG_PENDING, idBytes(from));
        byte[] last = key(TAG_PENDING, idBytes(to));
        try (Engine.Cursor cursor = transaction.scan(first, Arrays.copyOf(last, last.length + 1), reverse)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                StreamId id = StreamId.read(key, key.length - StreamId.BYTES);
                if (!visitor.visit(StreamPending.decode(id, cursor.value()))) {
                    return;
                }
            }
        }
    }

    /** Returns the ids pending for {@code consumer} from {@code from} to {@code to}, at most {@code most} of them. */
    public List<StreamId> pendingOf(StreamConsumer consumer, StreamId from, StreamId to, long most) {
        List<StreamId> ids = new ArrayList<>();
        if (consumer.pending() == 0 || from.isAfter(to)) {
            return ids;
        }
        byte[] first = ownedKey(consumer.number(), idBytes(from));
        byte[] last = ownedKey(consumer.number(), idBytes(to));
        try (Engine.Cursor cursor = transaction.scan(first, Arrays.copyOf(last, last.length + 1), false)) {
            while (ids.size() < most && cursor.next()) {
                byte[] key = cursor.key();
                ids.add(StreamId.read(key, key.length - StreamId.BYTES));
            }
        }
        return ids;
    }

    /** Writes the group and the consumers that have changed. */
    public void store() {
        for (StreamConsumer consumer : consumers.values()) {
            if (consumer.isChanged()) {
                transaction.put(key(TAG_CONSUMER, numberBytes(consumer.number())), consumer.encode());
            }
        }
        transaction.put(stream.key(nameSuffix(name)), encode());
    }

    private byte[] ownedKey(int consumer, byte[] id) {
        byte[] suffix = Arrays.copyOf(numberBytes(consumer), Integer.BYTES + id.length);
        System.arraycopy(id, 0, suffix, Integer.BYTES, id.length);
        return key(TAG_OWNED, suffix);
    }

    private byte[] key(byte tag, byte[] rest) {
        byte[] prefix = ofGroup();
        byte[] suffix = Arrays.copyOf(prefix, prefix.length + 1 + rest.length);
        suffix[prefix.length] = tag;
        System.arraycopy(rest, 0, suffix, prefix.length + 1, rest.length);
        return stream.key(suffix);
    }

    private byte[] ofGroup() {
        byte[] suffix = new byte[1 + Integer.BYTES];
        suffix[0] = TAG_OF_GROUP;
        System.arraycopy(numberBytes(number), 0, suffix, 1, Integer.BYTES);
        return suffix;
    }

    private static byte[] nameSuffix(byte[] name) {
        byte[] suffix = new byte[1 + name.length];
        suffix[0] = TAG_GROUP;
        System.arraycopy(name, 0, suffix, 1, name.length);
        return suffix;
    }

    private static byte[] numberBytes(int number) {
        return new byte[] {(byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number};
    }

    private static byte[] idBytes(StreamId id) {
        byte[] bytes = new byte[StreamId.BYTES];
        id.write(bytes, 0);
        return bytes;
    }
}
