package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A string, which is also a bitmap. Up to {@link #INLINE_BYTES_MAX} bytes it stands in the root; a longer one in chunks of
 * {@link #CHUNK_BYTES}, so that a change within 512 MB touches its chunks alone. A chunk that is absent, and what a chunk
 * lacks at its end, is zero; the root's count is the length. A value once in chunks stays there until it is replaced.
 *
 * <p>Confined to the thread that runs the command.
 */
public final class StringValue {

    /** Longest value that stands in the root record; chosen by bytes written per operation (rule K27). */
    public static final int INLINE_BYTES_MAX = 1_024;

    /** Bytes of a chunk; its number is 4 bytes, big-endian, after the generation. */
    public static final int CHUNK_BYTES = 16 << 10;

    /** Longest value, Redis' proto-max-bulk-len. */
    public static final long LENGTH_MAX = 512L << 20;

    private static final CommandError TOO_LONG =
            new CommandError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    private static final byte[] EMPTY = new byte[0];

    private final Entry entry;
    private final Transaction transaction;
    private @Nullable Root root;

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

    /** Returns the whole value, empty if the key does not exist. */
    public byte[] bytes() {
        return range(0, length());
    }

    /** Returns the bytes from {@code from} inclusive to {@code to} exclusive, as far as the value has them. */
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
     * Replaces the key, whatever it held, by {@code value}.
     *
     * @param entry of any type, perhaps absent
     * @param expiryMillis expiry in ms since the Unix epoch, 0 for none
     * @throws CommandError if the value is too long; nothing is written then
     */
    public static void replace(Entry entry, byte[] value, long expiryMillis) throws CommandError {
        claimReplace(entry, value);
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

    private static void claimReplace(Entry entry, byte[] value) throws CommandError {
        if (value.length > LENGTH_MAX) {
            throw TOO_LONG;
        }
        long chunks = value.length <= INLINE_BYTES_MAX ? 0 : chunks(value.length);
        entry.keyspace().claim(1 + chunks, value.length + (1 + chunks) * entry.rootKey().length);
    }

    static void dropChunks(Transaction transaction, byte[] stem, Root root) {
        long chunks = chunks(root.count());
        if (chunks <= Entry.DELETE_SINGLY_MAX) {
            for (int number = 0; number < chunks; number++) {
                transaction.delete(chunkKey(stem, root.generation(), number));
            }
        } else {
            byte[] from = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, root.generation());
            transaction.deleteRange(from, KeyLayout.after(from));
        }
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
