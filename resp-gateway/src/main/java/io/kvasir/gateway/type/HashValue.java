package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyHash;
import io.kvasir.proto.key.Version;
import org.jspecify.annotations.Nullable;

/**
 * A hash. Up to {@link #INLINE_BYTES_MAX} bytes it stands in the root ({@link HashFields}); a larger one has a record
 * for each field ({@link HashedRecords} by XXH32 of the field), whose payload is the value. A hash once in records
 * stays there until it is replaced; its root keeps the exact number of fields.
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

    static final byte FLAG_TABLE = 1;

    private final Entry entry;
    private final long storedCount;
    private long count;
    private byte flags;
    private Version generation = Version.NONE;
    private @Nullable HashFields inline;
    private @Nullable HashedRecords records;

    private HashValue(Entry entry) {
        this.entry = entry;
        if (entry.exists()) {
            Root root = entry.root();
            count = root.count();
            flags = root.payload()[0];
            generation = root.generation();
            inline = root.isInline() ? new HashFields(root.payload()) : null;
            records = root.isInline() ? null : records(generation);
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
        return records().get(field);
    }

    /**
     * Counts the writing of {@code fields} and {@code values}, to be called before the first {@link #put} of a command.
     *
     * @throws CommandError "ERR value too large…" if they do not fit one command
     */
    public void claim(byte[][] fields, byte[][] values) throws CommandError {
        long keyBytes = HashedRecords.keyBytes(entry.stem());
        long bytes = HashFields.START;
        for (int i = 0; i < fields.length; i++) {
            bytes += keyBytes + fields[i].length + values[i].length;
        }
        entry.keyspace().claim(1 + fields.length, INLINE_BYTES_MAX + bytes);
    }

    /** Sets {@code field}; returns whether it is new. */
    public boolean put(byte[] field, byte[] value) {
        boolean added;
        HashFields fields = inline;
        if (fields == null) {
            added = records().put(field, value);
        } else {
            added = !fields.find(field);
            long kept = (long) fields.bytes().length - (added ? 0 : fields.entryBytes());
            if (kept + HashFields.size(field, value) > INLINE_BYTES_MAX) {
                spill(fields).put(field, value);
            } else if (added) {
                fields.add(field, value);
            } else {
                fields.replace(value);
            }
        }
        if (added) {
            count++;
        }
        Thresholds most = entry.keyspace().thresholds();
        if (count > most.hashEntries() || field.length > most.hashBytes() || value.length > most.hashBytes()) {
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
        } else if (!records().remove(field)) {
            return false;
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
            records().forEach(visitor::visit);
            return;
        }
        fields.rewind();
        while (fields.next() && visitor.visit(fields.field(), fields.value())) {
            // the visitor does the work
        }
    }

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
        return records().scanPage(fromHash, visitor::visit);
    }

    /**
     * Returns the records of a hash that is not inline.
     *
     * @throws IllegalStateException if it is
     */
    HashedRecords records() {
        HashedRecords existing = records;
        if (existing == null) {
            throw new IllegalStateException("a small hash has no records");
        }
        return existing;
    }

    private HashedRecords spill(HashFields fields) {
        generation = entry.keyspace().newGeneration();
        HashedRecords spilled = records(generation);
        inline = null;
        records = spilled;
        fields.rewind();
        while (fields.next()) {
            spilled.add(fields.field(), fields.value());
        }
        return spilled;
    }

    private HashedRecords records(Version generation) {
        return new HashedRecords(entry.keyspace().transaction(), entry.stem(), generation, KeyHash::of);
    }
}
