package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyHash;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A hash. Up to {@link #INLINE_BYTES_MAX} bytes it stands in the root ({@link HashFields}); a larger one has a record
 * for each field, whose sub-key after the generation is
 *
 * <pre>
 *   XXH32 of the field (4, big-endian) | field
 * </pre>
 *
 * and whose payload is the value. The hash in front makes the cursor of HSCAN exact and stateless, as that of SCAN is:
 * it is the hash at which to go on, and a page ends between different hashes only. It also lets a random field be found
 * by a random hash. A hash once in records stays there until it is replaced; its root keeps the exact number of fields.
 *
 * <p>The payload of the root starts with a byte of flags. {@link #FLAG_TABLE} says that Redis would keep this hash as a
 * hash table, which, as there, stays so when it shrinks.
 *
 * <p>Changes to a small hash are written by {@link #store}, which every change must be followed by, because the root's
 * version is that of the hash (rule K20). Confined to the thread that runs the command.
 */
public final class HashValue {

    /** Largest payload of a root that holds its fields itself; chosen by bytes written per operation (rule K27). */
    public static final int INLINE_BYTES_MAX = 1_024;

    /** Most fields that Redis keeps in a listpack: the default of hash-max-listpack-entries. */
    public static final int LISTPACK_FIELDS_MAX = 512;

    /** Longest field or value that Redis keeps in a listpack: the default of hash-max-listpack-value. */
    public static final int LISTPACK_BYTES_MAX = 64;

    static final byte FLAG_TABLE = 1;

    private static final int HASH_BYTES = 4;

    private final Entry entry;
    private final Transaction transaction;
    private final byte[] stem;
    private final long storedCount;
    private long count;
    private byte flags;
    private Version generation = Version.NONE;
    private @Nullable HashFields inline;

    private HashValue(Entry entry) {
        this.entry = entry;
        this.transaction = entry.keyspace().transaction();
        this.stem = entry.stem();
        if (entry.exists()) {
            Root root = entry.root();
            count = root.count();
            flags = root.payload()[0];
            generation = root.generation();
            inline = root.isInline() ? new HashFields(root.payload()) : null;
        } else {
            inline = new HashFields(new byte[] {0});
        }
        storedCount = count;
    }

    /**
     * Opens {@code userKey} as a hash, perhaps absent.
     *
     * @throws CommandError WRONGTYPE if it holds another type
     */
    public static HashValue open(Keyspace keyspace, byte[] userKey) throws CommandError {
        return new HashValue(keyspace.open(userKey).require(RootType.HASH));
    }

    public Entry entry() {
        return entry;
    }

    /** Returns the number of fields, 0 if the key does not exist. */
    public long size() {
        return count;
    }

    /** Returns whether all fields stand in the root, so that reading them costs no more records. */
    public boolean isInline() {
        return inline != null;
    }

    /** Returns what OBJECT ENCODING answers: "listpack" or "hashtable". */
    public String encoding() {
        return (flags & FLAG_TABLE) == 0 ? "listpack" : "hashtable";
    }

    /** Returns the value of {@code field}, null if there is none. */
    public byte @Nullable [] get(byte[] field) {
        HashFields fields = inline;
        if (fields != null) {
            return fields.find(field) ? fields.value() : null;
        }
        return transaction.get(fieldKey(field));
    }

    /**
     * Counts the writing of {@code fields} and {@code values}, to be called before the first {@link #put} of a command.
     *
     * @throws CommandError "ERR value too large…" if they do not fit one command
     */
    public void claim(byte[][] fields, byte[][] values) throws CommandError {
        long bytes = HashFields.START;
        for (int i = 0; i < fields.length; i++) {
            bytes += stem.length + Version.BYTES + HASH_BYTES + fields[i].length + values[i].length;
        }
        entry.keyspace().claim(1 + fields.length, INLINE_BYTES_MAX + bytes);
    }

    /** Sets {@code field}; returns whether it is new. */
    public boolean put(byte[] field, byte[] value) {
        boolean added;
        HashFields fields = inline;
        if (fields == null) {
            byte[] key = fieldKey(field);
            added = transaction.get(key) == null;
            transaction.put(key, value);
        } else {
            added = !fields.find(field);
            long kept = (long) fields.bytes().length - (added ? 0 : fields.entryBytes());
            if (kept + HashFields.size(field, value) > INLINE_BYTES_MAX) {
                spill(fields);
                transaction.put(fieldKey(field), value);
            } else if (added) {
                fields.add(field, value);
            } else {
                fields.replace(value);
            }
        }
        if (added) {
            count++;
        }
        if (count > LISTPACK_FIELDS_MAX || field.length > LISTPACK_BYTES_MAX || value.length > LISTPACK_BYTES_MAX) {
            flags |= FLAG_TABLE;
        }
        return added;
    }

    /** Makes the hash one that Redis keeps as a hash table, whatever its fields are. */
    public void markTable() {
        flags |= FLAG_TABLE;
    }

    /** Removes {@code field}; returns whether it was there. */
    public boolean remove(byte[] field) {
        HashFields fields = inline;
        if (fields != null) {
            if (!fields.find(field)) {
                return false;
            }
            fields.remove();
        } else {
            byte[] key = fieldKey(field);
            if (transaction.get(key) == null) {
                return false;
            }
            transaction.delete(key);
        }
        count--;
        return true;
    }

    /** Writes the root of a changed hash; removes the key if no field is left. */
    public void store() {
        if (count == 0) {
            if (storedCount > 0) {
                entry.remove();
            }
            return;
        }
        HashFields fields = inline;
        byte[] payload =
                fields == null ? new byte[HashFields.START] : fields.bytes().clone();
        payload[0] = flags;
        entry.put(new Root(RootType.HASH, entry.expiryMillis(), generation, count, payload));
    }

    /** Gets fields and values; both are fresh arrays. */
    @FunctionalInterface
    public interface Visitor {

        /** Takes one field; returns whether to go on. */
        boolean visit(byte[] field, byte[] value);
    }

    /** Visits all fields: of a small hash in the order of insertion, else in the order of their hashes. */
    public void forEach(Visitor visitor) {
        HashFields fields = inline;
        if (fields == null) {
            scan(0, HASHES, visitor);
            return;
        }
        fields.rewind();
        while (fields.next() && visitor.visit(fields.field(), fields.value())) {
            // the visitor does the work
        }
    }

    /** Number of different hashes of fields: cursors of {@link #scan} are below it. */
    public static final long HASHES = 1L << Integer.SIZE;

    /**
     * Visits the fields whose hash is at least {@code fromHash} until the visitor has enough; goes on until the hash
     * changes, so that no field is left behind. A small hash is visited whole.
     *
     * @return the hash at which to go on, 0 at the end
     */
    public long scanPage(long fromHash, Visitor visitor) {
        if (inline != null) {
            forEach((field, value) -> {
                visitor.visit(field, value);
                return true;
            });
            return 0;
        }
        if (fromHash < 0 || fromHash >= HASHES) {
            return 0;
        }
        long[] stop = {0};
        boolean[] enough = {false};
        long[] last = {-1};
        scan(fromHash, HASHES, (field, value) -> {
            long hash = hash(field);
            if (enough[0] && hash != last[0]) {
                stop[0] = hash;
                return false;
            }
            last[0] = hash;
            enough[0] |= !visitor.visit(field, value);
            return true;
        });
        return stop[0];
    }

    /**
     * Visits the fields of a hash in records from {@code fromHash} inclusive to {@code toHash} exclusive, in the order
     * of their hashes, until the visitor has enough.
     */
    void scan(long fromHash, long toHash, Visitor visitor) {
        byte[] prefix = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, generation);
        byte[] from = withHash(prefix, (int) fromHash, new byte[0]);
        byte[] to = toHash == HASHES ? KeyLayout.after(prefix) : withHash(prefix, (int) toHash, new byte[0]);
        try (Engine.Cursor cursor = transaction.scan(from, to, false)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                byte[] field = Arrays.copyOfRange(key, prefix.length + HASH_BYTES, key.length);
                if (!visitor.visit(field, cursor.value())) {
                    return;
                }
            }
        }
    }

    private void spill(HashFields fields) {
        generation = entry.keyspace().newGeneration();
        inline = null;
        fields.rewind();
        while (fields.next()) {
            transaction.put(fieldKey(fields.field()), fields.value());
        }
    }

    private static long hash(byte[] field) {
        return KeyHash.of(field) & 0xFFFF_FFFFL;
    }

    private byte[] fieldKey(byte[] field) {
        byte[] prefix = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, generation);
        return withHash(prefix, KeyHash.of(field), field);
    }

    private static byte[] withHash(byte[] prefix, int hash, byte[] field) {
        byte[] key = Arrays.copyOf(prefix, prefix.length + HASH_BYTES + field.length);
        key[prefix.length] = (byte) (hash >>> 24);
        key[prefix.length + 1] = (byte) (hash >>> 16);
        key[prefix.length + 2] = (byte) (hash >>> 8);
        key[prefix.length + 3] = (byte) hash;
        System.arraycopy(field, 0, key, prefix.length + HASH_BYTES, field.length);
        return key;
    }
}
