package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A string, which is also a bitmap. Up to {@link #INLINE_BYTES_MAX} bytes it stands in the root; a longer one in chunks
 * of {@link #CHUNK_BYTES}, so that a change within 512 MB touches its chunks alone. A chunk that is absent, and what a
 * chunk lacks at its end, is zero; the root's count is the length. A value once in chunks stays there until it is
 * replaced.
 *
 * <p>Confined to the thread that runs the command.
 */
public final class StringValue {

    /** Longest value that stands in the root record; chosen by bytes written per operation (rule K27). */
    public static final int INLINE_BYTES_MAX = 1_024;

    /** Bytes of a chunk; its number is 4 bytes, big-endian, after the generation. */
    public static final int CHUNK_BYTES = 16 << 10;

    /**
     * Longest write into the chunks of a value: a longer one does not fit one raft entry, and makes a new generation of
     * the whole value, which can be staged (rule K11).
     */
    static final int IN_PLACE_BYTES_MAX = 1 << 20;

    /** Longest value, Redis' proto-max-bulk-len. */
    public static final long LENGTH_MAX = 512L << 20;

    private static final CommandError TOO_LONG =
            new CommandError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    private static final CommandError OVERFLOW = new CommandError("ERR increment or decrement would overflow");
    private static final byte[] EMPTY = new byte[0];

    private final Entry entry;
    private final Transaction transaction;
    private @Nullable BitSet claimedChunks;
    private @Nullable Root root;
    private boolean rootClaimed;

    private StringValue(Entry entry) {
        this.entry = entry;
        this.transaction = entry.keyspace().transaction();
        this.root = entry.exists() ? entry.root() : null;
    }

    /** Returns the string that {@code entry} holds, which is a string or absent. */
    public static StringValue of(Entry entry) {
        return new StringValue(entry);
    }

    public Entry entry() {
        return entry;
    }

    public boolean exists() {
        return root != null;
    }

    /** Returns the length in bytes, 0 if the key does not exist. */
    public long length() {
        Root existing = root;
        return existing == null ? 0 : existing.count();
    }

    /** Returns the byte at {@code index}, 0 to 255; 0 beyond the end. */
    public int byteAt(long index) {
        byte[] one = range(index, index + 1);
        return one.length == 0 ? 0 : one[0] & 0xFF;
    }

    /** Returns the whole value, empty if the key does not exist. The array must not be changed. */
    public byte[] bytes() {
        return range(0, length());
    }

    /**
     * Returns the bytes from {@code from} inclusive to {@code to} exclusive, as far as the value has them. The array
     * must not be changed.
     */
    public byte[] range(long from, long to) {
        Root existing = root;
        long end = Math.min(to, length());
        if (existing == null || from >= end) {
            return EMPTY;
        }
        if (existing.isInline()) {
            return from == 0 && end == existing.payload().length
                    ? existing.payload()
                    : Arrays.copyOfRange(existing.payload(), (int) from, (int) end);
        }
        if (from / CHUNK_BYTES == (end - 1) / CHUNK_BYTES) {
            byte[] chunk = transaction.get(chunkKey(existing.generation(), (int) (from / CHUNK_BYTES)));
            int within = (int) (from % CHUNK_BYTES);
            if (chunk != null && within == 0 && chunk.length == end - from) {
                return chunk;
            }
            byte[] range = new byte[(int) (end - from)];
            if (chunk != null && within < chunk.length) {
                System.arraycopy(chunk, within, range, 0, Math.min(range.length, chunk.length - within));
            }
            return range;
        }
        byte[] range = new byte[(int) (end - from)];
        byte[] first = chunkKey(existing.generation(), (int) (from / CHUNK_BYTES));
        byte[] beyond = chunkKey(existing.generation(), (int) ((end - 1) / CHUNK_BYTES) + 1);
        try (Engine.Cursor cursor = transaction.scan(first, beyond, false)) {
            while (cursor.next()) {
                byte[] chunk = cursor.value();
                long chunkStart = (long) chunkNumber(cursor.key()) * CHUNK_BYTES;
                long copyFrom = Math.max(from, chunkStart);
                long copyTo = Math.min(end, chunkStart + chunk.length);
                if (copyFrom < copyTo) {
                    System.arraycopy(chunk, (int) (copyFrom - chunkStart), range, (int) (copyFrom - from), (int)
                            (copyTo - copyFrom));
                }
            }
        }
        return range;
    }

    /**
     * Returns the bytes from {@code start} to {@code end}, both inclusive and, if negative, counted from the end (redis
     * t_string.c, getrangeCommand).
     */
    public byte[] slice(long start, long end) {
        if (start < 0 && end < 0 && start > end) {
            return EMPTY;
        }
        long length = length();
        long from = start < 0 ? Math.max(0, length + start) : start;
        long to = end < 0 ? Math.max(0, length + end) : Math.min(end, length - 1);
        return range(from, to + 1);
    }

    /**
     * Adds {@code delta} to the decimal integer that the value is, 0 if the key is absent, and keeps the expiry.
     *
     * @return the sum
     * @throws CommandError if the value is no integer, or the sum would not be one of 64 bits
     */
    public long add(long delta) throws CommandError {
        long old =
                !exists() ? 0 : length() > NumberText.LONG_BYTES_MAX ? notAnInteger() : NumberText.parseLong(bytes());
        long sum = old + delta;
        if (((old ^ sum) & (delta ^ sum)) < 0) {
            throw OVERFLOW;
        }
        replace(NumberText.bytes(sum));
        entry.event(KeyspaceEvent.INCRBY);
        return sum;
    }

    /**
     * Replaces each of {@code keys}, whatever it held, by the value at its position; a key given twice gets the later
     * one.
     *
     * @throws CommandError if a value is too long, or all together are too much; nothing is written then
     */
    public static void replaceAll(Keyspace keyspace, byte[][] keys, byte[][] values) throws CommandError {
        for (int i = 0; i < keys.length; i++) {
            claimReplace(keyspace, keys[i].length, values[i]);
        }
        for (int i = 0; i < keys.length; i++) {
            Entry entry = keyspace.open(keys[i]);
            store(entry, values[i], 0);
            entry.event(KeyspaceEvent.SET);
        }
    }

    /**
     * Replaces the key, whatever it held, by {@code value}.
     *
     * @param entry of any type, perhaps absent
     * @param expiryMillis expiry in ms since the Unix epoch, 0 for none
     * @throws CommandError if the value is too long; nothing is written then
     */
    public static void replace(Entry entry, byte[] value, long expiryMillis) throws CommandError {
        claimReplace(entry.keyspace(), entry.userKey().length, value);
        store(entry, value, expiryMillis);
    }

    /**
     * Returns without effect if one command can write a value of {@code length} bytes; to be called before it is
     * computed.
     *
     * @throws CommandError if it cannot
     */
    public static void requireReplaceable(long length) throws CommandError {
        if (length > LENGTH_MAX) {
            throw TOO_LONG;
        }
        if (length > Keyspace.EFFECT_BYTES_MAX) {
            throw Keyspace.TOO_LARGE;
        }
    }

    private static void store(Entry entry, byte[] value, long expiryMillis) {
        entry.dropElements();
        if (value.length <= INLINE_BYTES_MAX) {
            entry.put(Root.inline(RootType.STRING, expiryMillis, value.length, value));
            return;
        }
        Version generation = entry.keyspace().newGeneration();
        byte[] stem = entry.stem();
        for (int at = 0, number = 0; at < value.length; at += CHUNK_BYTES, number++) {
            byte[] chunk = Arrays.copyOfRange(value, at, Math.min(value.length, at + CHUNK_BYTES));
            entry.keyspace().transaction().put(chunkKey(stem, generation, number), chunk);
        }
        entry.put(new Root(RootType.STRING, expiryMillis, generation, value.length, EMPTY));
    }

    /** Replaces the value and keeps the expiry; the key may be absent. */
    public void replace(byte[] value) throws CommandError {
        replace(entry, value, entry.expiryMillis());
        root = entry.root();
    }

    /**
     * Writes {@code data} at {@code offset}; what lies between the end and {@code offset} becomes zero. Creates the key
     * if it is absent, keeps the expiry. Without effect if {@code data} is empty.
     *
     * @throws CommandError if the value would become too long or the command write too much; nothing is written then
     */
    public void write(long offset, byte[] data) throws CommandError {
        if (data.length == 0) {
            return;
        }
        claimWrite(offset, data.length);
        long newLength = Math.max(length(), offset + data.length);
        Root existing = root;
        Root updated;
        if (existing != null && !existing.isInline() && data.length <= IN_PLACE_BYTES_MAX) {
            writeChunks(existing.generation(), offset, data);
            updated = existing.withCount(newLength);
        } else if (existing != null && !existing.isInline()) {
            Version generation = entry.keyspace().newGeneration();
            copyChunks(existing, generation, offset, offset + data.length);
            writeChunks(generation, offset, data);
            entry.dropElements();
            updated = new Root(RootType.STRING, entry.expiryMillis(), generation, newLength, EMPTY);
        } else {
            byte[] payload = existing == null ? EMPTY : existing.payload();
            if (newLength <= INLINE_BYTES_MAX) {
                byte[] grown = Arrays.copyOf(payload, (int) newLength);
                System.arraycopy(data, 0, grown, (int) offset, data.length);
                updated = Root.inline(RootType.STRING, entry.expiryMillis(), newLength, grown);
            } else {
                Version generation = entry.keyspace().newGeneration();
                if (payload.length > 0) {
                    transaction.put(chunkKey(generation, 0), payload);
                }
                writeChunks(generation, offset, data);
                updated = new Root(RootType.STRING, entry.expiryMillis(), generation, newLength, EMPTY);
            }
        }
        entry.put(updated);
        root = updated;
    }

    /**
     * Counts a coming {@link #write} of {@code bytes} bytes at {@code offset} against what the command may write; a
     * command of several writes calls this for all of them before the first.
     *
     * @throws CommandError if the value would become too long or the command write too much
     */
    public void claimWrite(long offset, long bytes) throws CommandError {
        if (offset > LENGTH_MAX - bytes) {
            throw TOO_LONG;
        }
        long newLength = Math.max(length(), offset + bytes);
        long keyBytes = entry.rootKey().length;
        if (!rootClaimed) {
            rootClaimed = true;
            entry.keyspace().claim(1, keyBytes + INLINE_BYTES_MAX);
        }
        if (newLength > INLINE_BYTES_MAX) {
            BitSet claimed = claimedChunks == null ? new BitSet() : claimedChunks;
            claimedChunks = claimed;
            for (int number = (int) (offset / CHUNK_BYTES); (long) number * CHUNK_BYTES < offset + bytes; number++) {
                if (!claimed.get(number)) {
                    claimed.set(number);
                    entry.keyspace().claim(1, keyBytes + Version.BYTES + Integer.BYTES + CHUNK_BYTES);
                }
            }
        }
    }

    /** Copies the chunks of {@code existing}, but for those that lie wholly between the bounds. */
    private void copyChunks(Root existing, Version generation, long from, long to) {
        byte[] prefix = KeyLayout.elementPrefix(entry.stem(), KeyLayout.KIND_ELEMENT, existing.generation());
        try (Engine.Cursor cursor = transaction.scan(prefix, KeyLayout.after(prefix), false)) {
            while (cursor.next()) {
                int number = chunkNumber(cursor.key());
                long start = (long) number * CHUNK_BYTES;
                if (start < from || start + CHUNK_BYTES > to) {
                    transaction.put(chunkKey(generation, number), cursor.value());
                }
            }
        }
    }

    private void writeChunks(Version generation, long offset, byte[] data) {
        long end = offset + data.length;
        for (long at = offset; at < end; ) {
            int number = (int) (at / CHUNK_BYTES);
            int within = (int) (at % CHUNK_BYTES);
            int count = (int) Math.min(end - at, CHUNK_BYTES - within);
            byte[] key = chunkKey(generation, number);
            byte[] old = transaction.get(key);
            int oldLength = old == null ? 0 : old.length;
            byte[] chunk = new byte[Math.max(oldLength, within + count)];
            if (old != null) {
                System.arraycopy(old, 0, chunk, 0, oldLength);
            }
            System.arraycopy(data, (int) (at - offset), chunk, within, count);
            transaction.put(key, chunk);
            at += count;
        }
    }

    private static void claimReplace(Keyspace keyspace, int userKeyBytes, byte[] value) throws CommandError {
        if (value.length > LENGTH_MAX) {
            throw TOO_LONG;
        }
        long records = 1 + (value.length <= INLINE_BYTES_MAX ? 0 : chunks(value.length));
        keyspace.claim(records, value.length + records * (KeyLayout.PREFIX_BYTES + userKeyBytes));
    }

    private static long notAnInteger() throws CommandError {
        throw CommandError.NOT_AN_INTEGER;
    }

    static void dropChunks(Entry entry, Root root) {
        byte[] stem = entry.stem();
        byte[] from = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, root.generation());
        long chunks = chunks(root.count());
        boolean singly = chunks <= Entry.DELETE_SINGLY_MAX
                && chunks * (from.length + Integer.BYTES) <= Entry.DELETE_SINGLY_BYTES_MAX;
        Optional<List<byte[]>> keys = Optional.empty();
        if (singly) {
            List<byte[]> each = new ArrayList<>();
            for (int number = 0; number < chunks; number++) {
                each.add(chunkKey(stem, root.generation(), number));
            }
            keys = Optional.of(each);
        }
        entry.drop(keys, from, KeyLayout.after(from));
    }

    private static long chunks(long length) {
        return (length + CHUNK_BYTES - 1) / CHUNK_BYTES;
    }

    private byte[] chunkKey(Version generation, int number) {
        return chunkKey(entry.stem(), generation, number);
    }

    private static byte[] chunkKey(byte[] stem, Version generation, int number) {
        byte[] suffix = {(byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number};
        return KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, generation, suffix);
    }

    private static int chunkNumber(byte[] key) {
        int at = key.length - 4;
        return (key[at] & 0xFF) << 24 | (key[at + 1] & 0xFF) << 16 | (key[at + 2] & 0xFF) << 8 | key[at + 3] & 0xFF;
    }
}
